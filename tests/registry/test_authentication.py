"""Challenges of registries: Bearer tokens, Basic logins, and servers that get them wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs

import pytest
from support.certificates import Authority
from support.faults.answers import (
    as_usual,
    body,
    challenge,
    endless_body,
    html,
    json_error,
    redirect,
    reset_after,
    status,
)
from support.faults.client import (
    IDENTITY,
    PASSWORD,
    REGISTRY_TOKEN,
    SOURCE,
    USER,
    WEB,
    MakeClient,
    authorizations,
    leaks,
    login,
)
from support.faults.registry import FaultRegistry
from support.faults.server import Answer, Exchange
from support.faults.tokens import SERVICE, basic

from nixfetch_docker.registry.auth import Answer as Received
from nixfetch_docker.registry.auth import Authenticator
from nixfetch_docker.registry.exchange import Headers, Request
from nixfetch_docker.registry.url import Url

MANIFEST = "GET /v2/web/manifests/1"
SCOPE = "repository:web:pull"
QUERY = "scope=repository%3Aweb%3Apull&service=fault.test"
TOKEN = f"GET /token?{QUERY}"


class TestChallenges:
    @pytest.mark.parametrize(
        "change",
        [
            pytest.param(lambda usual: [usual], id="usual"),
            pytest.param(lambda usual: ['Basic realm="x"', usual], id="two lines"),
            pytest.param(lambda usual: [usual, 'Basic realm="x"'], id="two lines, Bearer first"),
            pytest.param(lambda usual: [f'Basic realm="x", {usual}'], id="two in a line"),
            pytest.param(lambda usual: [f'{usual}, Basic realm="x"'], id="two, Bearer first"),
            pytest.param(
                lambda usual: ["Negotiate", 'Digest realm="a, Bearer b", nonce="c=="', usual],
                id="unknown schemes",
            ),
            pytest.param(lambda usual: [f"Negotiate YWJj==, {usual}"], id="token68"),
            pytest.param(lambda usual: [f'{usual},,x="",y=z, ,realm-id=1'], id="unknown, empty"),
            pytest.param(
                lambda usual: [usual.replace("Bearer", "BEARER").replace("realm", "Realm")],
                id="upper case",
            ),
            pytest.param(
                lambda usual: [usual.replace(",", " ,\t").replace("=", " = ")], id="blanks"
            ),
            pytest.param(
                lambda usual: [usual.replace(f'"{SERVICE}"', r'"fault\.te\st"')], id="escapes"
            ),
            pytest.param(lambda usual: [f'{usual}, Basic realm="never closed'], id="malformed end"),
        ],
    )
    def test_a_token_answers_it(
        self,
        registry: FaultRegistry,
        client: MakeClient,
        change: Callable[[str], Sequence[str]],
    ) -> None:
        registry.grant_tokens(challenge=change)
        assert client(registry).data() == WEB.manifest
        assert registry.lines() == [MANIFEST, TOKEN, MANIFEST]

    def test_a_challenge_without_a_service(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.grant_tokens(challenge=lambda usual: [usual.replace(f',service="{SERVICE}"', "")])
        assert client(registry).data() == WEB.manifest
        assert registry.lines()[1] == "GET /token?scope=repository%3Aweb%3Apull"

    def test_a_challenge_without_a_scope(self, registry: FaultRegistry, client: MakeClient) -> None:
        registry.grant_tokens(challenge=lambda usual: [usual.partition(",scope=")[0]])
        assert client(registry).data() == WEB.manifest
        assert registry.lines()[1] == TOKEN

    def test_a_challenge_with_several_scopes(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.grant_tokens(
            challenge=lambda usual: [usual.replace(SCOPE, f"{SCOPE} repository:base:pull")]
        )
        assert client(registry).data() == WEB.manifest
        assert registry.requests[1].query["scope"] == [SCOPE, "repository:base:pull"]

    @pytest.mark.parametrize("realm", ["/token", "../../../token", "//{host}/token", "./token"])
    def test_a_realm_may_be_relative(
        self, registry: FaultRegistry, client: MakeClient, realm: str
    ) -> None:
        path = "/v2/web/manifests/token" if realm == "./token" else "/token"
        registry.grant_tokens(
            path,
            challenge=lambda usual: [
                usual.replace(registry.url + path, realm.format(host=registry.host))
            ],
        )
        assert client(registry).data() == WEB.manifest
        assert registry.lines() == [MANIFEST, f"GET {path}?{QUERY}", MANIFEST]

    def test_the_query_of_a_realm_is_kept(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.grant_tokens(challenge=lambda usual: [usual.replace("/token", "/token?a=b%2Fc")])
        assert client(registry).data() == WEB.manifest
        assert registry.lines()[1] == f"GET /token?a=b%2Fc&{QUERY}"

    def test_a_realm_may_be_on_another_host(
        self, registry: FaultRegistry, token_server: FaultRegistry, client: MakeClient
    ) -> None:
        registry.grant_tokens(at=token_server, require_basic=(USER, PASSWORD))
        made = client(registry, logins={registry: login(password=PASSWORD)})
        assert made.data() == WEB.manifest
        assert registry.lines() == [MANIFEST, MANIFEST]
        assert token_server.lines() == [TOKEN]
        assert authorizations(registry) == [None, "Bearer token-1"]
        assert authorizations(token_server) == [basic(USER, PASSWORD)]

    @pytest.mark.parametrize("realm", ["Artifactory Realm", "Registry", "registry.lab:5000"])
    @pytest.mark.parametrize("is_first", [True, False])
    def test_basic_is_taken_beside_a_realm_that_is_no_url(
        self, registry: FaultRegistry, client: MakeClient, realm: str, is_first: bool
    ) -> None:
        lines = [f'Bearer realm="{realm}"', 'Basic realm="x"']
        registry.script("GET", "/manifests/1", challenge(*(lines if is_first else lines[::-1])))
        made = client(registry, logins={registry: login(password=PASSWORD)})
        assert made.data() == WEB.manifest
        assert authorizations(registry) == [None, basic(USER, PASSWORD)]

    def test_a_realm_that_is_no_url_is_an_error(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.script("GET", "/manifests/1", challenge('Bearer realm="Some Name"'))
        made = client(registry)
        assert made.fails(made.data) == (
            f"GET {registry.url}/v2/web/manifests/1: its challenge names no token server: its "
            "realm is 'Some Name', not a URL; tell the registry's operator"
        )
        assert registry.lines() == [MANIFEST]

    def test_a_bearer_challenge_without_a_realm_is_an_error(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.script("GET", "/manifests/1", challenge('Bearer service="x"'))
        assert client(registry).fails(client(registry).data) == (
            f"GET {registry.url}/v2/web/manifests/1: its challenge names no token server; "
            "tell the registry's operator"
        )

    @pytest.mark.parametrize(
        ("realm", "shown"),
        [
            ("http://169.254.169.254/token", "http://169.254.169.254/token"),
            ("http://[fe80::1]/token", "http://[fe80::1]/token"),
            ("ftp://x.test/token", "ftp://x.test/token"),
            ("file:///etc/passwd", "file:///etc/passwd"),
            ("http://[::1", "http://[::1"),
        ],
    )
    def test_a_realm_that_is_not_safe_is_not_asked(
        self, registry: FaultRegistry, client: MakeClient, realm: str, shown: str
    ) -> None:
        registry.script("GET", "/manifests/1", challenge(f'Bearer realm="{realm}"'))
        made = client(registry, logins={registry: login(password=PASSWORD)})
        assert made.fails(made.data) == (
            f"GET {registry.url}/v2/web/manifests/1: for a token: it sends us to {shown}, "
            "which is not safe to follow; tell the registry's operator"
        )
        assert registry.lines() == [MANIFEST]

    def test_a_realm_without_https_is_not_asked(
        self,
        secure: FaultRegistry,
        elsewhere: FaultRegistry,
        client: MakeClient,
        authority: Authority,
    ) -> None:
        secure.grant_tokens(at=elsewhere, require_basic=(USER, PASSWORD))
        made = client(
            secure,
            settings={"ca_file": authority.file},
            logins={secure: login(password=PASSWORD)},
        )
        assert "not safe to follow" in made.fails(made.data)
        assert (secure.lines(), elsewhere.lines()) == ([MANIFEST], [])

    @pytest.mark.parametrize("lines", [[], ["Negotiate"], ['Digest realm="x"'], ["="]], ids=str)
    def test_a_401_without_a_known_challenge_is_final(
        self, registry: FaultRegistry, client: MakeClient, lines: list[str]
    ) -> None:
        registry.script("GET", "/manifests/1", challenge(*lines))
        made = client(registry, logins={registry: login(password=PASSWORD)})
        assert made.fails(made.data) == (
            f"GET {registry.url}/v2/web/manifests/1 answered 401 (UNAUTHORIZED); does the image "
            "exist, and is its name right? If it is private, log in with docker login or podman "
            "login"
        )
        assert authorizations(registry) == [None]

    def test_without_a_challenge_no_login_is_sent(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        made = client(registry, logins={registry: login(password=PASSWORD)})
        assert made.data() == WEB.manifest
        assert authorizations(registry) == [None]


class TestBasic:
    def test_the_login_is_sent_after_the_first_challenge(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.require_basic(USER, PASSWORD)
        made = client(registry, logins={registry: login(password=PASSWORD)})
        assert made.data() == WEB.manifest
        assert made.blob(WEB.id, len(WEB.config)) == WEB.config
        assert authorizations(registry) == [None, *[basic(USER, PASSWORD)] * 2]

    def test_without_a_login_nothing_is_sent(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.require_basic(USER, PASSWORD)
        made = client(registry)
        assert made.fails(made.data).startswith(
            f"GET {registry.url}/v2/web/manifests/1 answered 401 "
            "(UNAUTHORIZED: authentication required); does the image exist"
        )
        assert registry.lines() == [MANIFEST]

    def test_a_login_that_is_refused_is_named(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.require_basic(USER, "another")
        made = client(registry, logins={registry: login(password=PASSWORD)})
        assert made.fails(made.data) == (
            f"GET {registry.url}/v2/web/manifests/1 answered 401 "
            f"(UNAUTHORIZED: authentication required); the login from {SOURCE} was sent; "
            "is the image's name right? If it is, log in again, or pass --anonymous for a public "
            "image"
        )
        assert registry.lines() == [MANIFEST] * 2

    def test_a_login_that_is_forbidden_is_named(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.require_basic(USER, PASSWORD)
        registry.script("GET", "/manifests/1", json_error(403, "DENIED", "token expired"))
        made = client(registry, logins={registry: login(password=PASSWORD)})
        message = made.fails(made.data)
        assert f"the login from {SOURCE} was sent" in message
        assert "--anonymous" in message

    @pytest.mark.parametrize(
        ("name", "password"), [("ann", "pä55:w0rd"), ("$oauthtoken", "x" * 3000), ("a b", "'\"\\")]
    )
    def test_any_password_is_sent_as_it_is(
        self, registry: FaultRegistry, client: MakeClient, name: str, password: str
    ) -> None:
        registry.require_basic(name, password)
        made = client(registry, logins={registry: login(username=name, password=password)})
        assert made.data() == WEB.manifest


class TestLoginsForTokens:
    def test_a_password_gets_a_token(self, registry: FaultRegistry, client: MakeClient) -> None:
        registry.grant_tokens(require_basic=(USER, PASSWORD))
        made = client(registry, logins={registry: login(password=PASSWORD)})
        assert made.data() == WEB.manifest
        assert authorizations(registry) == [None, basic(USER, PASSWORD), "Bearer token-1"]

    def test_an_identity_token_gets_a_token(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.grant_tokens(refresh_token=IDENTITY)
        made = client(registry, logins={registry: login(identity_token=IDENTITY)})
        assert made.data() == WEB.manifest
        assert registry.lines() == [MANIFEST, "POST /token", MANIFEST]
        assert parse_qs(registry.requests[1].body.decode()) == {
            "grant_type": ["refresh_token"],
            "refresh_token": [IDENTITY],
            "client_id": ["nixfetch-docker"],
            "scope": [SCOPE],
            "service": [SERVICE],
        }
        assert authorizations(registry) == [None, None, "Bearer token-1"]

    @pytest.mark.parametrize("code", [404, 405])
    def test_an_identity_token_is_a_password_where_post_is_unknown(
        self, registry: FaultRegistry, client: MakeClient, code: int
    ) -> None:
        registry.grant_tokens(require_basic=(USER, IDENTITY))
        registry.script("POST", "/token", status(code))
        made = client(registry, logins={registry: login(identity_token=IDENTITY)})
        assert made.data() == WEB.manifest
        assert registry.lines() == [MANIFEST, "POST /token", TOKEN, MANIFEST]

    def test_a_registry_token_is_sent_itself(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        usual = f'Bearer realm="{registry.url}/token"'
        registry.script("GET", "/manifests/1", challenge(usual))
        made = client(registry, logins={registry: login(registry_token=REGISTRY_TOKEN)})
        assert made.data() == WEB.manifest
        assert authorizations(registry) == [None, f"Bearer {REGISTRY_TOKEN}"]

    def test_a_registry_token_that_is_refused_is_named(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.grant_tokens()
        made = client(registry, logins={registry: login(registry_token=REGISTRY_TOKEN)})
        assert f"the login from {SOURCE} was sent" in made.fails(made.data)
        assert registry.lines() == [MANIFEST] * 2

    @pytest.mark.parametrize("code", [400, 401, 403])
    def test_a_password_that_is_refused_is_named(
        self, registry: FaultRegistry, client: MakeClient, code: int
    ) -> None:
        registry.grant_tokens()
        registry.script("GET", "/token", status(code, body=f"who is {PASSWORD}?".encode()))
        made = client(registry, logins={registry: login(password=PASSWORD)})
        assert made.fails(made.data) == (
            f"GET {registry.url}/token: the token server answered {code}: it refuses the login "
            f"from {SOURCE}; log in again, or pass --anonymous for a public image"
        )
        assert len(registry.requests) == 2

    def test_an_identity_token_that_is_refused_is_named(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.grant_tokens(refresh_token=f"not-{IDENTITY}")
        made = client(registry, logins={registry: login(identity_token=IDENTITY)})
        message = made.fails(made.data)
        assert message.startswith(f"POST {registry.url}/token: the token server answered 401")
        assert SOURCE in message
        assert registry.lines() == [MANIFEST, "POST /token"]

    def test_the_hint_without_a_login_is_to_log_in(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.grant_tokens(require_basic=(USER, PASSWORD))
        made = client(registry)
        assert made.fails(made.data) == (
            f"the token server: GET {registry.url}/token answered 401 "
            "(UNAUTHORIZED: incorrect username or password); does the image exist, and is its "
            "name right? If it is private, log in with docker login or podman login"
        )


class TestTokens:
    @pytest.mark.parametrize(
        "response",
        [
            pytest.param(lambda token: {"token": token}, id="token"),
            pytest.param(lambda token: {"access_token": token}, id="access_token"),
            pytest.param(lambda token: {"token": token, "access_token": token}, id="both"),
            pytest.param(lambda token: {"token": "", "access_token": token}, id="one empty"),
            pytest.param(lambda token: {"token": None, "access_token": token}, id="one null"),
            pytest.param(
                lambda token: {"token": token, "expires_in": "300", "issued_at": 7}, id="odd types"
            ),
            pytest.param(lambda token: {"token": token, "expires_in": None}, id="no time"),
            pytest.param(lambda token: {"token": token, "expires_in": float("nan")}, id="NaN"),
            pytest.param(lambda token: {"token": token, "expires_in": -1}, id="expired"),
            pytest.param(lambda token: {"token": token, "expires_in": 10**400}, id="for ever"),
        ],
    )
    def test_one_token_serves_for_all_later_requests(
        self, registry: FaultRegistry, client: MakeClient, response: Callable[[str], object]
    ) -> None:
        registry.grant_tokens(response=response)
        made = client(registry)
        assert made.data() == WEB.manifest
        assert made.digest() == WEB.digest
        assert made.blob(WEB.id, len(WEB.config)) == WEB.config
        assert made.tags() == ["1"]
        assert len(registry.requests) == 2 + 4
        assert authorizations(registry) == [None, None, *["Bearer token-1"] * 4]

    def test_each_scope_has_its_own_token(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.add("app/api:1", WEB)
        tokens = registry.grant_tokens()
        made = client(registry)
        for name in ("web:1", "app/api:1", "web:1", "app/api:1"):
            assert made.data(name) == WEB.manifest
        assert tokens.scopes == [SCOPE, "repository:app/api:pull"]
        assert authorizations(registry)[-2:] == ["Bearer token-1", "Bearer token-2"]

    @pytest.mark.parametrize("scope", [f"{SCOPE},push", f"registry:catalog:* {SCOPE}"])
    def test_the_registry_may_name_another_scope(
        self, registry: FaultRegistry, client: MakeClient, scope: str
    ) -> None:
        tokens = registry.grant_tokens(challenge=lambda usual: [usual.replace(SCOPE, scope)])
        made = client(registry)
        for _ in range(3):
            assert made.data() == WEB.manifest
        assert tokens.scopes == [scope]
        assert len(registry.requests) == 2 + 3

    def test_many_threads_fetch_one_token(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        tokens = registry.grant_tokens()
        made = client(registry)
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(made.data, ["web:1"] * 24)) == [WEB.manifest] * 24
        assert tokens.scopes == [SCOPE]

    def test_one_connection_is_enough_for_many_threads(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        tokens = registry.grant_tokens()
        made = client(registry, connections=1)
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(made.data, ["web:1"] * 8)) == [WEB.manifest] * 8
        assert (tokens.scopes, registry.peak) == ([SCOPE], 1)

    def test_many_threads_refresh_a_token_once(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        tokens = registry.grant_tokens()
        made = client(registry)
        made.data()
        registry.revoke_tokens()
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(made.data, ["web:1"] * 24)) == [WEB.manifest] * 24
        assert tokens.scopes == [SCOPE] * 2

    def test_a_token_that_is_refused_is_refreshed(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.grant_tokens()
        made = client(registry)
        made.data()
        registry.revoke_tokens()
        assert made.blob(WEB.id, len(WEB.config)) == WEB.config
        blob = f"GET /v2/web/blobs/{WEB.id}"
        assert registry.lines()[3:] == [blob, TOKEN, blob]
        assert authorizations(registry)[3:] == ["Bearer token-1", None, "Bearer token-2"]

    def test_a_token_is_refreshed_while_a_blob_is_resumed(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.grant_tokens()
        path = f"/blobs/{WEB.id}"

        def revoke_and_break_off(exchange: Exchange) -> None:
            registry.revoke_tokens()
            reset_after(9)(exchange)

        registry.script("GET", path, revoke_and_break_off)
        made = client(registry)
        assert made.blob(WEB.id, len(WEB.config)) == WEB.config
        assert registry.requests[-1].headers.get("Range") == "bytes=9-"
        assert authorizations(registry)[-1] == "Bearer token-2"

    def test_a_new_token_that_is_refused_is_final(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        tokens = registry.grant_tokens(challenge=lambda usual: [usual.replace(SCOPE, SCOPE[:-1])])
        made = client(registry)
        assert "answered 401" in made.fails(made.data)
        assert len(tokens.scopes) <= 2
        assert len(registry.requests) <= 5

    def test_insufficient_scope_gets_a_token_for_the_wider_one(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        wide = f"{SCOPE},push"
        tokens = registry.grant_tokens()
        insufficient = (
            f'Bearer realm="{registry.url}/token",service="{SERVICE}",scope="{wide}",'
            'error="insufficient_scope"'
        )
        registry.script("GET", "/manifests/1", challenge(insufficient))
        assert client(registry).data() == WEB.manifest
        assert tokens.scopes == [SCOPE, wide]
        assert registry.lines()[-1] == MANIFEST
        assert len(registry.requests) == 5

    def test_insufficient_scope_is_answered_once(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        tokens = registry.grant_tokens()
        answers = [
            challenge(
                f'Bearer realm="{registry.url}/token",scope="repository:web:{actions}",'
                'error="insufficient_scope"'
            )
            for actions in ("pull,push", "pull,push,delete")
        ]
        registry.script("GET", "/manifests/1", *answers, repeat=True)
        made = client(registry)
        assert "answered 401" in made.fails(made.data)
        assert len(tokens.scopes) == 2

    def test_a_later_challenge_may_name_another_token_server(
        self, registry: FaultRegistry, elsewhere: FaultRegistry, client: MakeClient
    ) -> None:
        """What a registry grants is never sent where a redirect leads."""
        tokens = registry.grant_tokens(require_basic=(USER, PASSWORD))
        elsewhere.add_blob(WEB.config)
        registry.script("GET", f"/blobs/{WEB.id}", redirect(f"{elsewhere.url}/{WEB.id}"))
        made = client(registry, logins={registry: login(password=PASSWORD)})
        assert made.blob(WEB.id, len(WEB.config)) == WEB.config
        assert len(tokens.scopes) == 1
        assert authorizations(elsewhere) == [None]
        assert leaks(elsewhere, "token-1") == []


class TestTokenServerFails:
    @pytest.mark.parametrize(
        ("answers", "asked"),
        [
            pytest.param([status(500), status(503)], 3, id="5xx"),
            pytest.param([status(429, {"Retry-After": "0"})], 2, id="429"),
            pytest.param([reset_after(3), as_usual], 2, id="reset"),
        ],
    )
    def test_a_failure_that_passes_is_waited_for(
        self,
        registry: FaultRegistry,
        client: MakeClient,
        answers: list[Answer],
        asked: int,
    ) -> None:
        registry.grant_tokens()
        registry.script("GET", "/token", *answers)
        made = client(registry)
        assert made.data() == WEB.manifest
        assert registry.lines().count(TOKEN) == asked
        assert len(made.said) == asked - 1
        assert f"GET {registry.url}/token" in made.said[0]

    @pytest.mark.parametrize(
        ("answer", "what"),
        [
            pytest.param(html(), "is not a JSON object", id="HTML"),
            pytest.param(body(b"[]"), "is not a JSON object", id="array"),
            pytest.param(body(b"\xff\xfe\x00"), "is not a JSON object", id="not UTF-8"),
            pytest.param(body(b"[" * 60_000), "is not a JSON object", id="deep"),
            pytest.param(body(b"{}"), "holds no token", id="empty"),
            pytest.param(body(b'{"token": 7}'), "holds no token", id="number"),
            pytest.param(body(b'{"token": "a\\r\\nX-Evil: b"}'), "holds no token", id="injection"),
            pytest.param(body('{"token": "é"}'.encode()), "holds no token", id="not ASCII"),
            pytest.param(endless_body(), "is not a JSON object", id="endless"),
        ],
    )
    def test_an_answer_without_a_token_is_an_error(
        self, registry: FaultRegistry, client: MakeClient, answer: Answer, what: str
    ) -> None:
        registry.grant_tokens()
        registry.script("GET", "/token", answer)
        made = client(registry)
        assert made.fails(made.data) == (
            f"GET {registry.url}/token: the token server's answer {what}; "
            "tell the registry's operator"
        )
        assert registry.lines() == [MANIFEST, TOKEN]

    def test_a_redirect_is_not_followed(
        self, registry: FaultRegistry, elsewhere: FaultRegistry, client: MakeClient
    ) -> None:
        registry.grant_tokens(require_basic=(USER, PASSWORD))
        registry.script("GET", "/token", redirect(f"{elsewhere.url}/login"))
        made = client(registry, logins={registry: login(password=PASSWORD)})
        assert f"GET {registry.url}/token answered 307" in made.fails(made.data)
        assert elsewhere.lines() == []

    def test_a_failure_that_stays_is_the_error(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.grant_tokens()
        registry.script("GET", "/token", status(503), repeat=True)
        made = client(registry)
        assert made.fails(made.data) == (
            f"the token server: GET {registry.url}/token answered 503; "
            "the registry is in trouble; try again later"
        )
        assert registry.lines().count(TOKEN) == 3


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class TestExpiry:
    """By our own clock, with a floor of 60 s."""

    @pytest.mark.parametrize(
        ("expires_in", "lasts", "ends"),
        [
            pytest.param("300", 299, 301, id="as told"),
            pytest.param("1", 59, 61, id="the floor"),
            pytest.param("null", 59, 61, id="not told"),
            pytest.param('"300"', 59, 301, id="a string"),
            pytest.param("1e300", 3600, 90_000, id="for ever"),
        ],
    )
    def test_a_token_is_fetched_again_once_it_expires(
        self, expires_in: str, lasts: float, ends: float
    ) -> None:
        clock = Clock()
        made = Authenticator(lambda _: None, clock=clock, resolve=lambda _: [])
        granted = f'{{"token": "t", "expires_in": {expires_in}}}'.encode()
        assert _requests(made, granted) == 3
        clock.now = 1000 + lasts
        assert _requests(made, granted) == 1
        clock.now = 1000 + ends
        assert _requests(made, granted) == 2


def _requests(authenticator: Authenticator, granted: bytes) -> int:
    """How many requests it takes to get one manifest."""
    wanted = Request.of("GET", Url.parse("https://reg.test/v2/web/manifests/1"))
    count = 0
    handshake = authenticator.handshake(wanted, "web")
    request = next(handshake)
    while True:
        count += 1
        if request is not wanted:
            answer = Received(status=200, headers=Headers(), body=granted)
        elif "Authorization" in request.headers:
            return count
        else:
            fields = {"WWW-Authenticate": 'Bearer realm="https://auth.test/token"'}
            answer = Received(status=401, headers=Headers(fields.items()), body=b"")
        request = handshake.send(answer)
