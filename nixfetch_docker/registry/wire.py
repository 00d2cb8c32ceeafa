"""Connections that requests are sent over, each step of which has its time.

With a limit for each read alone, one byte in every half minute would hold a request for ever; with
one for each address of a host, so would a name with addresses without number.

Both ways of sending use these: `lean` by itself, and `pooled` as httpcore's network.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any, TypeVar

from .exchange import BrokenOff, ConnectFailed, ConnectTimedOut, TimedOut
from .pace import Pace
from .retry import Patience

if TYPE_CHECKING:
    import ssl

T = TypeVar("T")
_Address = tuple[Any, ...]
_RECORD = 16 * 1024


class Network:
    """Makes connections: httpcore's `NetworkBackend`, whose timeouts it does not use."""

    def __init__(self, pace: Pace, patience: Patience) -> None:
        self._pace = pace
        self._patience = patience

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002
        local_address: str | None = None,  # noqa: ARG002
        socket_options: object = None,  # noqa: ARG002
    ) -> Wire:
        """A connection to the first address of a host that takes one.

        Raises `ConnectFailed` or `ConnectTimedOut` for the last of them.
        """
        seconds = self._patience.connect
        with _connecting(seconds):
            failure: OSError = OSError("its name has no address")
            for family, kind, protocol, _, address in _in_turns(
                # As bytes: for text Python loads the tables of IDNA, though the name is ASCII.
                socket.getaddrinfo(host.encode("ascii"), port, type=socket.SOCK_STREAM)
            ):
                connection = socket.socket(family, kind, protocol)
                try:
                    connection.settimeout(self._pace.left(seconds))
                    connection.connect(address)
                    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                except OSError as error:
                    connection.close()
                    failure = error
                except BaseException:
                    connection.close()
                    raise
                else:
                    return Wire(connection, self._pace, self._patience)
            raise failure

    def sleep(self, seconds: float) -> None:
        """Wait, as httpcore does between tries of its own."""
        time.sleep(seconds)


class Wire:
    """One connection: httpcore's `NetworkStream`, whose timeouts it does not use."""

    def __init__(self, connection: socket.socket, pace: Pace, patience: Patience) -> None:
        self._socket = connection
        self._pace = pace
        self._patience = patience

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        """At most so many bytes, none at the end; raises `BrokenOff`, `TimedOut`."""
        with self._reading():
            data = self._receive(max_bytes)
        self._pace.take(data)
        return data

    def read_into(self, buffer: memoryview) -> int:
        """Read at most as many bytes as `buffer` has into it; returns how many, 0 at the end.

        Raises `BrokenOff`, `TimedOut`.
        """
        with self._reading():
            size = self._receive_into(buffer)
        self._pace.take(buffer[:size])
        return size

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        """Send all of `buffer`, unless the connection ends; raises `TimedOut`."""
        try:
            self._send(buffer)
        except TimeoutError:
            raise TimedOut(self._late()) from None
        except OSError:
            # A server may refuse before it has the whole request: what it says is read next.
            return

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def break_off(self) -> None:
        """Close the connection, where another thread may wait for the next byte of it."""
        with suppress(OSError):
            # Not the method of a TLS socket, which lets the other thread read without TLS.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
        self._socket.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> Wire:
        """The connection under TLS; raises `ConnectFailed`, `ConnectTimedOut`, and closes then."""
        try:
            with _connecting(self._patience.connect):
                wire = self._under_tls(ssl_context, server_hostname)
        except BaseException:
            self.close()
            raise
        self._pace.begin_answer()
        return wire

    def get_extra_info(self, info: str) -> Any:
        """Whether it `is_readable`, which httpcore asks of idle connections."""
        return self.is_readable() if info == "is_readable" else None

    def is_readable(self) -> bool:
        """Whether a read would not wait. An idle connection where this is so has ended."""
        return _is_readable(self._socket)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Turn the errors of the block into those of an exchange."""
        try:
            yield
        except TimeoutError:
            raise TimedOut(self._late()) from None
        except OSError as error:
            raise BrokenOff(str(error)) from error

    def _under_tls(self, context: ssl.SSLContext, host: str | None) -> Wire:
        # The handshake as a whole has this time, not each of its messages.
        self._socket.settimeout(self._pace.left(self._patience.connect))
        connection = context.wrap_socket(self._socket, server_hostname=host)
        return _TlsWire(connection, self._pace, self._patience)

    def _receive(self, size: int) -> bytes:
        self._socket.settimeout(self._pace.left(self._patience.silence))
        return self._socket.recv(size)

    def _receive_into(self, buffer: memoryview) -> int:
        self._socket.settimeout(self._pace.left(self._patience.silence))
        return self._socket.recv_into(buffer)

    def _send(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            self._socket.settimeout(self._pace.left(self._patience.silence))
            rest = rest[self._socket.send(rest) :]

    def _late(self) -> str:
        return self._pace.late(f"silent for {self._patience.silence:.0f} s")


class _TlsWire(Wire):
    """A connection under TLS, over which another may be made: a proxy's that speaks HTTPS."""

    def _under_tls(self, context: ssl.SSLContext, host: str | None) -> Wire:
        return _TlsInTlsWire(self._socket, self._pace, self._patience, context, host)


class _TlsInTlsWire(Wire):
    """A connection under TLS within another one. The ssl module does not wrap its own sockets."""

    def __init__(
        self,
        connection: socket.socket,
        pace: Pace,
        patience: Patience,
        context: ssl.SSLContext,
        host: str | None,
    ) -> None:
        import ssl

        super().__init__(connection, pace, patience)
        self._want_read = ssl.SSLWantReadError
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self._exchange(self._tls.do_handshake)

    def _receive(self, size: int) -> bytes:
        return self._exchange(partial(self._tls.read, size))

    def _send(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[self._exchange(partial(self._tls.write, rest)) :]

    def _exchange(self, step: Callable[[], T]) -> T:
        """The result of `step`, with the records of the inner TLS sent and received for it."""
        while True:
            try:
                done = step()
            except self._want_read:
                super()._send(self._outgoing.read())
                record = super()._receive(_RECORD)
                if record:
                    self._incoming.write(record)
                else:
                    self._incoming.write_eof()
            else:
                super()._send(self._outgoing.read())
                return done


@contextmanager
def _connecting(seconds: float) -> Iterator[None]:
    """Turn the errors of the block into those of a connection that is not made."""
    try:
        yield
    except TimeoutError:
        raise ConnectTimedOut(f"no connection within {seconds:.0f} s") from None
    except OSError as error:
        raise ConnectFailed(str(error)) from error


def _in_turns(addresses: list[_Address]) -> Iterator[_Address]:
    """The addresses of two families in turns, each family in its order.

    Where one family leads nowhere, as IPv6 does in some networks, the other comes soon.
    https://www.rfc-editor.org/rfc/rfc8305#section-4
    """
    first = [one for one in addresses if one[0] == addresses[0][0]]
    others = [one for one in addresses if one[0] != addresses[0][0]]
    return filter(None, chain.from_iterable(zip_longest(first, others)))


def _is_readable(connection: socket.socket) -> bool:
    if connection.fileno() < 0:
        return True
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(0))
