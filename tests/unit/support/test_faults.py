"""The faulty registry goes wrong as it is told, and else is right: a broken fake proves nothing."""

from __future__ import annotations

import gzip
import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from support.certificates import Authority
from support.faults.answers import (
    as_if,
    as_usual,
    bad_content_range,
    body,
    chain,
    challenge,
    chunked_broken,
    close_without_answer,
    delay,
    drip,
    endless_body,
    garbage,
    gzip_encoded,
    headers,
    html,
    huge_headers,
    ignore_range,
    json_error,
    no_content_length,
    redirect,
    reset_after,
    stall_after,
    status,
    truncate_after,
    truncate_head,
    unsatisfiable,
    wrong_bytes,
)
from support.faults.registry import FaultRegistry, faults
from support.faults.server import Answer, Exchange
from support.faults.tokens import basic
from support.oci import INDEX, MANIFEST, digest, image, index, layer

BLOB = bytes(range(256)) * 40
PATH = f"/v2/web/blobs/{digest(BLOB)}"
LAYER = layer({"hello": b"hi"})
WEB = image(LAYER)


@pytest.fixture
def registry() -> Iterator[FaultRegistry]:
    with faults() as running:
        running.add("web:1", WEB)
        running.add_blob(BLOB)
        yield running


@pytest.fixture
def client(registry: FaultRegistry) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=registry.url, timeout=5, trust_env=False) as made:
        yield made


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


class Received:
    """A body as far as it came, and how it ended."""

    def __init__(self, registry: FaultRegistry, path: str = PATH, method: str = "GET") -> None:
        host, _, port = registry.host.rpartition(":")
        raw, self.error = bytearray(), ""
        with socket.create_connection((host, int(port)), timeout=5) as sock:
            sock.sendall(
                f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
            )
            try:
                while piece := sock.recv(65536):
                    raw += piece
            except OSError as error:
                self.error = type(error).__name__
        self.raw = bytes(raw)
        head, _, self.body = self.raw.partition(b"\r\n\r\n")
        self.head = head.decode("latin-1")


class TestFaithful:
    def test_manifest(self, registry: FaultRegistry, client: httpx.Client) -> None:
        for reference in ("1", WEB.digest):
            got = client.get(f"/v2/web/manifests/{reference}", headers={"Accept": MANIFEST})
            assert (got.status_code, got.content) == (200, WEB.manifest)
            assert got.headers["content-type"] == MANIFEST
            assert got.headers["docker-content-digest"] == WEB.digest
            head = client.head(f"/v2/web/manifests/{reference}")
            assert (head.headers, head.content) == (got.headers, b"")
        assert client.get("/v2/web/manifests/1", headers={"Accept": INDEX}).status_code == 404
        assert [one.connection for one in registry.requests] == [1] * 5
        assert registry.lines()[:2] == ["GET /v2/web/manifests/1", "HEAD /v2/web/manifests/1"]
        assert registry.requests[0].headers.all("ACCEPT") == [MANIFEST]

    def test_index(self, registry: FaultRegistry, client: httpx.Client) -> None:
        both = [WEB, image(LAYER, platform="linux/arm64")]
        top = registry.add("both:1", *both)
        got = client.get("/v2/both/manifests/1")
        assert (got.content, got.headers["content-type"]) == (index(both), INDEX)
        assert top == digest(got.content)
        for one in both:
            assert client.get(f"/v2/both/manifests/{one.digest}").content == one.manifest
            assert client.get(f"/v2/both/blobs/{one.id}").content == one.config

    @pytest.mark.parametrize(
        ("sent", "code", "content_range", "content"),
        [
            pytest.param({}, 200, None, BLOB, id="all"),
            pytest.param({"Range": "bytes=10-"}, 206, "bytes 10-10239/10240", BLOB[10:], id="tail"),
            pytest.param({"Range": "bytes=3-5"}, 206, "bytes 3-5/10240", BLOB[3:6], id="middle"),
            pytest.param(
                {"Range": "bytes=-2"}, 206, "bytes 10238-10239/10240", BLOB[-2:], id="last"
            ),
            pytest.param({"Range": "bytes=10240-"}, 416, "bytes */10240", b"", id="beyond"),
            pytest.param(
                {"Range": "bytes=3-5", "If-Range": '"other"'}, 200, None, BLOB, id="another version"
            ),
        ],
    )
    def test_range(
        self,
        client: httpx.Client,
        sent: dict[str, str],
        code: int,
        content_range: str | None,
        content: bytes,
    ) -> None:
        got = client.get(PATH, headers=sent)
        assert (got.status_code, got.content) == (code, content)
        assert got.headers.get("content-range") == content_range
        assert got.headers["content-length"] == str(len(content))

    def test_tags(self, registry: FaultRegistry, client: httpx.Client) -> None:
        for tag in ("2", "3"):
            registry.add(f"web:{tag}", WEB)
        assert client.get("/v2/web/tags/list").json() == {"name": "web", "tags": ["1", "2", "3"]}
        page = client.get("/v2/web/tags/list?n=2")
        assert page.json()["tags"] == ["1", "2"]
        page = client.get(page.links["next"]["url"])
        assert (page.json()["tags"], page.links) == (["3"], {})

    @pytest.mark.parametrize(
        ("path", "code"),
        [
            ("/v2/web/manifests/none", "MANIFEST_UNKNOWN"),
            (f"/v2/other/manifests/{WEB.digest}", "MANIFEST_UNKNOWN"),
            (f"/v2/web/blobs/{digest(b'')}", "BLOB_UNKNOWN"),
            ("/v2/none/tags/list", "NAME_UNKNOWN"),
        ],
    )
    def test_unknown(self, client: httpx.Client, path: str, code: str) -> None:
        got = client.get(path)
        assert got.status_code == 404
        assert got.json()["errors"][0]["code"] == code

    def test_other_places(self, client: httpx.Client) -> None:
        assert client.get("/v2/").json() == {}
        assert client.get(f"/cdn/{digest(BLOB)}?signature=x").content == BLOB
        assert client.get("/").status_code == 404
        assert client.get("/v2/v2/web/manifests/1").status_code == 404

    def test_prefix(self) -> None:
        with faults(prefix="/hub") as mirror:
            mirror.add("web:1", WEB)
            assert httpx.get(f"{mirror.url}/v2/web/manifests/1").content == WEB.manifest
            assert httpx.get(f"http://{mirror.host}/v2/web/manifests/1").status_code == 404


class TestReplies:
    def test_in_turn(self, registry: FaultRegistry, client: httpx.Client) -> None:
        registry.script("GET", "/manifests/1", status(429, {"Retry-After": "1"}, b"slow"), as_usual)
        registry.script("GET", re.compile("/manifests/"), status(503), status(500), repeat=True)
        assert registry.unspent == 4
        assert client.head("/v2/web/manifests/1").status_code == 200
        got = [client.get("/v2/web/manifests/1") for _ in range(5)]
        assert [one.status_code for one in got] == [429, 200, 503, 500, 500]
        assert (got[0].headers["retry-after"], got[0].content) == ("1", b"slow")
        assert registry.unspent == 0
        assert registry.connections == 1

    def test_query(self, registry: FaultRegistry, client: httpx.Client) -> None:
        registry.script("GET", "/tags/list?n=1", status(500))
        assert client.get("/v2/web/tags/list").status_code == 200
        assert client.get("/v2/web/tags/list?n=1").status_code == 500

    def test_errors(self, registry: FaultRegistry, client: httpx.Client) -> None:
        lines = ('Basic realm="x"', 'Bearer realm="y"')
        registry.script("GET", PATH, json_error(403, "DENIED", "no"), challenge(*lines), html(502))
        denied, challenged, page = (client.get(PATH) for _ in range(3))
        assert (denied.status_code, denied.json()["errors"][0]["message"]) == (403, "no")
        assert challenged.status_code == 401
        assert challenged.headers.get_list("www-authenticate") == list(lines)
        assert (page.status_code, page.headers["content-type"][:9]) == (502, "text/html")

    def test_redirect(self, registry: FaultRegistry, client: httpx.Client) -> None:
        with faults() as cdn:
            cdn.add_blob(BLOB)
            signed = f"{cdn.url}/{digest(BLOB)}?signature=x"
            registry.script("GET", PATH, redirect(signed), redirect(cdn.url, 302, keep_path=True))
            assert client.get(PATH, follow_redirects=True).content == BLOB
            assert client.get(PATH, follow_redirects=True).history[0].status_code == 302
            assert cdn.lines() == [f"GET /{digest(BLOB)}?signature=x", f"GET {PATH}"]

    def test_headers(self, registry: FaultRegistry, client: httpx.Client) -> None:
        changes = {"docker-content-digest": None, "Content-Encoding": "gzip", "Via": ["a", "b"]}
        registry.script("HEAD", "/manifests/1", headers(changes))
        got = client.head("/v2/web/manifests/1")
        assert "docker-content-digest" not in got.headers
        assert got.headers["content-encoding"] == "gzip"
        assert got.headers.get_list("via") == ["a", "b"]
        assert got.headers["content-length"] == str(len(WEB.manifest))

    def test_ranges(self, registry: FaultRegistry, client: httpx.Client) -> None:
        registry.script(
            "GET",
            PATH,
            ignore_range(),
            bad_content_range("bytes 0-1/2"),
            unsatisfiable(),
            as_if({"Range": "bytes=7-8"}),
        )
        got = [client.get(PATH, headers={"Range": "bytes=5-"}) for _ in range(4)]
        assert [one.status_code for one in got] == [200, 206, 416, 206]
        assert [one.content for one in got] == [BLOB, BLOB[5:], b"", BLOB[7:9]]
        ranges = [one.headers.get("content-range") for one in got]
        assert ranges == [None, "bytes 0-1/2", "bytes */10240", "bytes 7-8/10240"]

    def test_contents(self, registry: FaultRegistry, client: httpx.Client) -> None:
        registry.script("GET", PATH, wrong_bytes(), gzip_encoded(), body(b"{}", {"X-Y": "z"}))
        wrong, coded, other = (client.send(client.build_request("GET", PATH)) for _ in range(3))
        assert [n for n, byte in enumerate(BLOB) if byte != wrong.content[n]] == [len(BLOB) // 2]
        assert len(wrong.content) == len(BLOB)
        assert (coded.content, coded.headers["content-encoding"]) == (BLOB, "gzip")
        assert int(coded.headers["content-length"]) == len(gzip.compress(BLOB))
        assert (other.content, other.headers["x-y"]) == (b"{}", "z")

    def test_of_ones_own(self, registry: FaultRegistry, client: httpx.Client) -> None:
        def teapot(exchange: Exchange) -> None:
            exchange.connection.send(b"HTTP/1.1 418 Teapot\r\nContent-Length: 2\r\n\r\nhi")

        registry.script("GET", PATH, teapot)
        assert client.get(PATH).text == "hi"
        assert client.get(PATH).content == BLOB


class TestBrokenConnections:
    @pytest.mark.parametrize(
        ("answer", "came", "error"),
        [
            pytest.param(reset_after(7), BLOB[:7], "ConnectionResetError", id="reset"),
            pytest.param(truncate_after(7), BLOB[:7], "", id="truncated"),
            pytest.param(stall_after(7, 0.01), BLOB[:7], "", id="stalled"),
            pytest.param(body(b"short", content_length=9), b"short", "", id="short"),
            pytest.param(body(b"long", content_length=2), b"long", "", id="long"),
            pytest.param(chain(wrong_bytes(0), truncate_after(2)), b"\1\1", "", id="chain"),
            pytest.param(no_content_length(), BLOB, "", id="delimited by the end"),
            pytest.param(
                chain(body(b"hi"), no_content_length(chunked=True)),
                b"2\r\nhi\r\n0\r\n\r\n",
                "",
                id="chunked",
            ),
            pytest.param(
                chain(body(b"hi"), chunked_broken(b"zz\r\n")), b"2\r\nhi\r\nzz\r\n", "", id="chunks"
            ),
        ],
    )
    def test_in_the_body(
        self, registry: FaultRegistry, answer: Answer, came: bytes, error: str
    ) -> None:
        registry.script("GET", PATH, answer)
        got = Received(registry)
        assert got.head.startswith("HTTP/1.1 200 OK\r\n")
        assert (got.body, got.error) == (came, error)
        assert Received(registry).body == BLOB

    @pytest.mark.parametrize(
        ("answer", "came", "error"),
        [
            pytest.param(close_without_answer(), b"", "", id="closed"),
            pytest.param(close_without_answer(reset=True), b"", "ConnectionResetError", id="reset"),
            pytest.param(garbage(b"\0\1"), b"\0\1", "", id="garbage"),
            pytest.param(truncate_head(12), b"HTTP/1.1 200", "", id="head"),
        ],
    )
    def test_before_it(
        self, registry: FaultRegistry, answer: Answer, came: bytes, error: str
    ) -> None:
        registry.script("GET", PATH, answer)
        got = Received(registry)
        assert (got.raw, got.error) == (came, error)

    def test_what_was_sent_before_a_reset_comes(self, registry: FaultRegistry) -> None:
        data = bytes(16 * 1024 * 1024)  # more than the kernel's buffers hold
        registry.add_blob(data)
        path = f"/cdn/{digest(data)}"
        registry.script("GET", path, reset_after(len(data) - 1))
        got = Received(registry, path)
        assert (len(got.body), got.error) == (len(data) - 1, "ConnectionResetError")

    def test_head_has_no_body(self, registry: FaultRegistry) -> None:
        registry.script("HEAD", PATH, truncate_after(7), no_content_length(chunked=True))
        assert [Received(registry, method="HEAD").body for _ in range(3)] == [b""] * 3

    def test_too_much(self, registry: FaultRegistry, client: httpx.Client) -> None:
        registry.script("GET", PATH, endless_body(), huge_headers())
        with client.stream("GET", PATH) as response:
            pieces = response.iter_raw()
            assert sum(len(next(pieces)) for _ in range(100)) > 100 * 1024
        with pytest.raises(httpx.RemoteProtocolError):
            client.get(PATH)

    def test_waits(self, registry: FaultRegistry, client: httpx.Client) -> None:
        registry.script("GET", PATH, delay(0.1), delay(0.1, status(503)), drip(len(BLOB) * 10))
        for code in (200, 503, 200):
            started = time.monotonic()
            assert client.get(PATH).status_code == code
            assert 0.09 < time.monotonic() - started < 5
        assert registry.connections == 1

    def test_no_http(self, registry: FaultRegistry) -> None:
        with pytest.raises(httpx.ConnectError, match=r"(?i)wrong.version|record.layer"):
            httpx.get(f"https://{registry.host}/v2/")
        assert registry.requests == []


class TestStopping:
    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param(delay(60), id="delay"),
            pytest.param(stall_after(1, 60), id="stall"),
            pytest.param(drip(1), id="drip"),
            pytest.param(endless_body(), id="nobody reads"),
        ],
    )
    @pytest.mark.parametrize("secure", [False, True], ids=["plain", "tls"])
    def test_ends_all_waits(self, authority: Authority, answer: Answer, *, secure: bool) -> None:
        before = set(threading.enumerate())
        server = FaultRegistry(tls=authority.server_context() if secure else None)
        with server:
            server.add_blob(BLOB)
            server.script("GET", PATH, answer)
            plain = socket.create_connection(("127.0.0.1", int(server.host.split(":")[1])))
            idle = socket.create_connection(plain.getpeername())
            sock = (
                authority.client_context().wrap_socket(plain, server_hostname="localhost")
                if secure
                else plain
            )
            sock.sendall(f"GET {PATH} HTTP/1.1\r\n\r\n".encode())
            deadline = time.monotonic() + 5
            while not server.requests and time.monotonic() < deadline:
                time.sleep(0.001)
            time.sleep(0.01)
            started = time.monotonic()
        assert time.monotonic() - started < 5
        assert set(threading.enumerate()) == before
        sock.close()
        idle.close()

    def test_many_at_once(self) -> None:
        with faults() as one, faults() as two, faults(address="::1") as three:
            assert len({one.host, two.host, three.host}) == 3
            assert three.host.startswith("[::1]:")
            assert httpx.get(f"{three.url}/v2/").status_code == 200

    def test_peak(self, registry: FaultRegistry) -> None:
        def together(exchange: Exchange) -> None:
            while registry.peak < 3:
                exchange.connection.wait(0.001)

        registry.script("GET", PATH, together, repeat=True)
        threads = [threading.Thread(target=Received, args=[registry]) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (registry.peak, registry.connections) == (3, 3)


class TestLogins:
    def test_tokens(self, registry: FaultRegistry, client: httpx.Client) -> None:
        with faults() as realm:
            tokens = registry.grant_tokens(at=realm)
            registry.script("GET", "/manifests/1", status(503))
            refused = client.get("/v2/web/manifests/1")
            assert refused.status_code == 401
            assert refused.headers["www-authenticate"] == (
                f'Bearer realm="{realm.url}/token",service="fault.test",scope="repository:web:pull"'
            )
            query = {"scope": "repository:web:pull,push", "service": "fault.test"}
            got = httpx.get(tokens.realm, params=query).json()["token"]
            bearer = {"Authorization": f"Bearer {got}"}
            assert client.get("/v2/web/manifests/1", headers=bearer).status_code == 503
            assert client.get("/v2/web/manifests/1", headers=bearer).status_code == 200
            other = client.get("/v2/other/manifests/1", headers=bearer)
            assert 'error="insufficient_scope"' in other.headers["www-authenticate"]
            registry.revoke_tokens()
            late = client.get("/v2/web/manifests/1", headers=bearer)
            assert 'error="invalid_token"' in late.headers["www-authenticate"]
            assert httpx.get(tokens.realm).json()["token"] != got
            assert tokens.scopes == ["repository:web:pull,push", ""]

    def test_token_logins(self, registry: FaultRegistry, client: httpx.Client) -> None:
        registry.grant_tokens(
            "/v2/auth",
            require_basic=("me", "secret"),
            refresh_token="refresh",  # noqa: S106 - of nobody
            response=lambda token: {"access_token": token, "expires_in": 60},
            challenge=lambda usual: ['Basic realm="x"', usual],
        )
        assert len(client.get("/v2/").headers.get_list("www-authenticate")) == 2
        assert client.get("/v2/auth").status_code == 401
        assert client.get("/v2/auth", auth=("me", "wrong")).status_code == 401
        granted = [client.get("/v2/auth", auth=("me", "secret"))]
        form = {"grant_type": "refresh_token", "refresh_token": "refresh"}
        granted.append(client.post("/v2/auth", data=form))
        form = {"grant_type": "password", "username": "me", "password": "secret"}
        granted.append(client.post("/v2/auth", data=form))
        found = [one.json()["access_token"] for one in granted]
        assert len(set(found)) == 3
        for token in found:
            bearer = {"Authorization": f"Bearer {token}"}
            assert client.get("/v2/", headers=bearer).status_code == 200
        form = {"grant_type": "refresh_token", "refresh_token": "other"}
        assert client.post("/v2/auth", data=form).status_code == 401
        assert registry.requests[-1].body == b"grant_type=refresh_token&refresh_token=other"

    def test_a_scripted_realm_grants_nothing(
        self, registry: FaultRegistry, client: httpx.Client
    ) -> None:
        tokens = registry.grant_tokens()
        worthless = json.dumps({"token": "worthless"}).encode()
        registry.script("GET", "/token", status(503), body(worthless))
        assert client.get("/token").status_code == 503
        assert client.get("/token?scope=x").json() == {"token": "worthless"}
        assert tokens.scopes == []

    def test_basic(self, registry: FaultRegistry, client: httpx.Client) -> None:
        registry.require_basic("me", "sécret")
        refused = client.get(PATH)
        assert (refused.status_code, refused.headers["www-authenticate"][:5]) == (401, "Basic")
        sent = {"Authorization": basic("me", "sécret")}
        assert client.get(PATH, headers=sent).content == BLOB


class TestTls:
    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
    def test_trusted(self, authority: Authority, host: str) -> None:
        address = "::1" if ":" in host else "127.0.0.1"
        with faults(tls=authority.server_context(), address=address) as server:
            server.add_blob(BLOB)
            server.script("GET", PATH, as_usual, no_content_length(), truncate_after(7))
            url = f"https://{host}:{server.host.rpartition(':')[2]}{PATH}"
            with httpx.Client(verify=authority.client_context(), trust_env=False) as client:
                assert client.get(url).content == BLOB
                assert client.get(url).content == BLOB
                with pytest.raises(httpx.TransportError):
                    client.get(url)
            assert server.url.startswith("https://")
            assert server.tls_errors == []

    @pytest.mark.parametrize(
        ("names", "expired"), [(("other.test",), False), ((), True)], ids=["name", "expired"]
    )
    def test_not_trusted(
        self, authority: Authority, names: tuple[str, ...], *, expired: bool
    ) -> None:
        context = authority.server_context(authority.server(*names, expired=expired))
        with faults(tls=context) as server:
            with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
                httpx.get(f"{server.url}/v2/", verify=authority.client_context())
            assert server.requests == []
        assert server.tls_errors

    def test_another_authority(self, authority: Authority, tmp_path: Path) -> None:
        with faults(tls=authority.server_context()) as server:
            other = Authority(tmp_path).client_context()
            with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
                httpx.get(f"{server.url}/v2/", verify=other)

    def test_client_certificate(self, authority: Authority) -> None:
        with faults(tls=authority.server_context(require_client=True)) as server:
            known = authority.client_context(authority.client())
            assert httpx.get(f"{server.url}/v2/", verify=known).status_code == 200
            # Under TLS 1.3 the refusal may come as late as with the first read.
            with pytest.raises((httpx.TransportError, ssl.SSLError)):
                httpx.get(f"{server.url}/v2/", verify=authority.client_context())
            assert len(server.requests) == 1
