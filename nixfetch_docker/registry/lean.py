"""Requests straight to a host, by as little code as moves bytes quickly.

The heads of answers and chunked bodies are read by h11, as httpx reads them too. A body that
is not chunked goes from the socket into one buffer, and from there to its file.

https://www.rfc-editor.org/rfc/rfc9112
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import h11

from .exchange import (
    Body,
    BrokenOff,
    EndlessHead,
    Headers,
    OtherProtocol,
    Piece,
    Request,
    Response,
)
from .url import Url
from .wire import Network, Wire

if TYPE_CHECKING:
    import ssl

# What httpx allows for a head, a chunk's head or the trailers.
_HEAD_LIMIT = 100 * 1024
_READ = 64 * 1024
_BUFFER = 256 * 1024
# Seconds. A router on the way forgets an idle connection without a word to either end, and a
# request that is sent by it waits in vain.
_LONGEST_IDLE = 30.0
_CLOSED = "the connections are closed"
_VERSION = b"HTTP/1."
_NO_RESPONSE = "Server disconnected without sending a response."
# Those that a server may get twice: https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2
_IDEMPOTENT = {"GET", "HEAD"}


class _Unanswered(BrokenOff):
    """A connection that ended before the first byte of an answer."""


class LeanRoute:
    """The connections to one origin, which are kept for further requests.

    Safe to use from several threads.
    """

    def __init__(
        self, origin: Url, network: Network, context: ssl.SSLContext | None, *, connections: int
    ) -> None:
        """`context` is None for plain HTTP; `connections` is how many may be open."""
        self._origin = origin
        self._network = network
        self._context = context
        self._free = connections
        # Each with the time since when it is idle.
        self._idle: list[tuple[Wire, float]] = []
        self._used: set[Wire] = set()
        self._is_closed = False
        self._changed = threading.Condition()

    def send(self, request: Request) -> Response:
        """The answer to a request, its body not read yet; raises `ExchangeError`.

        A server may end a connection while the request is on its way there, and all that are idle
        at once: https://www.rfc-editor.org/rfc/rfc9112#section-9.3.1. So a request that finds no
        answer on a used connection is sent on another one.
        """
        while True:
            wire, is_new = self._take()
            try:
                with _protocol():
                    return _exchange(wire, request, self)
            except BaseException as error:
                self.give_back(wire, is_reusable=False)
                is_lost = isinstance(error, _Unanswered) and request.method in _IDEMPOTENT
                if is_new or not is_lost:
                    raise

    def give_back(self, wire: Wire, *, is_reusable: bool) -> None:
        """Let other requests have the connection, or another one in its place."""
        with self._changed:
            if wire not in self._used:
                return
            self._used.remove(wire)
            if is_reusable and not self._is_closed:
                self._idle.append((wire, time.monotonic()))
            else:
                wire.close()
                self._free += 1
            self._changed.notify()

    def close(self) -> None:
        """Close all connections, also those on which an answer is on its way."""
        with self._changed:
            self._is_closed = True
            for wire in [*(wire for wire, _ in self._idle), *self._used]:
                wire.break_off()
            self._changed.notify_all()

    def _take(self) -> tuple[Wire, bool]:
        """A connection that nothing else uses, and whether it is a new one."""
        with self._changed:
            while not self._is_closed:
                while self._idle:
                    wire, since = self._idle.pop()
                    # One that the server has ended meanwhile has its end to be read.
                    if time.monotonic() - since < _LONGEST_IDLE and not wire.is_readable():
                        self._used.add(wire)
                        return wire, False
                    wire.close()
                    self._free += 1
                if self._free:
                    self._free -= 1
                    break
                self._changed.wait()
        try:
            wire = self._connect()
        except BaseException:
            with self._changed:
                self._free += 1
                self._changed.notify()
            raise
        with self._changed:
            self._used.add(wire)
            is_closed = self._is_closed
        if is_closed:
            # Nothing else closes a connection that was made meanwhile.
            self.give_back(wire, is_reusable=False)
            raise BrokenOff(_CLOSED)
        return wire, True

    def _connect(self) -> Wire:
        if self._is_closed:
            raise BrokenOff(_CLOSED)
        origin = self._origin
        wire = self._network.connect_tcp(origin.host, origin.port_number)
        return wire if self._context is None else wire.start_tls(self._context, origin.host)


def _exchange(wire: Wire, request: Request, route: LeanRoute) -> Response:
    protocol = h11.Connection(h11.CLIENT, max_incomplete_event_size=_HEAD_LIMIT)
    fields = [("Host", request.url.netloc), *request.headers.items()]
    if request.body:
        fields.append(("Content-Length", str(len(request.body))))
    head = h11.Request(method=request.method, target=request.url.target, headers=fields)
    events: list[h11.Event] = [head, *([h11.Data(data=request.body)] if request.body else [])]
    events.append(h11.EndOfMessage())
    wire.write(b"".join(protocol.send(event) or b"" for event in events))
    protocol.receive_data(_beginning(wire))
    while True:
        event = protocol.next_event()
        if event is h11.NEED_DATA:
            data = wire.read(_READ)
            if not data and protocol.their_state is h11.SEND_RESPONSE:
                raise BrokenOff(_NO_RESPONSE)
            protocol.receive_data(data)
        elif isinstance(event, h11.Response):
            break
    headers = Headers.received(event.headers)
    length = _length(request, event.status_code, headers)
    tokens = (headers.get("connection") or "").lower()
    is_kept = event.http_version == b"1.1" and "close" not in tokens
    body: Body
    if length is None and "transfer-encoding" in headers:
        body = _ChunkedBody(wire, route, protocol, is_kept=is_kept)
    else:
        body = _PlainBody(wire, route, protocol.trailing_data[0], length, is_kept=is_kept)
    return Response(event.status_code, headers, body)


def _beginning(wire: Wire) -> bytes:
    """The first bytes of an answer; raises `_Unanswered` where none come, or `OtherProtocol`."""
    try:
        data = wire.read(_READ)
    except EndlessHead:
        raise
    except BrokenOff as error:
        raise _Unanswered(str(error)) from error
    if not data:
        raise _Unanswered(_NO_RESPONSE)
    if not data.startswith(_VERSION[: len(data)]):
        raise OtherProtocol(data)
    return data


def _length(request: Request, status: int, headers: Headers) -> int | None:
    """The bytes of a body; None where it ends by itself (RFC 9112, section 6.3)."""
    if request.method == "HEAD" or status in {204, 304}:
        return 0
    if "transfer-encoding" in headers or (sent := headers.get_list("content-length")) == []:
        return None
    # h11 has refused what is no number, and two that differ.
    return int(sent[0])


class _LeanBody:
    """A body on its way; the connection serves other requests once all of it has come."""

    def __init__(self, wire: Wire, route: LeanRoute, *, is_kept: bool) -> None:
        self._wire = wire
        self._route = route
        self._is_kept = is_kept
        self._is_whole = False

    def close(self) -> None:
        """Give the connection back, for reuse where it is at the end of this body."""
        self._route.give_back(self._wire, is_reusable=self._is_whole and self._is_kept)


class _PlainBody(_LeanBody):
    """A body of so many bytes, or up to the end of the connection."""

    def __init__(
        self, wire: Wire, route: LeanRoute, begun: bytes, length: int | None, *, is_kept: bool
    ) -> None:
        super().__init__(wire, route, is_kept=is_kept and length is not None)
        self._begun = begun if length is None else begun[:length]
        self._length = length
        # More than the body on the connection is nothing that an answer begins with.
        self._is_kept = self._is_kept and len(self._begun) == len(begun)
        self._is_whole = length == len(self._begun)

    def __iter__(self) -> Iterator[Piece]:
        received = len(self._begun)
        if self._begun:
            yield self._begun
        buffer = memoryview(bytearray(_BUFFER))
        while self._length is None or received < self._length:
            most = _BUFFER if self._length is None else min(_BUFFER, self._length - received)
            size = self._wire.read_into(buffer[:most])
            if not size:
                break
            received += size
            self._is_whole = received == self._length
            yield buffer[:size]
        if self._length is not None and received < self._length:
            raise BrokenOff(
                "peer closed connection without sending complete message body "
                f"(received {received} bytes, expected {self._length})"
            )


class _ChunkedBody(_LeanBody):
    """A body in chunks, as h11 reads it."""

    def __init__(
        self, wire: Wire, route: LeanRoute, protocol: h11.Connection, *, is_kept: bool
    ) -> None:
        super().__init__(wire, route, is_kept=is_kept)
        self._protocol = protocol

    def __iter__(self) -> Iterator[Piece]:
        with _protocol():
            while True:
                event = self._protocol.next_event()
                if event is h11.NEED_DATA:
                    self._protocol.receive_data(self._wire.read(_READ))
                elif isinstance(event, h11.Data):
                    yield bytes(event.data)
                else:
                    break
        self._is_whole = not self._protocol.trailing_data[0]


@contextmanager
def _protocol() -> Iterator[None]:
    """Turn errors of h11 into those of an exchange."""
    try:
        yield
    except h11.ProtocolError as error:
        raise BrokenOff(str(error)) from error
