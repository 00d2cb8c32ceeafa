"""Redirects: to other hosts, back, in loops, and to where it is not safe."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.certificates import Authority
from support.faults.answers import (
    chain,
    challenge,
    close_without_answer,
    headers,
    html,
    json_error,
    redirect,
    reset_after,
    status,
    truncate_after,
    wrong_bytes,
)
from support.faults.client import (
    BLOB,
    PASSWORD,
    SIGNATURE,
    SOURCE,
    USER,
    WEB,
    MakeClient,
    authorizations,
    leaks,
    login,
    ranges,
)
from support.faults.registry import FaultRegistry
from support.faults.server import Answer
from support.faults.tokens import basic
from support.oci import digest

NAME = digest(BLOB)
PATH = f"/v2/web/blobs/{NAME}"
CODES = [301, 302, 303, 307, 308]


def presigned(cdn: FaultRegistry) -> str:
    return f"{cdn.url}/data/{NAME}?X-Amz-Credential=AKIA&X-Amz-Signature={SIGNATURE}"


class TestToAnotherHost:
    @pytest.mark.parametrize("code", CODES)
    def test_a_blob_is_fetched_there_without_credentials(
        self, registry: FaultRegistry, elsewhere: FaultRegistry, client: MakeClient, code: int
    ) -> None:
        elsewhere.add_blob(BLOB)
        registry.require_basic(USER, PASSWORD)
        registry.script("GET", PATH, redirect(presigned(elsewhere), code))
        made = client(registry, logins={registry: login(password=PASSWORD)})
        assert made.blob(NAME) == BLOB
        assert registry.lines() == [f"GET {PATH}"] * 2
        assert authorizations(registry) == [None, basic(USER, PASSWORD)]
        assert elsewhere.lines() == ["GET " + presigned(elsewhere).removeprefix(elsewhere.url)]
        assert authorizations(elsewhere) == [None]
        sent = {name.lower() for name, _ in elsewhere.requests[0].headers}
        assert sent <= {"host", "user-agent", "accept", "accept-encoding", "connection"}

    @pytest.mark.parametrize("code", CODES)
    def test_a_manifest_is_fetched_there_without_credentials(
        self, registry: FaultRegistry, elsewhere: FaultRegistry, client: MakeClient, code: int
    ) -> None:
        elsewhere.add("web:1", WEB)
        registry.grant_tokens(require_basic=(USER, PASSWORD))
        for method in ("HEAD", "GET"):
            away = redirect(elsewhere.url, code, keep_path=True)
            registry.script(method, "/manifests/1", away)
        made = client(registry, logins={registry: login(password=PASSWORD)})
        assert made.digest() == WEB.digest
        assert made.data() == WEB.manifest
        path = "/v2/web/manifests/1"
        assert elsewhere.lines() == [f"HEAD {path}", f"GET {path}"]
        assert leaks(elsewhere, "token-") == []
        assert authorizations(elsewhere) == [None, None]

    def test_tags_are_listed_there_without_credentials(
        self, registry: FaultRegistry, elsewhere: FaultRegistry, client: MakeClient
    ) -> None:
        elsewhere.add("web:2", WEB)
        registry.require_basic(USER, PASSWORD)
        registry.script("GET", "/tags/list", redirect(elsewhere.url, keep_path=True))
        made = client(registry, logins={registry: login(password=PASSWORD)})
        assert made.tags() == ["2"]
        assert authorizations(elsewhere) == [None]

    def test_cookies_stay_behind(
        self, registry: FaultRegistry, elsewhere: FaultRegistry, client: MakeClient
    ) -> None:
        elsewhere.add_blob(BLOB)
        cookie = headers({"Set-Cookie": f"session={PASSWORD}; Path=/"})
        registry.script("GET", PATH, chain(redirect(presigned(elsewhere)), cookie))
        assert client(registry).blob(NAME) == BLOB
        assert "Cookie" not in elsewhere.requests[0].headers
        assert "Referer" not in elsewhere.requests[0].headers

    def test_user_and_password_in_the_location_are_not_sent(
        self, registry: FaultRegistry, elsewhere: FaultRegistry, client: MakeClient
    ) -> None:
        location = elsewhere.url.replace("://", f"://{USER}:{PASSWORD}@")
        registry.script("GET", PATH, redirect(f"{location}/{NAME}"))
        made = client(registry)
        assert made.fails(made.blob, NAME).startswith("GET http://127.0.0.1:")
        assert authorizations(elsewhere) == [None]

    def test_back_to_the_registry(
        self, registry: FaultRegistry, elsewhere: FaultRegistry, client: MakeClient
    ) -> None:
        registry.add_blob(BLOB)
        registry.require_basic(USER, PASSWORD)
        registry.script("GET", PATH, redirect(elsewhere.url, keep_path=True))
        back = f"/v2/other/blobs/{NAME}"
        elsewhere.script("GET", PATH, redirect(registry.url + back))
        made = client(registry, logins={registry: login(password=PASSWORD)})
        assert made.blob(NAME) == BLOB
        assert registry.lines()[-1] == f"GET {back}"
        assert authorizations(registry)[-1] == basic(USER, PASSWORD)
        assert authorizations(elsewhere) == [None]


@pytest.mark.parametrize("location", ["/v2/other/blobs/{name}", "../../other/blobs/{name}"])
def test_on_the_same_host(registry: FaultRegistry, client: MakeClient, location: str) -> None:
    registry.add_blob(BLOB)
    registry.require_basic(USER, PASSWORD)
    registry.script("GET", PATH, redirect(location.format(name=NAME)))
    made = client(registry, logins={registry: login(password=PASSWORD)})
    assert made.blob(NAME) == BLOB
    assert registry.lines()[-1] == f"GET /v2/other/blobs/{NAME}"


class TestTheOtherHostChallenges:
    def test_a_bearer_challenge_is_answered_anonymously(
        self, registry: FaultRegistry, elsewhere: FaultRegistry, client: MakeClient
    ) -> None:
        elsewhere.add_blob(BLOB)
        elsewhere.grant_tokens()
        registry.require_basic(USER, PASSWORD)
        registry.script("GET", PATH, redirect(elsewhere.url, keep_path=True))
        made = client(registry, logins={registry: login(password=PASSWORD)})
        assert made.blob(NAME) == BLOB
        assert [line.partition("?")[0] for line in elsewhere.lines()] == [
            f"GET {PATH}",
            "GET /token",
            f"GET {PATH}",
        ]
        assert authorizations(elsewhere) == [None, None, "Bearer token-1"]

    def test_the_registrys_realm_gets_no_login_from_there(
        self, registry: FaultRegistry, elsewhere: FaultRegistry, client: MakeClient
    ) -> None:
        """A host that wants the registry's token gets none that a login made."""
        tokens = registry.grant_tokens(require_basic=(USER, PASSWORD))
        realm = f'Bearer realm="{registry.url}/token",service="fault.test",scope="repository:web:*"'
        elsewhere.script("GET", PATH, challenge(realm))
        registry.script("GET", PATH, redirect(elsewhere.url, keep_path=True))
        made = client(registry, logins={registry: login(password=PASSWORD)})
        assert "the token server" in made.fails(made.blob, NAME)
        assert tokens.scopes == ["repository:web:pull"]
        assert authorizations(registry)[-1] is None
        assert authorizations(elsewhere) == [None]

    def test_a_basic_challenge_gets_no_login(
        self, registry: FaultRegistry, elsewhere: FaultRegistry, client: MakeClient
    ) -> None:
        elsewhere.require_basic(USER, PASSWORD)
        registry.require_basic(USER, PASSWORD)
        registry.script("GET", PATH, redirect(elsewhere.url, keep_path=True))
        made = client(registry, logins={registry: login(password=PASSWORD)})
        message = made.fails(made.blob, NAME)
        assert message.startswith(f"GET {elsewhere.url}{PATH} answered 401")
        assert SOURCE not in message
        assert authorizations(elsewhere) == [None]

    def test_a_login_that_was_not_sent_is_not_blamed(
        self, registry: FaultRegistry, elsewhere: FaultRegistry, client: MakeClient
    ) -> None:
        elsewhere.grant_tokens(challenge=lambda usual: [usual.replace("web:pull", "web:push")])
        registry.require_basic(USER, PASSWORD)
        registry.script("GET", PATH, redirect(elsewhere.url, keep_path=True))
        made = client(registry, logins={registry: login(password=PASSWORD)})
        message = made.fails(made.blob, NAME)
        assert message.startswith(f"GET {elsewhere.url}{PATH} answered 401")
        assert SOURCE not in message


class TestLoops:
    def test_a_redirect_to_itself_ends(self, registry: FaultRegistry, client: MakeClient) -> None:
        registry.script("GET", PATH, redirect(f"{PATH}?{SIGNATURE}"), repeat=True)
        made = client(registry)
        assert made.fails(made.blob, NAME) == (
            f"GET {registry.url}{PATH}: more than 5 redirects; tell the registry's operator"
        )
        assert len(registry.requests) == 6

    def test_two_redirects_to_each_other_end(
        self, registry: FaultRegistry, elsewhere: FaultRegistry, client: MakeClient
    ) -> None:
        path = "/v2/web/manifests/1"
        registry.script("GET", path, redirect(elsewhere.url, keep_path=True), repeat=True)
        elsewhere.script("GET", path, redirect(registry.url, 302, keep_path=True), repeat=True)
        made = client(registry)
        assert "more than 5 redirects" in made.fails(made.data)
        assert (len(registry.requests), len(elsewhere.requests)) == (3, 3)

    def test_a_loop_of_growing_urls_ends(self, registry: FaultRegistry, client: MakeClient) -> None:
        registry.script(
            "GET", "/tags/list", redirect(f"{registry.url}/v2/web", keep_path=True), repeat=True
        )
        made = client(registry)
        assert made.fails(made.tags)
        assert len(registry.requests) <= 6


class TestNotSafe:
    @pytest.mark.parametrize(
        ("location", "shown"),
        [
            (
                "http://169.254.169.254/latest/meta-data?x=y",
                "http://169.254.169.254/latest/meta-data",
            ),
            ("//169.254.169.254/", "http://169.254.169.254/"),
            ("http://2852039166/", "http://2852039166/"),
            ("http://0xa9fea9fe/", "http://0xa9fea9fe/"),
            ("http://[fe80::1]:80/", "http://[fe80::1]/"),
            ("http://[::ffff:169.254.169.254]/", "http://[::ffff:169.254.169.254]/"),
            ("file:///etc/passwd", "file:///etc/passwd"),
            ("ftp://x.test/", "ftp://x.test/"),
            ("javascript:alert(1)", "javascript:alert(1)"),
            ("http://[::1", "http://[::1"),
            ("http://x.test:port/", "http://x.test:port/"),
            ("http://xn--a.test/", "http://xn--a.test/"),
            ("mailto:ann@x.test", "…@x.test"),
        ],
    )
    def test_an_unsafe_target_is_refused(
        self, registry: FaultRegistry, client: MakeClient, location: str, shown: str
    ) -> None:
        registry.script("GET", PATH, redirect(location))
        made = client(registry)
        assert made.fails(made.blob, NAME) == (
            f"GET {registry.url}{PATH}: it sends us to {shown}, which is not safe to follow; "
            "tell the registry's operator"
        )
        assert registry.lines() == [f"GET {PATH}"]

    @pytest.mark.parametrize("where", ["blob", "manifest", "tags"])
    def test_a_redirect_away_from_https_is_refused(
        self,
        secure: FaultRegistry,
        elsewhere: FaultRegistry,
        client: MakeClient,
        authority: Authority,
        where: str,
    ) -> None:
        away = redirect(elsewhere.url, keep_path=True)
        for path in (PATH, "/manifests/1", "/tags/list"):
            secure.script("GET", path, away)
        made = client(secure, settings={"ca_file": authority.file})
        actions: dict[str, Callable[[], object]] = {
            "blob": lambda: made.blob(NAME),
            "manifest": made.data,
            "tags": made.tags,
        }
        for action in actions.values():
            assert "not safe to follow" in made.fails(action)
        assert where in actions
        assert elsewhere.connections == 0

    def test_a_redirect_to_https_is_followed(
        self,
        registry: FaultRegistry,
        secure: FaultRegistry,
        client: MakeClient,
    ) -> None:
        registry.script("GET", PATH, redirect(secure.url, keep_path=True))
        made = client(registry)
        message = made.fails(made.blob, NAME)
        assert message.startswith(f"GET {secure.url}{PATH}: its certificate is not trusted")

    @pytest.mark.parametrize(
        "location",
        ["http://127.0.0.1:99999/", "http://127.0.0.1:0/", "http://" + "a" * 64 + ".test/"],
    )
    def test_a_target_that_is_no_url_is_an_error(
        self, registry: FaultRegistry, client: MakeClient, location: str
    ) -> None:
        registry.script("GET", PATH, redirect(location), repeat=True)
        made = client(registry)
        assert location.strip("/") in made.fails(made.blob, NAME)

    @pytest.mark.parametrize(
        "location",
        [
            pytest.param("http://169.254.169.254/" + "x" * 50_000, id="link-local"),
            pytest.param("/" + "x" * 50_000, id="not there"),
        ],
    )
    def test_a_long_location_makes_no_long_message(
        self, registry: FaultRegistry, client: MakeClient, location: str
    ) -> None:
        registry.script("GET", PATH, redirect(location))
        made = client(registry)
        assert made.fails(made.blob, NAME)

    @pytest.mark.parametrize("code", CODES)
    def test_a_redirect_without_a_location_is_an_error(
        self, registry: FaultRegistry, client: MakeClient, code: int
    ) -> None:
        registry.script("GET", PATH, status(code))
        made = client(registry)
        assert f"GET {registry.url}{PATH} answered {code}" in made.fails(made.blob, NAME)


class TestPresignedQueriesStaySecret:
    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param(json_error(403, "AccessDenied", "Request has expired"), id="expired"),
            pytest.param(
                status(400, body=f"<Error>/data?X-Amz-Signature={SIGNATURE}</Error>".encode()),
                id="echoed",
            ),
            pytest.param(html(404), id="404"),
            pytest.param(html(), id="a page"),
            pytest.param(status(500), id="500"),
            pytest.param(challenge('Bearer realm="/t?X-Amz-Signature={SIGNATURE}"'), id="401"),
            pytest.param(close_without_answer(reset=True), id="reset"),
            pytest.param(close_without_answer(), id="closed"),
            pytest.param(truncate_after(7), id="truncated"),
            pytest.param(wrong_bytes(), id="wrong bytes"),
            pytest.param(redirect(f"http://169.254.169.254/?sig={SIGNATURE}"), id="redirect"),
            pytest.param(status(429, {"Retry-After": "3000"}), id="429"),
        ],
    )
    def test_no_message_has_the_query(
        self,
        registry: FaultRegistry,
        elsewhere: FaultRegistry,
        client: MakeClient,
        answer: Answer,
    ) -> None:
        # That no message has it is what `fails` checks, and what the client said.
        elsewhere.add_blob(BLOB)
        registry.script("GET", PATH, redirect(presigned(elsewhere)), repeat=True)
        elsewhere.script("GET", NAME, answer, repeat=True)
        made = client(registry)
        assert made.fails(made.blob, NAME)
        assert 1 <= len(elsewhere.requests) <= 4

    def test_it_is_the_other_host_that_refused(
        self, registry: FaultRegistry, elsewhere: FaultRegistry, client: MakeClient
    ) -> None:
        registry.script("GET", PATH, redirect(presigned(elsewhere)))
        elsewhere.script("GET", NAME, json_error(403, "AccessDenied", "Request has expired"))
        made = client(registry)
        message = made.fails(made.blob, NAME)
        assert f"GET {elsewhere.url}/data/{NAME}" in message
        assert "(AccessDenied: Request has expired)" in message


def test_each_resumption_is_redirected_anew(
    registry: FaultRegistry, elsewhere: FaultRegistry, client: MakeClient
) -> None:
    elsewhere.add_blob(BLOB)
    registry.require_basic(USER, PASSWORD)
    urls = [f"{elsewhere.url}/{n}/{NAME}?sig={SIGNATURE}{n}" for n in range(3)]
    registry.script("GET", PATH, *map(redirect, urls))
    elsewhere.script("GET", NAME, reset_after(10_000), reset_after(5_000))
    made = client(registry, logins={registry: login(password=PASSWORD)})
    assert made.blob(NAME) == BLOB
    assert ranges(registry) == [None, None, "bytes=10000-", "bytes=15000-"]
    assert ranges(elsewhere) == [None, "bytes=10000-", "bytes=15000-"]
    assert [f"{elsewhere.url}{one.path}" for one in elsewhere.requests] == urls
    assert authorizations(elsewhere) == [None] * 3
    assert len(made.said) == 2
