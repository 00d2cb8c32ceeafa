"""Connections: TLS, hosts that do not answer, IPv6 and proxies."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest
from support.certificates import Authority
from support.faults.answers import (
    body,
    chain,
    close_without_answer,
    garbage,
    no_content_length,
    redirect,
    reset_after,
    status,
    together,
    truncate_after,
)
from support.faults.client import (
    BLOB,
    IMPATIENT,
    PASSWORD,
    USER,
    WEB,
    Client,
    MakeClient,
    authorizations,
    login,
    ranges,
)
from support.faults.registry import FaultRegistry, faults
from support.oci import MANIFEST, digest

from nixfetch_docker.errors import NixfetchError, TransientError
from nixfetch_docker.registry import lean
from nixfetch_docker.registry.exchange import Request
from nixfetch_docker.registry.url import Url

NAME = digest(BLOB)
TAGGED = "/v2/web/manifests/1"


@pytest.mark.parametrize("client", ["lean"], indirect=True)
class TestOtherProtocol:
    @pytest.mark.parametrize(
        ("beginning", "shown"),
        [
            pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", r"'SSH-2.0-OpenSSH_9.2\r\n'", id="ssh"),
            pytest.param(b"220 mail ESMTP\r\n\r\n", r"'220 mail ESMTP\r\n\r\n'", id="smtp"),
            pytest.param(b"\0\0\x12\x04" + b"\0" * 5, r"'\x00\x00\x12\x04\x00", id="http 2"),
        ],
    )
    def test_what_answers_is_shown(
        self, registry: FaultRegistry, client: MakeClient, beginning: bytes, shown: str
    ) -> None:
        registry.script("GET", TAGGED, *[garbage(beginning)] * IMPATIENT.tries)
        with pytest.raises(TransientError) as caught:
            client(registry).manifest()
        assert f"it does not answer in HTTP/1.1, but begins with {shown}" in str(caught.value)
        assert caught.value.hint == "is the registry's name right, and its port?"

    def test_an_alert_of_tls_is_not_asked_for_again(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.script("GET", TAGGED, garbage(b"\x15\x03\x01\0\2\2\x16"))
        with pytest.raises(NixfetchError) as caught:
            client(registry).manifest()
        assert "it speaks TLS" in str(caught.value)
        assert "plain-http = false" in caught.value.hint
        assert len(registry.requests) == 1


class TestTls:
    def test_a_private_ca_is_trusted_by_its_setting(
        self, secure: FaultRegistry, client: MakeClient, authority: Authority
    ) -> None:
        secure.add_blob(BLOB)
        secure.grant_tokens(require_basic=(USER, PASSWORD))
        secure.script("GET", f"/blobs/{NAME}", reset_after(10_000))
        made = client(
            secure, settings={"ca_file": authority.file}, logins={secure: login(password=PASSWORD)}
        )
        assert made.data() == WEB.manifest
        assert made.blob(NAME) == BLOB
        assert ranges(secure)[-1] == "bytes=10000-"

    @pytest.mark.parametrize("name", ["NIX_SSL_CERT_FILE", "SSL_CERT_FILE"])
    def test_a_bundle_of_the_environment_is_trusted(
        self, secure: FaultRegistry, client: MakeClient, authority: Authority, name: str
    ) -> None:
        made = client(
            secure,
            settings={"plain_http": False},
            environment={name: str(authority.file)},
        )
        assert made.data() == WEB.manifest

    def test_the_certificates_of_certs_d_are_used(
        self, secure: FaultRegistry, client: MakeClient, authority: Authority, tmp_path: Path
    ) -> None:
        directory = tmp_path / ".config/containers/certs.d" / secure.host
        directory.mkdir(parents=True)
        (directory / "ca.crt").write_bytes(authority.file.read_bytes())
        made = client(secure, settings={"plain_http": False}, environment={"HOME": str(tmp_path)})
        assert made.data() == WEB.manifest

    def test_a_certificate_of_an_unknown_ca_is_refused(
        self, secure: FaultRegistry, client: MakeClient
    ) -> None:
        made = client(
            secure, settings={"plain_http": False}, logins={secure: login(password=PASSWORD)}
        )
        message = made.fails(made.data)
        assert message.startswith(
            f"GET {secure.url}{TAGGED}: its certificate is not trusted "
            "([SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: "
        )
        assert message.endswith(
            f'; set ca-file under [registries."{secure.host}"], or name its CA in SSL_CERT_FILE'
        )
        assert secure.requests == []
        assert made.said == []

    @pytest.mark.parametrize(
        ("names", "expired", "what"),
        [
            pytest.param((), True, "certificate has expired", id="expired"),
            pytest.param(("other.test",), False, "mismatch", id="of another name"),
        ],
    )
    def test_a_certificate_that_is_not_valid_is_refused(
        self,
        client: MakeClient,
        authority: Authority,
        names: tuple[str, ...],
        what: str,
        *,
        expired: bool,
    ) -> None:
        context = authority.server_context(authority.server(*names, expired=expired))
        with faults(tls=context) as registry:
            made = client(registry, settings={"ca_file": authority.file})
            message = made.fails(made.data)
            assert what in message
            # Trusting its CA is what was done; it is not what to try.
            assert "set ca-file" not in message
            assert registry.requests == []

    def test_a_client_certificate_is_sent(self, client: MakeClient, authority: Authority) -> None:
        issued = authority.client()
        settings = {
            "ca_file": authority.file,
            "client_certificate": issued.certificate,
            "client_key": issued.key,
        }
        with faults(tls=authority.server_context(require_client=True)) as registry:
            registry.add("web:1", WEB)
            assert client(registry, settings=settings).data() == WEB.manifest

    def test_a_missing_client_certificate_is_asked_for(
        self, client: MakeClient, authority: Authority
    ) -> None:
        with faults(tls=authority.server_context(require_client=True)) as registry:
            made = client(registry, settings={"ca_file": authority.file})
            assert made.fails(made.data) == (
                f"GET {registry.url}{TAGGED}: it wants a client certificate; set "
                f'client-certificate and client-key under [registries."{registry.host}"]'
            )
            assert registry.requests == []

    @pytest.mark.parametrize("how", ["expired", "of another CA"])
    def test_a_refused_client_certificate_is_an_error(
        self, client: MakeClient, authority: Authority, tmp_path: Path, how: str
    ) -> None:
        issuer = authority if how == "expired" else Authority(tmp_path / "other", "Other CA")
        issued = issuer.client(expired=how == "expired")
        settings = {
            "ca_file": authority.file,
            "client_certificate": issued.certificate,
            "client_key": issued.key,
        }
        with faults(tls=authority.server_context(require_client=True)) as registry:
            made = client(registry, settings=settings)
            message = made.fails(made.data)
            assert message.startswith(f"GET {registry.url}{TAGGED}: ")
            assert "client certificate" in message

    @pytest.mark.parametrize("what", ["missing", "no PEM", "the key of another"])
    def test_certificate_files_that_cannot_be_used_are_errors(
        self,
        secure: FaultRegistry,
        client: MakeClient,
        authority: Authority,
        tmp_path: Path,
        what: str,
    ) -> None:
        file = tmp_path / "file.pem"
        issued = authority.client()
        settings: dict[str, Path] = {"ca_file": file}
        if what == "no PEM":
            file.write_text("-----BEGIN CERTIFICATE-----\nhello\n")
        if what == "the key of another":
            file = issued.certificate
            settings = {
                "ca_file": authority.file,
                "client_certificate": issued.certificate,
                "client_key": authority.client().key,
            }
        made = client(secure, settings=settings)
        assert made.fails(made.data).startswith(f"{file}: ")
        assert secure.requests == []

    def test_a_server_without_tls_is_an_error(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        made = client(
            registry, settings={"plain_http": False}, logins={registry: login(password=PASSWORD)}
        )
        assert made.fails(made.data) == (
            f"GET https://{registry.host}{TAGGED}: it does not speak TLS; if plain HTTP is meant, "
            f'set plain-http = true under [registries."{registry.host}"]'
        )
        assert (registry.requests, made.said) == ([], [])

    def test_a_server_with_tls_is_no_plain_http(
        self, secure: FaultRegistry, client: MakeClient
    ) -> None:
        made = client(secure, settings={"plain_http": True})
        assert made.fails(made.data).startswith(f"GET http://{secure.host}{TAGGED}: ")
        assert secure.requests == []

    def test_a_go_server_with_tls_is_no_plain_http(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        """As net/http answers: https://github.com/golang/go/blob/go1.22.0/src/net/http/server.go."""
        said = b"Client sent an HTTP request to an HTTPS server.\n"
        registry.script("GET", TAGGED, status(400, {"Connection": "close"}, said))
        made = client(registry)
        message = made.fails(made.data)
        assert "answered 400 (Client sent an HTTP request to an HTTPS server.)" in message
        assert "plain-http" in message

    def test_an_end_without_close_notify_is_a_break(
        self, secure: FaultRegistry, client: MakeClient, authority: Authority
    ) -> None:
        """An end that TLS does not vouch for is not taken for the body's."""
        secure.add_blob(BLOB)
        secure.script("GET", f"/blobs/{NAME}", chain(no_content_length(), truncate_after(10_000)))
        made = client(secure, settings={"ca_file": authority.file})
        assert made.blob(NAME) == BLOB


@pytest.fixture
def silent() -> Iterator[str]:
    """The host of one that accepts connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"


class TestNobodyThere:
    def test_a_refused_connection_is_an_error(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        with faults() as gone:
            host = gone.host
        made = client(registry, at=host)
        assert made.fails(made.data) == (
            f"GET http://{host}{TAGGED}: cannot connect ([Errno 111] Connection refused); "
            "is the registry's name right, and is it up?"
        )

    @pytest.mark.parametrize("scheme", ["http", "https"])
    def test_a_silent_host_is_given_up(
        self, registry: FaultRegistry, client: MakeClient, silent: str, scheme: str
    ) -> None:
        patience = replace(IMPATIENT, connect=0.3, silence=0.3)
        settings = {"plain_http": scheme == "http"}
        made = client(registry, at=silent, settings=settings, patience=patience)
        started = time.monotonic()
        assert made.fails(made.data).startswith(f"GET {scheme}://{silent}{TAGGED}: ")
        assert time.monotonic() - started < 4
        assert len(made.said) == 2

    def test_an_unknown_name_is_an_error(self, registry: FaultRegistry, client: MakeClient) -> None:
        made = client(registry, at="registry.invalid:5000")
        message = made.fails(made.resolve)
        assert message.startswith(
            f"registry.invalid:5000/web:1: GET https://registry.invalid:5000{TAGGED}: its name "
        )
        assert "resolve" in message

    @pytest.mark.parametrize("host", ["a" * 64 + ".test", "a-.test:5000", "xn--a.test"])
    def test_an_impossible_name_is_an_error(
        self, registry: FaultRegistry, client: MakeClient, host: str
    ) -> None:
        made = client(registry, at=host)
        with pytest.raises(NixfetchError):
            made.data()


class TestIpv6:
    @pytest.fixture
    def registry(self) -> Iterator[FaultRegistry]:
        with faults(address="::1") as running:
            running.add("web:1", WEB)
            running.add_blob(BLOB)
            yield running

    def test_a_registry_by_its_address(self, registry: FaultRegistry, client: MakeClient) -> None:
        registry.grant_tokens(require_basic=(USER, PASSWORD))
        registry.script("GET", f"/blobs/{NAME}", reset_after(10_000))
        made = client(registry, logins={registry: login(password=PASSWORD)})
        assert made.host.startswith("[::1]:")
        assert str(made.resolve().digest) == WEB.digest
        assert made.blob(NAME) == BLOB
        assert made.tags() == ["1"]
        assert registry.requests[0].headers["Host"] == registry.host

    def test_a_redirect_to_an_address(
        self, registry: FaultRegistry, elsewhere: FaultRegistry, client: MakeClient
    ) -> None:
        elsewhere.add_blob(BLOB)
        registry.script("GET", f"/blobs/{NAME}", redirect(elsewhere.url, keep_path=True))
        assert client(registry).blob(NAME) == BLOB
        elsewhere.script("GET", f"/blobs/{NAME}", redirect(registry.url, keep_path=True))
        assert client(elsewhere).blob(NAME) == BLOB

    def test_tls_by_an_address(
        self, client: MakeClient, authority: Authority, tmp_path: Path
    ) -> None:
        with faults(address="::1", tls=authority.server_context()) as registry:
            registry.add("web:1", WEB)
            directory = tmp_path / ".config/containers/certs.d" / registry.host
            directory.mkdir(parents=True)
            (directory / "ca.crt").write_bytes(authority.file.read_bytes())
            made = client(
                registry, settings={"plain_http": False}, environment={"HOME": str(tmp_path)}
            )
            assert made.data() == WEB.manifest

    def test_a_mirror_by_its_address(
        self, registry: FaultRegistry, elsewhere: FaultRegistry, client: MakeClient
    ) -> None:
        assert client(elsewhere, mirrors=[registry]).data() == WEB.manifest
        assert elsewhere.connections == 0


class TestProxies:
    """`elsewhere` is the proxy: it is asked for whole URLs."""

    PLAIN = {"plain_http": True}  # noqa: RUF012 - never changed

    @pytest.mark.parametrize(
        "exempt", ["", "10.0.0.0/8,fd00::/8,::1,[::1]:5000,*.other.test", "300.1.1.1/99,,:,["]
    )
    def test_a_proxy_is_asked(
        self,
        registry: FaultRegistry,
        elsewhere: FaultRegistry,
        client: MakeClient,
        exempt: str,
    ) -> None:
        elsewhere.script("GET", TAGGED, body(WEB.manifest, {"Content-Type": MANIFEST}))
        environment = {"HTTP_PROXY": elsewhere.url, "NO_PROXY": exempt}
        made = client(registry, at="registry.test", settings=self.PLAIN, environment=environment)
        assert made.data() == WEB.manifest
        assert elsewhere.lines() == [f"GET http://registry.test{TAGGED}"]

    @pytest.mark.parametrize("exempt", ["127.0.0.0/8", "*", "127.0.0.1", "::1,127.0.0.1:1", ""])
    def test_a_proxy_is_not_asked_for_this_machine(
        self,
        registry: FaultRegistry,
        elsewhere: FaultRegistry,
        client: MakeClient,
        exempt: str,
    ) -> None:
        environment = {"HTTP_PROXY": elsewhere.url, "NO_PROXY": exempt}
        assert client(registry, environment=environment).data() == WEB.manifest
        assert elsewhere.connections == 0

    @pytest.mark.parametrize("code", [403, 405, 407, 502])
    def test_a_proxy_that_refuses_is_an_error(
        self, registry: FaultRegistry, elsewhere: FaultRegistry, client: MakeClient, code: int
    ) -> None:
        elsewhere.script("CONNECT", "registry.test:443", status(code))
        environment = {"HTTPS_PROXY": elsewhere.url.replace("//", f"//{USER}:of-the-proxy@")}
        made = client(
            registry,
            at="registry.test",
            environment=environment,
            logins={registry: login(password=PASSWORD)},
        )
        message = made.fails(made.data)
        assert message.startswith(f"GET https://registry.test{TAGGED}: the proxy refuses ({code} ")
        assert message.endswith("; check HTTPS_PROXY and HTTP_PROXY")
        assert "of-the-proxy" not in message
        assert authorizations(elsewhere) == [None]

    def test_a_proxy_that_is_down_is_an_error(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        with faults() as gone:
            url = gone.url
        made = client(
            registry, at="registry.test", settings=self.PLAIN, environment={"HTTP_PROXY": url}
        )
        message = made.fails(made.data)
        assert message.startswith(f"GET http://registry.test{TAGGED}: ")
        assert "proxy" in message.lower()

    def test_a_socks_proxy_needs_a_package(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        made = client(
            registry,
            at="registry.test",
            settings=self.PLAIN,
            environment={"HTTP_PROXY": "socks5://127.0.0.1:1"},
        )
        assert made.fails(made.data) == (
            "registry.test is reached by a SOCKS proxy, and Python's package socksio is missing; "
            "install it, or name a proxy that speaks HTTP"
        )

    def test_a_proxy_url_that_is_none_is_an_error(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        made = client(
            registry,
            at="registry.test",
            settings=self.PLAIN,
            environment={"HTTP_PROXY": f"gopher://{USER}:{PASSWORD}@x"},
        )
        assert made.fails(made.data).startswith("HTTP_PROXY: ")


@pytest.mark.parametrize("reset", [False, True])
class TestAUsedConnectionThatEnds:
    """A server ends connections when it likes, and all that are idle at once."""

    def test_costs_no_try(self, registry: FaultRegistry, tmp_path: Path, *, reset: bool) -> None:
        number = IMPATIENT.tries + 2
        all_at_once = together(Barrier(number))
        for _ in range(number):
            registry.script("GET", TAGGED, all_at_once)
        made = Client(registry, tmp_path, lean=True)
        with made.transport, ThreadPoolExecutor(number) as pool:
            assert list(pool.map(made.data, ["web:1"] * number)) == [WEB.manifest] * number
            for _ in range(number):
                registry.script("GET", TAGGED, close_without_answer(reset=reset))
            assert made.data() == WEB.manifest
        assert made.said == []
        assert len({one.connection for one in registry.requests}) == number + 1

    def test_is_an_error_for_what_a_server_must_not_get_twice(
        self, registry: FaultRegistry, tmp_path: Path, *, reset: bool
    ) -> None:
        made = Client(registry, tmp_path, lean=True)
        registry.script("POST", "/token", close_without_answer(reset=reset))
        with made.transport:
            assert made.data() == WEB.manifest
            request = Request.of("POST", Url.parse(f"{registry.url}/token"), body=b"a=b")
            with pytest.raises(TransientError), made.transport.open(request):
                pass
        assert len({one.connection for one in registry.requests}) == 1


def test_a_connection_that_was_idle_for_long_is_not_used(
    registry: FaultRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Client(registry, tmp_path, lean=True)
    with made.transport:
        for longest in (30.0, 30.0, 0.0):
            monkeypatch.setattr(lean, "_LONGEST_IDLE", longest)
            assert made.data() == WEB.manifest
    first, second, third = [one.connection for one in registry.requests]
    assert first == second != third


# Raises an interrupt at every line of the pool of connections and its locks that one request runs,
# one after another. The pool is in one of the files that the command line names.
INTERRUPTED = """
import sys
from functools import partial
from itertools import count
from pathlib import Path
from nixfetch_docker import RegistrySettings, connect
from nixfetch_docker.registry import client
host, way, *pool = sys.argv[1:]
client.Transport = partial(client.Transport, lean=way == "lean")

def trace(frame, event, _):
    file = Path(frame.f_code.co_filename)
    return in_pool if file.name in pool else None

def in_pool(frame, event, _):
    global left
    left -= 1
    if left == 0:
        raise KeyboardInterrupt
    return in_pool

for moment in count(1):
    left = moment
    try:
        with connect(anonymous=True, registries={host: RegistrySettings(plain_http=True)}) as one:
            sys.settrace(trace)
            one.tags(f"{host}/web")
    except KeyboardInterrupt:
        continue
    finally:
        sys.settrace(None)
    if left > 0:
        break
print(moment)
"""


@pytest.mark.parametrize(
    ("words", "moments"),
    [
        # With httpcore's pool.
        (["pooled", "connection_pool.py", "_synchronization.py"], 100),
        (["lean", "lean.py"], 50),
    ],
    ids=["pooled", "lean"],
)
def test_an_interrupt_at_any_moment_of_a_request_waits_for_no_lock(
    words: list[str], moments: int, registry: FaultRegistry
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, registry.host, *words],
        capture_output=True,
        check=False,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > moments
