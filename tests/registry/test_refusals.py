"""Refusals: the words of the registry, what to try, and secrets that it repeats."""

from __future__ import annotations

import gzip
import traceback
import tracemalloc
from base64 import b64encode
from dataclasses import replace
from urllib.parse import quote

import pytest
from support.faults.answers import (
    body,
    chain,
    challenge,
    endless_body,
    garbage,
    html,
    json_error,
    redirect,
    reset_after,
    stall_after,
    status,
)
from support.faults.client import (
    IMPATIENT,
    PASSWORD,
    SIGNATURE,
    SOURCE,
    USER,
    WEB,
    MakeClient,
    login,
)
from support.faults.registry import FaultRegistry
from support.faults.server import Answer
from support.faults.tokens import basic

from nixfetch_docker.errors import NotFoundError, RegistryError

PATH = "/v2/web/manifests/1"
NOT_ALLOWED = (
    "does the image exist, and is its name right? If it is private, log in with docker login or "
    "podman login"
)
NO_MANIFEST = "the repository web lists the tag 1, and has no manifest for it; push the image again"
PRIVATE = "is its name right? If it is private, log in with docker login or podman login"
LIMITED = "the registry limits how often it is asked; log in for a higher limit, or try again later"
JSON = {"Content-Type": "application/json"}


class TestWhatIsSaid:
    """By the registry: its code and message, in whatever form, on one line."""

    @pytest.mark.parametrize(
        ("answer", "said"),
        [
            pytest.param(
                json_error(404, "MANIFEST_UNKNOWN", "manifest unknown"),
                "404 (MANIFEST_UNKNOWN: manifest unknown)",
                id="JSON",
            ),
            pytest.param(json_error(404, "DENIED"), "404 (DENIED)", id="no message"),
            pytest.param(
                status(404, JSON, b'{"errors":[{"message":"no code"}]}'),
                "404 (no code)",
                id="no code",
            ),
            pytest.param(
                status(404, JSON, b'{"errors":[{"code":7,"message":null}]}'), "404", id="odd types"
            ),
            pytest.param(status(404, JSON, b'{"errors":[]}'), "404", id="no errors"),
            pytest.param(status(404, JSON, b'{"errors":null}'), "404", id="null errors"),
            pytest.param(status(404, JSON, b"null"), "404", id="null"),
            pytest.param(
                status(404, JSON, b'{"details":"incorrect username or password"}'),
                "404 (incorrect username or password)",
                id="details",
            ),
            pytest.param(
                status(404, JSON, b'{"error":"invalid_grant","error_description":"bad"}'),
                "404 (invalid_grant: bad)",
                id="OAuth",
            ),
            pytest.param(
                status(404, {"Content-Type": "text/plain"}, b"404 page not found\n"),
                "404 (404 page not found)",
                id="text",
            ),
            pytest.param(
                status(404, None, b"<html><title>Not &amp; Found</title><p>x</p></html>"),
                "404 (Not & Found)",
                id="HTML with a title",
            ),
            pytest.param(html(404), "404 (Welcome!)", id="HTML without a title"),
            pytest.param(
                status(404, None, b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>"),
                "404 (NoSuchKey)",
                id="XML",
            ),
            pytest.param(status(404), "404", id="nothing"),
            pytest.param(status(404, None, b" \r\n\t"), "404", id="blanks"),
            pytest.param(status(404, None, b"\xff\xfe\x00x"), "404 (\ufffd\ufffdx)", id="bytes"),
            pytest.param(
                json_error(404, "X", "a\r\nb\tc\x1b[31md\x00e\u202ef\u2028g"),
                "404 (X: a b c[31mdef g)",
                id="control characters",
            ),
            pytest.param(
                status(404, None, b"<title>a\x1b]0;evil\x07&#27;[2J&#10;b</title>"),
                "404 (a]0;evil[2J b)",
                id="control characters in HTML",
            ),
        ],
    )
    def test_the_explanation_is_quoted(
        self, registry: FaultRegistry, client: MakeClient, answer: Answer, said: str
    ) -> None:
        registry.script("GET", "/manifests/1", answer)
        made = client(registry)
        assert made.fails(made.data) == f"GET {registry.url}{PATH} answered {said}: {NO_MANIFEST}"

    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param(json_error(404, "X", "y" * 30_000), id="JSON"),
            pytest.param(json_error(404, "X" * 200_000, "y"), id="JSON, cut off"),
            pytest.param(status(404, None, b"x" * 500_000), id="text"),
            pytest.param(status(404, None, b"<title>" + b"x" * 500_000), id="HTML"),
            pytest.param(status(404, None, b"<title " * 100_000), id="many tags"),
            pytest.param(status(404, None, b"<" * 500_000), id="brackets"),
            pytest.param(status(404, None, b"[" * 500_000), id="deep"),
            pytest.param(status(404, None, b"&" * 500_000), id="entities"),
            pytest.param(status(404, None, b"?a=" * 200_000), id="queries"),
            pytest.param(status(404, None, b"://a" * 200_000), id="URLs"),
            pytest.param(status(404, None, b"basic " * 100_000), id="credentials"),
        ],
    )
    def test_the_explanation_is_bounded(
        self, registry: FaultRegistry, client: MakeClient, answer: Answer
    ) -> None:
        registry.script("GET", "/manifests/1", answer)
        made = client(registry)
        message = made.fails(made.data)
        assert message.startswith(f"GET {registry.url}{PATH} answered 404 (")
        assert len(message) < 400

    def test_an_endless_explanation_is_cut_off(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.script("GET", "/manifests/1", chain(status(404), endless_body()))
        made = client(registry)
        tracemalloc.start()
        try:
            assert "answered 404" in made.fails(made.data)
            assert tracemalloc.get_traced_memory()[1] < 16 * 1024 * 1024
        finally:
            tracemalloc.stop()

    @pytest.mark.parametrize("how", ["reset", "stalled"])
    def test_the_status_counts_where_the_explanation_breaks_off(
        self, registry: FaultRegistry, client: MakeClient, how: str
    ) -> None:
        """A body that never comes whole does not hide what was answered."""
        end = reset_after(10) if how == "reset" else stall_after(10)
        denied = chain(json_error(403, "DENIED", "no"), end)
        registry.script("GET", "/manifests/1", denied, repeat=True)
        made = client(registry)
        assert f"GET {registry.url}{PATH} answered 403" in made.fails(made.data)

    def test_a_compressed_explanation_is_decoded(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        coded = gzip.compress(b'{"errors":[{"code":"DENIED"}]}')
        registry.script("GET", "/manifests/1", status(403, {"Content-Encoding": "gzip"}, coded))
        made = client(registry)
        assert "answered 403 (DENIED)" in made.fails(made.data)


class TestWhatToTry:
    @pytest.mark.parametrize(
        ("answer", "message"),
        [
            pytest.param(
                json_error(403, "DENIED", "requested access to the resource is denied"),
                "403 (DENIED: requested access to the resource is denied); " + NOT_ALLOWED,
                id="ghcr, private or missing",
            ),
            pytest.param(
                json_error(404, "MANIFEST_UNKNOWN", "manifest unknown"),
                "404 (MANIFEST_UNKNOWN: manifest unknown): " + NO_MANIFEST,
                id="ghcr, no such manifest",
            ),
            pytest.param(
                json_error(404, "NAME_UNKNOWN", "repository not found"),
                f"404 (NAME_UNKNOWN: repository not found): there is no repository web; {PRIVATE}",
                id="no such repository",
            ),
            pytest.param(
                json_error(429, "TOOMANYREQUESTS", "rate limit", {"Retry-After": "21600"}),
                f"429 (TOOMANYREQUESTS: rate limit), and asks for a wait of 21600 s; {LIMITED}",
                id="rate limit",
            ),
            pytest.param(status(451), "451", id="legal reasons"),
            pytest.param(status(400), "400", id="bad request"),
            pytest.param(status(501), "501; the registry is in trouble; try again later", id="501"),
        ],
    )
    def test_the_hint_for_a_status(
        self, registry: FaultRegistry, client: MakeClient, answer: Answer, message: str
    ) -> None:
        registry.script("GET", "/manifests/1", answer)
        made = client(registry)
        assert made.fails(made.resolve) == (
            f"{registry.host}/web:1: GET {registry.url}{PATH} answered {message}"
        )
        # A list of tags is asked for only where it tells more.
        assert len(registry.requests) == (2 if NO_MANIFEST in message else 1)

    def test_the_hint_for_a_repository_that_docker_hub_does_not_have(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        """401, and again 401 with a token that was granted: it may be private, or not be."""
        registry.grant_tokens()
        usual = f'Bearer realm="{registry.url}/token",scope="repository:web:pull"'
        registry.script(
            "GET", "/manifests/1", challenge(f'{usual},error="insufficient_scope"'), repeat=True
        )
        made = client(registry)
        assert made.fails(made.data) == (
            f"GET {registry.url}{PATH} answered 401 (UNAUTHORIZED); {NOT_ALLOWED}"
        )
        assert len(registry.requests) <= 5

    def test_a_rate_limit_without_a_time(self, registry: FaultRegistry, client: MakeClient) -> None:
        limit = json_error(429, "TOOMANYREQUESTS", "You have reached your pull rate limit.")
        registry.script("GET", "/manifests/1", *[limit] * 3)
        made = client(registry)
        assert made.fails(made.data) == (
            f"GET {registry.url}{PATH} answered 429 (TOOMANYREQUESTS: You have reached your pull "
            "rate limit.); " + LIMITED
        )

    def test_a_rate_limit_of_the_token_server(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.grant_tokens()
        registry.script("GET", "/token", status(429, {"Retry-After": "7200"}))
        made = client(registry)
        assert made.fails(made.data) == (
            f"the token server: GET {registry.url}/token answered 429, "
            f"and asks for a wait of 7200 s; {LIMITED}"
        )

    @pytest.mark.parametrize("retry_after", ["0", "7200"])
    def test_a_rate_limit_with_a_login_does_not_say_to_log_in(
        self, registry: FaultRegistry, client: MakeClient, retry_after: str
    ) -> None:
        registry.require_basic(USER, PASSWORD)
        limit = status(429, {"Retry-After": retry_after})
        registry.script("GET", "/manifests/1", limit, repeat=True)
        made = client(registry, logins={registry: login(password=PASSWORD)})
        assert made.fails(made.data).endswith(
            "; the registry limits how often it is asked; try again later"
        )

    def test_a_rate_limit_of_the_token_server_with_a_login_does_not_say_to_log_in(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.grant_tokens(require_basic=(USER, PASSWORD))
        registry.script("GET", "/token", status(429, {"Retry-After": "7200"}))
        made = client(registry, logins={registry: login(password=PASSWORD)})
        assert made.fails(made.data).endswith(
            "; the registry limits how often it is asked; try again later"
        )

    def test_a_rate_limit_of_another_host_does_not_say_to_log_in(
        self, registry: FaultRegistry, elsewhere: FaultRegistry, client: MakeClient
    ) -> None:
        name = f"sha256:{'0' * 64}"
        registry.script("GET", f"/blobs/{name}", redirect(f"{elsewhere.url}/cdn/{name}"))
        elsewhere.script("GET", name, status(429, {"Retry-After": "7200"}))
        made = client(registry)
        assert made.fails(made.blob, name).endswith(
            "; the registry limits how often it is asked; try again later"
        )

    def test_a_head_that_fails_says_what_to_try(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.script("HEAD", "/manifests/1", *[status(503)] * 3)
        made = client(registry)
        assert made.fails(made.digest) == (
            f"HEAD {registry.url}{PATH} answered 503; the registry is in trouble; try again later"
        )


class TestSecretsEchoed:
    """By servers that put what they were sent into their errors; `fails` looks for them."""

    @pytest.mark.parametrize(
        "text",
        [
            pytest.param(f"bad header Authorization: {basic(USER, PASSWORD)}", id="header"),
            pytest.param(f"bad header authorization:{basic(USER, PASSWORD).lower()}", id="lower"),
            pytest.param(f'{{"authorization": "{basic(USER, PASSWORD)}"}}', id="in JSON"),
            pytest.param(f"see https://{USER}:{PASSWORD}@reg.test/v2/", id="URL with a password"),
            pytest.param(f"see https://{PASSWORD}@reg.test/v2/", id="URL with a token"),
            pytest.param(f"/v2/x?a=b&X-Amz-Signature={SIGNATURE} expired", id="presigned path"),
            pytest.param(f"https://s3.test/x?sig={SIGNATURE}", id="presigned URL"),
            pytest.param(f"Authorization: Basic\x00{basic(USER, PASSWORD)[6:]}", id="NUL within"),
            pytest.param(f"Authorization: Basic%20{basic(USER, PASSWORD)[6:]}", id="escaped"),
            pytest.param(f"<p>Basic</p> {basic(USER, PASSWORD)[6:]}", id="tags within"),
            pytest.param(f"cannot decode {basic(USER, PASSWORD)[6:]}", id="base64 alone"),
            pytest.param(f"user {USER} with password {PASSWORD} is unknown", id="password alone"),
        ],
    )
    def test_a_login_is_not_repeated(
        self, registry: FaultRegistry, client: MakeClient, text: str
    ) -> None:
        registry.require_basic(USER, PASSWORD)
        registry.script("GET", "/manifests/1", *[json_error(503, "X", text)] * 3)
        registry.script("GET", "/tags/list", status(403, None, text.encode()))
        made = client(registry, logins={registry: login(password=PASSWORD)})
        assert made.fails(made.data)
        assert made.fails(made.tags)

    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param(
                status(
                    503, {"Content-Type": "text/html"}, f"x &#x{ord('p'):x};a55-0f-ann".encode()
                ),
                id="HTML",
            ),
            pytest.param(status(503, None, quote(PASSWORD, safe="").encode()), id="percent"),
            pytest.param(
                status(503, None, "".join(f"%{b:02x}" for b in PASSWORD.encode()).encode()),
                id="percent, all of it",
            ),
            pytest.param(
                status(503, None, b64encode(f"x:{PASSWORD}:{USER}".encode())), id="base64"
            ),
            pytest.param(
                status(503, None, b64encode(f"xx{PASSWORD}".encode()).replace(b"NS", b"NS\r\n")),
                id="base64 in two lines",
            ),
            pytest.param(
                status(503, None, b"<br>" * 4000 + b" " * 379 + PASSWORD[:6].encode()),
                id="cut",
            ),
            pytest.param(
                status(200, {"Docker-Content-Digest": PASSWORD}, WEB.manifest), id="digest"
            ),
            pytest.param(
                status(200, {"Docker-Content-Digest": "x" * 192 + PASSWORD}, WEB.manifest),
                id="digest that is cut",
            ),
            pytest.param(redirect(f"ftp://127.0.0.1/{PASSWORD}"), id="unsafe redirect"),
            pytest.param(redirect(f"http://127.0.0.1:1/{PASSWORD}"), id="redirect"),
            pytest.param(
                garbage(f"HTTP/1.1 200 OK\r\n{PASSWORD}\r\n\r\n".encode()), id="no header"
            ),
        ],
    )
    def test_an_encoded_login_is_not_repeated(
        self, registry: FaultRegistry, client: MakeClient, answer: Answer
    ) -> None:
        registry.require_basic(USER, PASSWORD)
        registry.script("GET", "/manifests/1", answer)
        once = replace(IMPATIENT, tries=1)
        made = client(registry, logins={registry: login(password=PASSWORD)}, patience=once)
        with pytest.raises(RegistryError) as caught:
            made.data()
        shown = "".join(traceback.format_exception(caught.value)) + str(caught.value)
        for secret in (
            PASSWORD,
            PASSWORD[:6],
            quote(PASSWORD)[4:],
            "YTU1LTBm",
            "E1NS0wZi",
            "hNTUtMGY",
        ):
            assert secret not in shown

    @pytest.mark.parametrize("form", ["Bearer {}", "bearer {}", "invalid token {}", "token={}"])
    def test_a_token_is_not_repeated(
        self, registry: FaultRegistry, client: MakeClient, form: str
    ) -> None:
        registry.grant_tokens()
        text = form.format("token-1")
        registry.script("GET", "/manifests/1", json_error(403, "DENIED", text))
        made = client(registry)
        assert "DENIED" in made.fails(made.data)

    def test_secrets_in_the_token_servers_answer_are_not_repeated(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.grant_tokens()
        echo = json_error(500, "X", f"cannot check {basic(USER, PASSWORD)}")
        registry.script("GET", "/token", *[echo] * 3)
        made = client(registry, logins={registry: login(password=PASSWORD)})
        assert "Basic …" in made.fails(made.data)

    def test_where_the_login_came_from_is_no_secret(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.require_basic(USER, f"not {PASSWORD}")
        made = client(registry, logins={registry: login(password=PASSWORD)})
        assert SOURCE in made.fails(made.data)

    def test_secrets_in_a_page_instead_of_a_manifest_are_not_repeated(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.require_basic(USER, PASSWORD)
        echo = body(f'{{"mediaType": "{basic(USER, PASSWORD)}"}}'.encode())
        registry.script("GET", "/manifests/1", echo)
        made = client(registry, logins={registry: login(password=PASSWORD)})
        assert made.fails(made.resolve)


class TestNotFound:
    """A 404 is an error of its own kind, so that callers can say which part of an image is gone."""

    def test_of_the_registry(self, registry: FaultRegistry, client: MakeClient) -> None:
        registry.script("GET", "/manifests/1", json_error(404, "MANIFEST_UNKNOWN"))
        with pytest.raises(NotFoundError, match=NO_MANIFEST):
            client(registry).data()

    def test_of_the_target_of_a_redirect(
        self, registry: FaultRegistry, elsewhere: FaultRegistry, client: MakeClient
    ) -> None:
        name = f"sha256:{'0' * 64}"
        registry.script("GET", f"/blobs/{name}", redirect(f"{elsewhere.url}/cdn/{name}"))
        with pytest.raises(NotFoundError, match=f"GET {elsewhere.url}/cdn/{name} answered 404"):
            client(registry).blob(name)

    def test_is_not_the_token_servers(self, registry: FaultRegistry, client: MakeClient) -> None:
        registry.grant_tokens()
        registry.script("GET", "/token", status(404))
        with pytest.raises(RegistryError) as caught:
            client(registry).data()
        assert not isinstance(caught.value, NotFoundError)
        assert str(caught.value) == (
            f"the token server: GET {registry.url}/token answered 404; tell the registry's operator"
        )
