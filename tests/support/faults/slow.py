"""Answers that never pause for long, and hardly go on: a few bytes now and then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice, repeat

from .server import Answer, Connection, Exchange

_PAUSE = 0.05
# So that a client that would wait for ever fails a test, and does not hang it.
_STEPS = 160


def trickle(connection: Connection, pieces: Iterable[bytes]) -> None:
    """Send pieces with a pause behind each, for some seconds at most, and cut the connection."""
    for piece in islice(pieces, _STEPS):
        connection.send(piece)
        connection.wait(_PAUSE)
    connection.cut()


def slow_head(size: int | None = None) -> Answer:
    """The reply's head byte by byte: all of it, or only the bytes behind the first `size`."""

    def answer(exchange: Exchange) -> None:
        head = exchange.reply.head
        start = 0 if size is None else size
        exchange.connection.send(head[:start])
        trickle(exchange.connection, _bytes(head[start:]))

    return answer


def endless_head(start: bytes, more: bytes) -> Answer:
    """`start`, and then `more` again and again, with a pause behind each."""

    def answer(exchange: Exchange) -> None:
        exchange.connection.send(start)
        trickle(exchange.connection, repeat(more))

    return answer


def flood(data: bytes) -> Answer:
    """`data` again and again in place of a reply, for as long as the client reads."""

    def answer(exchange: Exchange) -> None:
        piece = data * (64 * 1024 // len(data))
        while True:
            exchange.connection.send(piece)

    return answer


def slow_chunks(*, before: bytes = b"", after: bytes = b"", more: bytes = b"") -> Answer:
    """A chunked reply: the body in one chunk, `before` it and `after` it raw bytes, then `more`.

    `more` comes again and again, with a pause behind each.
    """

    def answer(exchange: Exchange) -> None:
        chunked = {"Content-Length": None, "Transfer-Encoding": "chunked"}
        exchange.reply = exchange.reply.changed(chunked)
        exchange.begin()
        size = len(exchange.payload)
        whole = b"" if before else b"%x\r\n%b\r\n" % (size, exchange.payload)
        exchange.connection.send(before + whole + after)
        trickle(exchange.connection, repeat(more))

    return answer


def _bytes(data: bytes) -> Iterator[bytes]:
    return (data[position : position + 1] for position in range(len(data)))
