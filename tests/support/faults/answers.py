"""Answers for `FaultRegistry.script`: the worst that registries, proxies and networks do.

Those that change the reply (`status`, `headers`, `wrong_bytes`, …) come first in a `chain`,
then one that sends it in its own way (`drip`, `reset_after`, …).
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from threading import Barrier

from .messages import Fields, Reply
from .server import Answer, Connection, Exchange

_PIECE = 64 * 1024


def chain(*answers: Answer) -> Answer:
    """Several answers, one after the other."""

    def answer(exchange: Exchange) -> None:
        for one in answers:
            one(exchange)

    return answer


def as_usual(_: Exchange) -> None:
    """The faithful reply, for a request before the first that gets a fault."""


def delay(seconds: float, then: Answer = as_usual) -> Answer:
    """Send nothing for some seconds, and then answer as `then` does."""
    return chain(lambda exchange: exchange.connection.wait(seconds), then)


def together(barrier: Barrier) -> Answer:
    """Send nothing until as many requests have come as the barrier waits for."""

    def answer(_: Exchange) -> None:
        barrier.wait()

    return answer


# Other replies.


def status(code: int, headers: Fields | None = None, body: bytes = b"") -> Answer:
    return _reply(lambda _: Reply.of(code, body, headers))


def json_error(code: int, error: str, message: str = "", headers: Fields | None = None) -> Answer:
    return _reply(lambda _: error_reply(code, error, message, headers))


def html(code: int = 200) -> Answer:
    """A web page, as captive portals and proxies send it."""
    page = b"<!DOCTYPE html><html><body><h1>Welcome!</h1></body></html>"
    return status(code, {"Content-Type": "text/html; charset=utf-8"}, page)


def challenge(*values: str, code: int = 401) -> Answer:
    """A refusal with a WWW-Authenticate line for each value."""
    return json_error(code, "UNAUTHORIZED", headers={"WWW-Authenticate": values})


def redirect(url: str, code: int = 307, *, keep_path: bool = False) -> Answer:
    """Redirect to `url`; with `keep_path`, to the request's path and query below `url`."""
    return _reply(
        lambda exchange: Reply.of(
            code, headers={"Location": url + (exchange.request.path if keep_path else "")}
        )
    )


def body(data: bytes, headers: Fields | None = None, content_length: int | None = None) -> Answer:
    """A reply of status 200 with this body; after a wrong `content_length`, the server closes."""
    length = {} if content_length is None else {"Content-Length": str(content_length)}
    return status(200, {**(headers or {}), **length}, data)


# The faithful reply, changed.


def headers(fields: Fields) -> Answer:
    """Change header fields of the reply: None removes one, a sequence makes several lines."""
    return _reply(lambda exchange: exchange.reply.changed(fields))


def as_if(fields: Fields) -> Answer:
    """The reply to the same request with these header fields."""
    return _reply(lambda exchange: exchange.serve(exchange.request.changed(fields)))


def ignore_range() -> Answer:
    """The whole body with status 200, also where a range was requested."""
    return as_if({"Range": None})


def bad_content_range(value: str | None) -> Answer:
    """Another Content-Range than the body has, or with None none at all."""
    return headers({"Content-Range": value})


def unsatisfiable() -> Answer:
    """Status 416 for any range."""

    def make(exchange: Exchange) -> Reply:
        whole = exchange.serve(exchange.request.changed({"Range": None})).body
        return Reply.of(416, headers={"Content-Range": f"bytes */{len(whole)}"})

    return _reply(make)


def wrong_bytes(at: int | None = None) -> Answer:
    """A body of the same size with one bit flipped, in the byte `at` or the one in the middle."""

    def make(exchange: Exchange) -> Reply:
        data = bytearray(exchange.reply.body)
        if data:
            data[len(data) // 2 if at is None else at] ^= 1
        return replace(exchange.reply, body=bytes(data))

    return _reply(make)


def gzip_encoded() -> Answer:
    """The body compressed by gzip as a content encoding, without regard to Accept-Encoding."""

    def make(exchange: Exchange) -> Reply:
        data = gzip.compress(exchange.reply.body, mtime=0)
        coded = {"Content-Encoding": "gzip", "Content-Length": str(len(data))}
        return replace(exchange.reply.changed(coded), body=data)

    return _reply(make)


def huge_headers(size: int = 1024 * 1024) -> Answer:
    return headers({"X-Filler": "x" * size})


# The reply, sent in another way.


def reset_after(size: int) -> Answer:
    """`size` bytes of the body, which the client receives, then RST."""
    return _cut(size, Connection.reset)


def truncate_after(size: int) -> Answer:
    """`size` bytes of the body, then the end of the connection."""
    return _cut(size, Connection.cut)


def stall_after(size: int, seconds: float = 60) -> Answer:
    """`size` bytes of the body, then nothing for some seconds, then the end of the connection."""

    def stall(connection: Connection) -> None:
        connection.wait(seconds)
        connection.cut()

    return _cut(size, stall)


def truncate_head(size: int) -> Answer:
    """`size` bytes of status line and headers, then the end of the connection."""

    def answer(exchange: Exchange) -> None:
        exchange.connection.send(exchange.reply.head[:size])
        exchange.connection.cut()

    return answer


def drip(bytes_per_second: float) -> Answer:
    """The body in small pieces, at most 20 a second."""
    size = max(1, int(bytes_per_second / 20))

    def answer(exchange: Exchange) -> None:
        exchange.begin()
        for piece in _pieces(exchange.payload, size):
            exchange.connection.wait(len(piece) / bytes_per_second)
            exchange.connection.send(piece)
        exchange.end()

    return answer


def no_content_length(*, chunked: bool = False) -> Answer:
    """A reply without Content-Length, which ends with the connection or comes in chunks."""
    return _send_chunked(end=b"0\r\n\r\n") if chunked else headers({"Content-Length": None})


def chunked_broken(end: bytes = b"no length\r\n") -> Answer:
    """The whole body in chunks, then `end` in place of the last chunk, and the end."""
    return chain(_send_chunked(end), _close)


def endless_body() -> Answer:
    """Spaces, which JSON permits anywhere, for as long as the client reads."""

    def answer(exchange: Exchange) -> None:
        exchange.reply = exchange.reply.changed({"Content-Length": None})
        exchange.begin()
        while True:
            exchange.connection.send(b" " * _PIECE)

    return answer


# No reply.


def close_without_answer(*, reset: bool = False) -> Answer:
    return lambda exchange: exchange.connection.reset() if reset else exchange.connection.cut()


def garbage(data: bytes = b"SSH-2.0-OpenSSH_9.2\r\n\0\xff\r\n\r\n") -> Answer:
    """Bytes that are not HTTP, then the end of the connection."""
    return chain(lambda exchange: exchange.connection.send(data), _close)


def error_reply(code: int, error: str, message: str = "", headers: Fields | None = None) -> Reply:
    """An error as the distribution spec's JSON.

    https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#error-codes
    """
    document = {"errors": [{"code": error, "message": message, "detail": None}]}
    fields = {"Content-Type": "application/json", **(headers or {})}
    return Reply.of(code, json.dumps(document).encode(), fields)


def _reply(make: Callable[[Exchange], Reply]) -> Answer:
    def answer(exchange: Exchange) -> None:
        exchange.reply = make(exchange)

    return answer


def _cut(size: int, end: Callable[[Connection], None]) -> Answer:
    def answer(exchange: Exchange) -> None:
        exchange.begin()
        exchange.connection.send(exchange.payload[:size])
        end(exchange.connection)

    return answer


def _send_chunked(end: bytes) -> Answer:
    def answer(exchange: Exchange) -> None:
        chunked = {"Content-Length": None, "Transfer-Encoding": "chunked"}
        exchange.reply = exchange.reply.changed(chunked)
        exchange.begin()
        for piece in _pieces(exchange.payload, _PIECE):
            exchange.connection.send(b"%x\r\n%b\r\n" % (len(piece), piece))
        if exchange.request.method != "HEAD":
            exchange.connection.send(end)
        exchange.end()

    return answer


def _close(exchange: Exchange) -> None:
    exchange.connection.close()


def _pieces(data: bytes, size: int) -> Iterable[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))
