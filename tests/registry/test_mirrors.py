"""Mirrors: the order of endpoints, failures of mirrors, logins, and registries.conf."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator

import pytest
from support.faults.answers import (
    body,
    chain,
    challenge,
    close_without_answer,
    endless_body,
    garbage,
    gzip_encoded,
    headers,
    html,
    json_error,
    redirect,
    reset_after,
    stall_after,
    status,
    truncate_after,
    wrong_bytes,
)
from support.faults.client import (
    BLOB,
    PASSWORD,
    USER,
    WEB,
    MakeClient,
    authorizations,
    leaks,
    login,
    ranges,
)
from support.faults.registry import FaultRegistry, faults
from support.faults.server import Answer
from support.faults.tokens import basic
from support.oci import MANIFEST, digest, image, layer

NAME = digest(BLOB)
BLOB_PATH = f"/v2/web/blobs/{NAME}"
TAGGED = "/v2/web/manifests/1"
PINNED = f"/v2/web/manifests/{WEB.digest}"
NEXT = "; trying the next place"
MIRRORS_PASSWORD = "0ther-pa55-0f-ann"  # noqa: S105 - of a fake
FAULTS = [
    pytest.param(json_error(404, "MANIFEST_UNKNOWN"), id="404"),
    pytest.param(json_error(403, "DENIED"), id="403"),
    pytest.param(challenge(), id="401"),
    pytest.param(challenge('Basic realm="x"'), id="Basic"),
    pytest.param(challenge('Bearer realm="http://169.254.169.254/"'), id="unsafe realm"),
    pytest.param(status(429, {"Retry-After": "86400"}), id="429"),
    pytest.param(status(500), id="500"),
    pytest.param(close_without_answer(), id="closed"),
    pytest.param(garbage(), id="garbage"),
    pytest.param(truncate_after(20), id="truncated"),
    pytest.param(wrong_bytes(), id="wrong bytes"),
    pytest.param(html(), id="a page"),
    pytest.param(body(b""), id="nothing"),
    pytest.param(endless_body(), id="endless"),
    pytest.param(redirect("http://169.254.169.254/"), id="unsafe redirect"),
    pytest.param(redirect("?"), id="loop"),
    pytest.param(chain(gzip_encoded(), truncate_after(40)), id="truncated encoding"),
    pytest.param(
        body(b"\x1f\x8b\x08\x00broken", {"Content-Encoding": "gzip"}), id="broken encoding"
    ),
]


@pytest.fixture(autouse=True)
def _blobs(registry: FaultRegistry, mirror: FaultRegistry) -> None:
    registry.add_blob(BLOB)
    mirror.add_blob(BLOB)
    mirror.add("web:1", WEB)


@pytest.fixture
def second() -> Iterator[FaultRegistry]:
    with faults() as running:
        running.add("web:1", WEB)
        running.add_blob(BLOB)
        yield running
        assert running.unspent == 0


@pytest.fixture
def down() -> str:
    """The URL of a server that is no more."""
    with faults() as running:
        return running.url


class TestOrder:
    def test_the_first_mirror_is_enough(
        self,
        registry: FaultRegistry,
        mirror: FaultRegistry,
        second: FaultRegistry,
        client: MakeClient,
    ) -> None:
        made = client(registry, mirrors=[mirror, second])
        assert made.digest() == WEB.digest
        assert made.data() == WEB.manifest
        assert made.blob(NAME) == BLOB
        assert made.tags() == ["1"]
        assert mirror.lines() == [
            f"HEAD {TAGGED}?{ns(registry)}",
            f"GET {TAGGED}?{ns(registry)}",
            f"GET {BLOB_PATH}?{ns(registry)}",
            f"GET /v2/web/tags/list?{ns(registry)}",
        ]
        assert (second.lines(), registry.lines(), made.said) == ([], [], [])

    def test_the_registry_is_asked_last(
        self,
        registry: FaultRegistry,
        mirror: FaultRegistry,
        second: FaultRegistry,
        client: MakeClient,
    ) -> None:
        asked: list[str] = []

        def noting(name: str) -> Answer:
            return lambda _exchange: asked.append(name)

        gone = json_error(404, "MANIFEST_UNKNOWN", "not here")
        for name, server in (("first", mirror), ("second", second)):
            server.script("GET", TAGGED, chain(noting(name), gone))
        registry.script("GET", TAGGED, noting("registry"))
        made = client(registry, mirrors=[mirror, second])
        assert made.data() == WEB.manifest
        assert asked == ["first", "second", "registry"]
        assert made.said == [
            f"GET {server.url}{TAGGED} answered 404 (MANIFEST_UNKNOWN: not here){NEXT}"
            for server in (mirror, second)
        ]

    def test_the_second_mirror_is_asked_where_the_first_fails(
        self,
        registry: FaultRegistry,
        mirror: FaultRegistry,
        second: FaultRegistry,
        client: MakeClient,
    ) -> None:
        mirror.script("GET", BLOB_PATH, *[wrong_bytes()] * 2)
        made = client(registry, mirrors=[mirror, second])
        assert made.blob(NAME) == BLOB
        assert (mirror.lines(), second.lines()) == (
            [f"GET {BLOB_PATH}?{ns(registry)}"] * 2,
            [f"GET {BLOB_PATH}?{ns(registry)}"],
        )
        assert registry.lines() == []
        assert made.said[-1].startswith(f"GET {mirror.url}{BLOB_PATH}: asked for {NAME}, got ")
        assert made.said[-1].endswith(NEXT)

    def test_the_error_is_that_of_the_registry(
        self, registry: FaultRegistry, mirror: FaultRegistry, client: MakeClient
    ) -> None:
        mirror.script("GET", TAGGED, status(500), repeat=True)
        registry.script("GET", TAGGED, json_error(404, "MANIFEST_UNKNOWN"))
        made = client(registry, mirrors=[mirror])
        assert made.fails(made.data) == (
            f"GET {registry.url}{TAGGED} answered 404 (MANIFEST_UNKNOWN): "
            "the repository web lists the tag 1, and has no manifest for it; push the image again"
        )

    def test_a_path_goes_before_the_repository(
        self, registry: FaultRegistry, mirror: FaultRegistry, client: MakeClient
    ) -> None:
        mirror.add("proxy/hub/web:1", WEB)
        made = client(registry, mirrors=[f"{mirror.url}/proxy/hub/"])
        assert made.data() == WEB.manifest
        assert made.blob(NAME) == BLOB
        assert mirror.lines() == [
            f"GET /v2/proxy/hub/web/manifests/1?{ns(registry)}",
            f"GET /v2/proxy/hub/web/blobs/{NAME}?{ns(registry)}",
        ]

    def test_a_path_is_in_the_scope_of_its_tokens(
        self, registry: FaultRegistry, mirror: FaultRegistry, client: MakeClient
    ) -> None:
        mirror.add("hub/web:1", WEB)
        tokens = mirror.grant_tokens()
        made = client(registry, mirrors=[f"{mirror.url}/hub"])
        assert made.data() == WEB.manifest
        assert tokens.scopes == ["repository:hub/web:pull"]


def ns(registry: FaultRegistry) -> str:
    """The query that names the registry to a mirror."""
    return f"ns={registry.host.replace(':', '%3A')}"


class TestNamespace:
    """A mirror of several registries, such as Spegel, is told whose image it is asked for."""

    @pytest.fixture
    def spegel(self, registry: FaultRegistry) -> Iterator[FaultRegistry]:
        """A mirror that answers 404 to requests without the registry's name."""
        unnamed = re.compile(rf"^(?!.*[?&]{re.escape(ns(registry))}(&|$))")
        with faults() as running:
            running.add("web:1", WEB)
            running.add_blob(BLOB)
            for method in ("GET", "HEAD"):
                running.script(method, unnamed, json_error(404, "NAME_UNKNOWN"), repeat=True)
            yield running

    def test_every_request_has_it(
        self, registry: FaultRegistry, spegel: FaultRegistry, client: MakeClient
    ) -> None:
        made = client(registry, mirrors=[spegel])
        assert made.digest() == WEB.digest
        assert made.data() == WEB.manifest
        assert made.data(f"web@{WEB.digest}") == WEB.manifest
        assert made.blob(NAME) == BLOB
        assert made.tags() == ["1"]
        assert (registry.lines(), made.said) == ([], [])

    def test_a_mirror_of_registries_conf_gets_it(
        self, registry: FaultRegistry, spegel: FaultRegistry, client: MakeClient
    ) -> None:
        conf = (
            f'[[registry]]\nlocation = "{registry.host}"\n'
            f'[[registry.mirror]]\nlocation = "{spegel.host}"\n'
        )
        assert client(registry, conf=conf).data() == WEB.manifest
        assert registry.lines() == []

    @pytest.mark.parametrize("kept", [False, True])
    def test_the_next_page_of_tags_has_it_once(
        self, registry: FaultRegistry, spegel: FaultRegistry, client: MakeClient, kept: bool
    ) -> None:
        """docker-registry leaves it out of its links."""
        target = f"?{ns(registry)}&last=1" if kept else "?last=1"
        link = {"Link": f'<{target}>; rel="next"'}
        spegel.script("GET", f"/tags/list?{ns(registry)}", body(b'{"tags": ["1"]}', link))
        spegel.script("GET", re.compile("[?&]last=1"), body(b'{"tags": ["2"]}'))
        made = client(registry, mirrors=[spegel])
        assert made.tags() == ["1", "2"]
        query = f"{ns(registry)}&last=1" if kept else f"last=1&{ns(registry)}"
        assert spegel.lines()[1] == f"GET /v2/web/tags/list?{query}"

    def test_the_registry_does_not_get_it(
        self, registry: FaultRegistry, mirror: FaultRegistry, client: MakeClient
    ) -> None:
        mirror.script("GET", TAGGED, status(404))
        assert client(registry, mirrors=[mirror]).data() == WEB.manifest
        assert registry.lines() == [f"GET {TAGGED}"]

    def test_a_registry_among_its_own_mirrors_does_not_get_it(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        assert client(registry, mirrors=[registry]).data() == WEB.manifest
        assert registry.lines() == [f"GET {TAGGED}"]

    def test_the_target_of_a_redirect_does_not_get_it(
        self,
        registry: FaultRegistry,
        mirror: FaultRegistry,
        elsewhere: FaultRegistry,
        client: MakeClient,
    ) -> None:
        """The signature of its URL may cover the query."""
        elsewhere.add_blob(BLOB)
        target = f"/cdn/{NAME}?signature=1"
        mirror.script("GET", BLOB_PATH, redirect(f"{elsewhere.url}{target}"))
        assert client(registry, mirrors=[mirror]).blob(NAME) == BLOB
        assert elsewhere.lines() == [f"GET {target}"]


class TestFaults:
    @pytest.mark.parametrize("answer", FAULTS)
    @pytest.mark.parametrize("by", ["tag", "digest"])
    def test_a_mirror_fails_for_a_manifest(
        self,
        registry: FaultRegistry,
        mirror: FaultRegistry,
        client: MakeClient,
        answer: Answer,
        by: str,
    ) -> None:
        path = TAGGED if by == "tag" else PINNED
        mirror.script("GET", path, answer, repeat=True)
        made = client(registry, mirrors=[mirror])
        locked = made.resolve("web:1" if by == "tag" else f"web@{WEB.digest}")
        assert str(locked.digest) == WEB.digest
        assert f"GET {path}" in registry.lines()
        assert made.said[-1].endswith(NEXT)
        assert len([asked for asked in mirror.requests if asked.path.startswith(path)]) <= 7

    @pytest.mark.parametrize("answer", FAULTS)
    def test_a_mirror_fails_for_a_blob(
        self,
        registry: FaultRegistry,
        mirror: FaultRegistry,
        client: MakeClient,
        answer: Answer,
    ) -> None:
        mirror.script("GET", BLOB_PATH, answer, repeat=True)
        made = client(registry, mirrors=[mirror])
        assert made.blob(NAME) == BLOB
        assert registry.lines() == [f"GET {BLOB_PATH}"]
        assert ranges(registry) == [None]
        assert made.said[-1].endswith(NEXT)

    @pytest.mark.parametrize("what", ["manifest", "blob", "tags", "digest"])
    def test_a_mirror_that_is_down_is_passed_over(
        self, registry: FaultRegistry, client: MakeClient, down: str, what: str
    ) -> None:
        made = client(registry, mirrors=[down])
        if what == "manifest":
            assert made.data() == WEB.manifest
        elif what == "blob":
            assert made.blob(NAME) == BLOB
        elif what == "tags":
            assert made.tags() == ["1"]
        else:
            assert made.digest() == WEB.digest
        (said,) = made.said
        assert f" {down}/v2/web/" in said
        assert f"cannot connect ([Errno 111] Connection refused){NEXT}" in said

    def test_a_silent_mirror_is_passed_over(
        self, registry: FaultRegistry, mirror: FaultRegistry, client: MakeClient
    ) -> None:
        mirror.script("GET", BLOB_PATH, *[stall_after(10_000)] * 3)
        made = client(registry, mirrors=[mirror])
        started = time.monotonic()
        assert made.blob(NAME) == BLOB
        assert time.monotonic() - started < 5

    def test_no_bytes_of_a_failed_mirror_are_kept(
        self, registry: FaultRegistry, mirror: FaultRegistry, client: MakeClient
    ) -> None:
        """Bytes of a mirror that breaks off are not gone on with elsewhere."""
        mirror.script(
            "GET", BLOB_PATH, chain(wrong_bytes(0), reset_after(10_000)), *[status(500)] * 2
        )
        registry.script("GET", BLOB_PATH, reset_after(5_000))
        made = client(registry, mirrors=[mirror])
        assert made.blob(NAME) == BLOB
        assert ranges(mirror) == [None, "bytes=10000-", "bytes=10000-"]
        assert ranges(registry) == [None, "bytes=5000-"]

    def test_an_older_image_is_what_the_mirror_says(
        self, registry: FaultRegistry, mirror: FaultRegistry, client: MakeClient
    ) -> None:
        """A tag is the first mirror's to tell; a digest is not."""
        old = image(layer({"old": b""}))
        mirror.add("web:1", old)
        made = client(registry, mirrors=[mirror])
        assert made.data() == old.manifest
        mirror.script("GET", WEB.digest, body(old.manifest, {"Content-Type": MANIFEST}))
        assert made.data(f"web@{WEB.digest}") == WEB.manifest

    def test_a_page_in_place_of_a_tags_manifest_is_passed_over(
        self, registry: FaultRegistry, mirror: FaultRegistry, client: MakeClient
    ) -> None:
        nothing = json.dumps({"message": "please log in"}).encode()
        mirror.script("GET", TAGGED, body(nothing, {"Content-Type": "application/json"}))
        made = client(registry, mirrors=[mirror])
        assert str(made.resolve().digest) == WEB.digest

    def test_a_mirror_without_head(
        self, registry: FaultRegistry, mirror: FaultRegistry, client: MakeClient
    ) -> None:
        mirror.script("HEAD", TAGGED, status(405), headers({"Docker-Content-Digest": None}))
        made = client(registry, mirrors=[mirror])
        assert made.digest() == WEB.digest
        assert made.digest() in {None, WEB.digest}

    def test_a_mirror_fails_for_tags(
        self, registry: FaultRegistry, mirror: FaultRegistry, client: MakeClient
    ) -> None:
        """Some mirrors do not list tags; a list that breaks off in the middle is not kept."""
        mirror.script(
            "GET",
            "/tags/list",
            body(b'{"tags": ["mirrored"]}', {"Link": '<?last=mirrored>; rel="next"'}),
        )
        mirror.script("GET", re.compile(r"\?last=mirrored"), json_error(405, "UNSUPPORTED"))
        made = client(registry, mirrors=[mirror])
        assert made.tags() == ["1"]


class TestLogins:
    def test_each_mirror_gets_its_own_login(
        self, registry: FaultRegistry, mirror: FaultRegistry, client: MakeClient
    ) -> None:
        mirror.require_basic(USER, MIRRORS_PASSWORD)
        registry.require_basic(USER, PASSWORD)
        mirror.script("GET", BLOB_PATH, status(404))
        made = client(
            registry,
            mirrors=[mirror],
            logins={
                registry: login(password=PASSWORD),
                mirror: login(password=MIRRORS_PASSWORD),
            },
        )
        assert made.blob(NAME) == BLOB
        assert authorizations(mirror) == [None, basic(USER, MIRRORS_PASSWORD)]
        assert authorizations(registry) == [None, basic(USER, PASSWORD)]

    def test_mirrors_do_not_get_the_login_of_the_registry(
        self, registry: FaultRegistry, mirror: FaultRegistry, client: MakeClient
    ) -> None:
        mirror.require_basic(USER, PASSWORD)
        registry.require_basic(USER, PASSWORD)
        made = client(registry, mirrors=[mirror], logins={registry: login(password=PASSWORD)})
        assert made.data() == WEB.manifest
        assert made.blob(NAME) == BLOB
        assert set(authorizations(mirror)) == {None}
        assert leaks(mirror, PASSWORD) == []

    def test_the_registry_does_not_get_the_login_of_a_mirror(
        self, registry: FaultRegistry, mirror: FaultRegistry, client: MakeClient
    ) -> None:
        mirror.script("GET", TAGGED, status(404))
        registry.require_basic(USER, MIRRORS_PASSWORD)
        made = client(registry, mirrors=[mirror], logins={mirror: login(password=MIRRORS_PASSWORD)})
        assert "answered 401" in made.fails(made.data)
        assert authorizations(registry) == [None]

    def test_tokens_are_not_shared_either(
        self, registry: FaultRegistry, mirror: FaultRegistry, client: MakeClient
    ) -> None:
        registry.grant_tokens(require_basic=(USER, PASSWORD))
        made = client(registry, mirrors=[mirror], logins={registry: login(password=PASSWORD)})
        mirror.script("GET", BLOB_PATH, status(404), status(404))
        for _ in range(2):
            assert made.blob(NAME) == BLOB
        assert authorizations(mirror) == [None, None]
        assert leaks(mirror, PASSWORD, "token-") == []

    def test_a_mirror_that_wants_the_registrys_token(
        self, registry: FaultRegistry, mirror: FaultRegistry, client: MakeClient
    ) -> None:
        """With the registry's realm in its challenge it gets what anybody would."""
        tokens = registry.grant_tokens(require_basic=(USER, PASSWORD))
        realm = f'Bearer realm="{registry.url}/token",scope="repository:web:pull"'
        mirror.script("GET", TAGGED, challenge(realm), repeat=True)
        made = client(registry, mirrors=[mirror], logins={registry: login(password=PASSWORD)})
        assert made.data() == WEB.manifest
        assert tokens.scopes == ["repository:web:pull"]
        assert leaks(mirror, PASSWORD, "token-") == []


class TestRegistriesConf:
    def conf(self, registry: FaultRegistry, mirror: FaultRegistry, more: str = "") -> str:
        return (
            f'[[registry]]\nlocation = "{registry.host}"\n{more}\n'
            f'[[registry.mirror]]\nlocation = "{mirror.host}"\n'
        )

    def test_mirror(
        self, registry: FaultRegistry, mirror: FaultRegistry, client: MakeClient
    ) -> None:
        made = client(registry, conf=self.conf(registry, mirror))
        assert made.data() == WEB.manifest
        mirror.script("GET", BLOB_PATH, *[wrong_bytes()] * 2)
        assert made.blob(NAME) == BLOB
        assert registry.lines() == [f"GET {BLOB_PATH}"]

    def test_blocked(
        self, registry: FaultRegistry, mirror: FaultRegistry, client: MakeClient
    ) -> None:
        made = client(registry, conf=self.conf(registry, mirror, "blocked = true"))
        message = made.fails(made.data)
        assert f"{registry.host} is blocked; use another registry, or unblock it" in message
        assert (registry.connections, mirror.connections) == (0, 0)

    def test_location(
        self, registry: FaultRegistry, mirror: FaultRegistry, client: MakeClient
    ) -> None:
        mirror.add("moved/web:1", WEB)
        conf = f'[[registry]]\nprefix = "{registry.host}"\nlocation = "{mirror.host}/moved"\n'
        assert client(registry, conf=conf).data() == WEB.manifest
        assert mirror.lines() == ["GET /v2/moved/web/manifests/1"]
        assert registry.connections == 0

    def test_insecure_without_tls(self, registry: FaultRegistry, client: MakeClient) -> None:
        conf = f'[[registry]]\nlocation = "{registry.host}"\ninsecure = true\n'
        assert client(registry, conf=conf).data() == WEB.manifest

    def test_insecure_with_tls_that_nobody_vouches_for(
        self, secure: FaultRegistry, client: MakeClient
    ) -> None:
        conf = f'[[registry]]\nlocation = "{secure.host}"\ninsecure = true\n'
        assert client(secure, conf=conf).data() == WEB.manifest
