"""HTTP to registries: connections, TLS, time limits, and what went wrong in a person's words.

The one module that opens connections. It sends what it is given, once: authentication and
redirects are its callers' matter.
"""

from __future__ import annotations

import os
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from . import __version__
from .errors import NixfetchError

CONNECT_SECONDS = 10.0
SILENCE_SECONDS = 30.0
USER_AGENT = f"nixfetch-docker/{__version__}"


class RegistryError(NixfetchError):
    """A registry that cannot be reached, refuses, or answers with nonsense."""


class Transport:
    """A pool of connections for one run of the program; safe to use from several threads."""

    def __init__(self, *, connections: int, ca_file: Path | None = None) -> None:
        """`connections` bounds those open at once.

        `ca_file` is the CA bundle to trust where the environment names none.
        """
        self._limits = httpx.Limits(
            max_connections=connections, max_keepalive_connections=connections
        )
        self._ca_file = ca_file
        self._clients: dict[str, httpx.Client] = {}
        self._lock = threading.Lock()
        self.requests = 0
        self.received_bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for client in self._clients.values():
            client.close()

    @contextmanager
    def open(self, request: httpx.Request) -> Iterator[httpx.Response]:
        """Send `request` and yield the response, its body not yet read.

        Raises `RegistryError` where no answer comes, or where it breaks off while the
        block reads it.
        """
        request.headers["User-Agent"] = USER_AGENT
        # Content is hashed as it is stored, so nothing may be compressed on the way.
        request.headers["Accept-Encoding"] = "identity"
        try:
            # An explicit Auth keeps old versions of httpx from reading ~/.netrc.
            response = self._client(request.url.scheme).send(
                request, stream=True, auth=httpx.Auth(), follow_redirects=False
            )
            try:
                yield response
            finally:
                response.close()
                with self._lock:
                    self.requests += 1
                    self.received_bytes += response.num_bytes_downloaded
        except httpx.HTTPError as error:
            raise _explain(error, request) from error

    def _client(self, scheme: str) -> httpx.Client:
        with self._lock:
            if scheme not in self._clients:
                self._clients[scheme] = httpx.Client(
                    verify=self._tls() if scheme == "https" else _no_tls(),
                    limits=self._limits,
                    timeout=httpx.Timeout(SILENCE_SECONDS, connect=CONNECT_SECONDS),
                )
            return self._clients[scheme]

    def _tls(self) -> ssl.SSLContext:
        named = (os.environ.get(name) for name in ("NIX_SSL_CERT_FILE", "SSL_CERT_FILE"))
        # In a Nix sandbox the variable may name a file that is not there.
        there = (Path(name) for name in named if name and Path(name).exists())
        bundle = next(there, self._ca_file)
        if bundle is None:
            import certifi

            bundle = Path(certifi.where())
        try:
            return ssl.create_default_context(cafile=bundle)
        except OSError as error:
            raise RegistryError(
                f"the CA bundle {bundle} cannot be used ({error})",
                hint="point SSL_CERT_FILE at a file of PEM certificates",
            ) from None


def display(url: httpx.URL) -> str:
    """`url` fit for a message: without its query, where presigned URLs carry their secrets."""
    return str(url.copy_with(query=None, fragment=None, userinfo=b""))


def _no_tls() -> ssl.SSLContext:
    """A context that trusts nobody, for plain HTTP: loading CAs would cost 40 ms."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _explain(error: httpx.HTTPError, request: httpx.Request) -> RegistryError:
    text = str(error) or type(error).__name__
    what, hint = f"the connection broke off ({text})", "try again"
    if isinstance(error, httpx.ConnectTimeout):
        what, hint = f"no connection within {CONNECT_SECONDS:.0f} s", "is the registry up?"
    elif isinstance(error, httpx.TimeoutException):
        what, hint = f"silent for {SILENCE_SECONDS:.0f} s", "try again"
    elif "WRONG_VERSION_NUMBER" in text or "RECORD_LAYER_FAILURE" in text:
        what = "it does not speak TLS"
        hint = (
            "if plain HTTP is meant, set plain-http = true "
            f'under [registries."{request.url.netloc.decode()}"]'
        )
    elif "CERTIFICATE_VERIFY_FAILED" in text:
        what, hint = f"its certificate is not trusted ({text})", "name its CA in SSL_CERT_FILE"
    elif isinstance(error, httpx.ConnectError):
        what, hint = f"cannot connect ({text})", "is the registry's name right, and is it up?"
    return RegistryError(f"{request.method} {display(request.url)}: {what}", hint=hint)
