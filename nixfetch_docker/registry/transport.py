"""Connections to hosts, each with the TLS and the proxy that are configured for it.

A request is sent once: authentication, redirects and retries are for the callers. `pooled` or
`lean` send it, over connections of `wire`, in the time that `pace` allows.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from .. import __version__
from ..base.request_line import request_line
from ..errors import Cancelled
from .distance import Distance
from .exchange import ExchangeError, Request, Response
from .failures import conceal, explain
from .pace import Pace, PacedBody
from .retry import Patience
from .traffic import Traffic
from .url import Url
from .urls import display
from .wire import Network

if TYPE_CHECKING:
    import ssl

    from ..endpoints.tls import Tls

USER_AGENT = f"nixfetch-docker/{__version__}"


def _default_tls(_host: str) -> Tls:
    from ..endpoints.tls import Tls

    return Tls()


def _ignore(_line: str) -> None:
    pass


class Route(Protocol):
    """The connections to one origin."""

    def send(self, request: Request) -> Response:
        """The answer to a request, its body not read yet; raises `ExchangeError`."""

    def close(self) -> None:
        """Close all connections, also those on which an answer is on its way."""


class Transport:
    """The connections of one run, and its `traffic`. Safe to use from several threads."""

    def __init__(
        self,
        *,
        connections: int,
        on_far: Callable[[], None] = lambda: None,
        lean: bool = True,
        tls: Callable[[str], Tls] = _default_tls,
        ca_file: Path | None = None,
        patience: Patience | None = None,
        environment: Mapping[str, str] = os.environ,
        log: Callable[[str], None] = _ignore,
    ) -> None:
        """`connections` is how many may be open to one host; `tls` gives the settings of a host.

        `on_far` is called, from any thread, where a host is far away.

        A `lean` transport sends requests by `lean`, and those that go by a proxy by `pooled`; any
        other sends all by `pooled`.

        `ca_file` is the CA bundle where the environment names none. `log` gets a line without
        secrets for every request.
        """
        self._log = log
        self.traffic = Traffic()
        self.patience = patience or Patience()
        self._connections = connections
        self._distance = Distance(on_far)
        self._is_lean = lean
        self._tls = tls
        self._ca_file = ca_file
        self._environment = environment
        self._pace = Pace(self.patience)
        self._routes: dict[tuple[str, str], Route] = {}
        self._proxies: dict[tuple[str, str], Url] = {}
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
            route.close()

    def pause(self, seconds: float) -> None:
        """Wait; raises `Cancelled` once the transport is closed."""
        if self._closed.wait(seconds):
            raise Cancelled

    @contextmanager
    def open(self, request: Request, secrets: Collection[str] = ()) -> Iterator[Response]:
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
            self._pace.begin_head()
            started = time.monotonic()
            response = route.send(request)
            self._distance.answered(request.url.origin, time.monotonic() - started)
            response.body = PacedBody(response.body, self._pace)
            try:
                yield response
            finally:
                response.close()
                self._count(request, response, secrets)
        except (ExchangeError, UnicodeError) as error:
            if self._closed.is_set():
                raise Cancelled from None
            proxy = self._proxies.get(request.url.origin)
            explained = explain(error, request, proxy, secrets=secrets)
            conceal(error, secrets)
            raise explained from error

    def _count(self, request: Request, response: Response, secrets: Collection[str]) -> None:
        asked = request_line(request.method, display(request.url))
        if secrets:
            from ..base.echo import strike

            asked = strike(asked, secrets)
        self._log(f"{asked} answered {response.status}, {response.received} bytes")
        rate_limit = response.headers.get("ratelimit-remaining", "")
        self.traffic.add(request.url.host, response.received, rate_limit)

    def _route(self, url: Url) -> Route:
        """The route to one origin, made once, as each limits its own connections."""
        with self._lock:
            if url.origin not in self._routes:
                self._routes[url.origin] = self._new_route(url)
            return self._routes[url.origin]

    def _new_route(self, url: Url) -> Route:
        from ..endpoints.proxy import proxy_for

        # Not by httpx's own reading of the environment, which fails for a CIDR in NO_PROXY.
        proxy = proxy_for(url.scheme, url.host, url.port, self._environment)
        network = Network(self._pace, self.patience)
        if self._is_lean and proxy is None:
            from .lean import LeanRoute

            context = self._context(self._tls(url.netloc)) if url.scheme == "https" else None
            return LeanRoute(url, network, context, connections=self._connections)
        from ..endpoints.tls import no_tls
        from .pooled import PooledRoute

        if proxy is not None:
            self._proxies[url.origin] = Url.parse(proxy)
        return PooledRoute(
            url.netloc,
            network,
            self._context(self._tls(url.netloc)) if url.scheme == "https" else no_tls(),
            connections=self._connections,
            proxy=proxy,
        )

    def _context(self, tls: Tls) -> ssl.SSLContext:
        from ..endpoints.tls import Tls, load_context

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
