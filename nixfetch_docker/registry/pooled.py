"""Requests by httpx, which speaks with any proxy.

httpx is imported here alone: it takes longer than all else in the start of a command.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ..errors import RegistryError
from .exchange import (
    BrokenOff,
    ConnectFailed,
    ConnectTimedOut,
    ExchangeError,
    Headers,
    Piece,
    ProxyRefused,
    Request,
    Response,
    TimedOut,
)
from .httpx_alone import httpx
from .wire import Network

if TYPE_CHECKING:
    import ssl

T = TypeVar("T")

# The first kind that an error of httpx is.
_KINDS: tuple[tuple[type[httpx.HTTPError], type[ExchangeError]], ...] = (
    (httpx.ProxyError, ProxyRefused),
    (httpx.ConnectTimeout, ConnectTimedOut),
    (httpx.ConnectError, ConnectFailed),
    (httpx.TimeoutException, TimedOut),
    (httpx.HTTPError, BrokenOff),
)


class PooledRoute:
    """The connections to one origin, perhaps by a proxy."""

    def __init__(
        self,
        host: str,
        network: Network,
        context: ssl.SSLContext,
        *,
        connections: int,
        proxy: str | None,
    ) -> None:
        """`connections` is how many may be open; `proxy` is the URL of the proxy, with its login.

        Raises `RegistryError` for a SOCKS proxy without the package that speaks it.
        """
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        try:
            self._transport = httpx.HTTPTransport(
                verify=context,
                limits=limits,
                trust_env=False,
                proxy=httpx.Proxy(proxy) if proxy is not None else None,
            )
        except ImportError:
            raise RegistryError(
                f"{host} is reached by a SOCKS proxy, and Python's package socksio is missing",
                hint="install it, or name a proxy that speaks HTTP",
            ) from None
        pool = cast(Any, self._transport)._pool  # noqa: SLF001
        # httpx takes no network of ours, and its connections have no deadline.
        pool._network_backend = network  # noqa: SLF001
        # A signal may come right after httpcore's own lock is taken, and before `with` knows of it.
        # Then it stays taken, and the end of the connections waits for it for ever.
        pool._optional_thread_lock = threading.RLock()  # noqa: SLF001

    def send(self, request: Request) -> Response:
        """The answer to a request, its body not read yet; raises `ExchangeError`."""
        # Not by httpx.Client, which would parse Location and Set-Cookie headers in its own way.
        asked = httpx.Request(
            request.method, str(request.url), headers=request.headers.items(), content=request.body
        )
        response = _translated(lambda: self._transport.handle_request(asked))
        headers = Headers.received(response.headers.raw)
        return Response(response.status_code, headers, _PooledBody(response))

    def close(self) -> None:
        """Close all connections, also those on which an answer is on its way."""
        self._transport.close()


class _PooledBody:
    def __init__(self, response: httpx.Response) -> None:
        self._stream = cast(httpx.SyncByteStream, response.stream)

    def __iter__(self) -> Iterator[Piece]:
        pieces = iter(self._stream)
        while (piece := _translated(lambda: next(pieces, None))) is not None:
            yield piece

    def close(self) -> None:
        _translated(self._stream.close)


def _translated(step: Callable[[], T]) -> T:
    try:
        return step()
    except httpx.HTTPError as error:
        kind = next(ours for theirs, ours in _KINDS if isinstance(error, theirs))
        raise kind(str(error)) from error
