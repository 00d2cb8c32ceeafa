"""Connections to hosts, each with the TLS and the proxy that are configured for it.

A request is sent once: authentication, redirects and retries are for the callers. The connections
are `wire`'s, the time that an answer may take is `pace`'s.
"""

from __future__ import annotations

import os
import ssl
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

import httpx

from .. import __version__
from ..base.echo import strike
from ..endpoints.proxy import proxy_for
from ..endpoints.tls import Tls, load_context, no_tls
from ..errors import Cancelled, RegistryError
from .failures import conceal, explain
from .pace import Pace, PacedBody
from .retry import Patience
from .traffic import Traffic
from .urls import display

USER_AGENT = f"nixfetch-docker/{__version__}"


def _default_tls(_host: str) -> Tls:
    return Tls()


def _ignore(_line: str) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class _Route:
    """The connections to one origin, and the proxy that they go through, if any."""

    transport: httpx.HTTPTransport
    proxy: httpx.URL | None


class Transport:
    """The connections of one run, and its `traffic`. Safe to use from several threads."""

    def __init__(
        self,
        *,
        connections: int,
        tls: Callable[[str], Tls] = _default_tls,
        ca_file: Path | None = None,
        patience: Patience | None = None,
        environment: Mapping[str, str] = os.environ,
        log: Callable[[str], None] = _ignore,
    ) -> None:
        """`connections` is how many may be open to one host; `tls` gives the settings of a host.

        `ca_file` is the CA bundle where the environment names none. `log` gets a line without
        secrets for every request.
        """
        self._log = log
        self.traffic = Traffic()
        self.patience = patience or Patience()
        self._limits = httpx.Limits(
            max_connections=connections, max_keepalive_connections=connections
        )
        self._tls = tls
        self._ca_file = ca_file
        self._environment = environment
        self._pace = Pace(self.patience)
        self._routes: dict[tuple[str, str], _Route] = {}
        self._trusted: ssl.SSLContext | None = None
        self._lock = threading.Lock()
        self._closed = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # First, so that no thread takes the end of its connection for a failure, and tries again.
        self._closed.set()
        for route in self._routes.values():
            route.transport.close()

    def pause(self, seconds: float) -> None:
        """Wait; raises `Cancelled` once the transport is closed."""
        if self._closed.wait(seconds):
            raise Cancelled

    @contextmanager
    def open(
        self, request: httpx.Request, secrets: Collection[str] = ()
    ) -> Iterator[httpx.Response]:
        """Send `request` and yield the response, its body not read yet.

        No line and no error has the `secrets`, even where the host repeats them. Raises
        `RegistryError` where no answer comes, `TransientError` where it breaks off, even while the
        block reads it, and `Cancelled` once the transport is closed.
        """
        if self._closed.is_set():
            raise Cancelled
        request.headers["User-Agent"] = USER_AGENT
        # Digests are of the bytes as they are stored, so they must not be compressed on the way.
        request.headers["Accept-Encoding"] = "identity"
        route = self._route(request.url)
        try:
            # Not by httpx.Client, which would parse Location and Set-Cookie headers in its own way.
            self._pace.begin_head()
            response = route.transport.handle_request(request)
            response.request = request
            response.stream = PacedBody(cast(httpx.SyncByteStream, response.stream), self._pace)
            try:
                yield response
            finally:
                response.close()
                self._count(response, response.num_bytes_downloaded, secrets)
        except (httpx.HTTPError, UnicodeError) as error:
            if self._closed.is_set():
                raise Cancelled from None
            explained = explain(error, request, route.proxy, secrets=secrets)
            conceal(error, secrets)
            raise explained from error

    def _count(self, response: httpx.Response, received: int, secrets: Collection[str]) -> None:
        request = response.request
        asked = strike(f"{request.method} {display(request.url)}", secrets)
        self._log(f"{asked} answered {response.status_code}, {received} bytes")
        rate_limit = response.headers.get("ratelimit-remaining", "")
        self.traffic.add(request.url.host, received, rate_limit)

    def _route(self, url: httpx.URL) -> _Route:
        """The route to one origin, made once: httpx limits the connections of each transport."""
        origin = (url.scheme, url.netloc.decode("ascii"))
        with self._lock:
            if origin not in self._routes:
                self._routes[origin] = self._new_route(url, origin[1])
            return self._routes[origin]

    def _new_route(self, url: httpx.URL, host: str) -> _Route:
        # Not by httpx's own reading of the environment, which fails for a CIDR in NO_PROXY.
        named = proxy_for(url.scheme, url.host, url.port, self._environment)
        proxy = httpx.Proxy(named) if named is not None else None
        try:
            transport = httpx.HTTPTransport(
                verify=self._context(self._tls(host)) if url.scheme == "https" else no_tls(),
                limits=self._limits,
                trust_env=False,
                proxy=proxy,
            )
        except ImportError:
            raise RegistryError(
                f"{host} is reached by a SOCKS proxy, and Python's package socksio is missing",
                hint="install it, or name a proxy that speaks HTTP",
            ) from None
        from .wire import Network

        pool = cast(Any, transport)._pool  # noqa: SLF001
        # httpx takes no network of ours, and its connections have no deadline.
        pool._network_backend = Network(self._pace, self.patience)  # noqa: SLF001
        # A signal may come right after httpcore's own lock is taken, and before `with` knows of it.
        # Then it stays taken, and the end of the connections waits for it for ever.
        pool._optional_thread_lock = threading.RLock()  # noqa: SLF001
        return _Route(transport=transport, proxy=proxy.url if proxy is not None else None)

    def _context(self, tls: Tls) -> ssl.SSLContext:
        if tls == Tls():
            # Loading the CAs takes 40 ms, so it is done once.
            self._trusted = self._trusted or load_context(tls, self._bundle())
            return self._trusted
        return load_context(tls, self._bundle())

    def _bundle(self) -> Path:
        named = (self._environment.get(name) for name in ("NIX_SSL_CERT_FILE", "SSL_CERT_FILE"))
        # In a Nix sandbox the variable may name a file that does not exist.
        there = (Path(name) for name in named if name and os.path.exists(name))  # noqa: PTH110
        bundle = next(there, self._ca_file)
        if bundle is None:
            import certifi

            bundle = Path(certifi.where())
        return bundle
