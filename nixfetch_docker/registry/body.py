"""Bodies of answers, read within limits of size and time.

Requests ask for `Accept-Encoding: identity`. Some servers encode the body with gzip all the same.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from io import BytesIO
from itertools import chain

from ..base.gzip import MAGIC, Gunzip
from ..errors import NixfetchError, TransientError, WrongContent
from .exchange import ExchangeError, Piece, Response
from .retry import Patience

_REFUSAL_LIMIT = 64 * 1024
# The bytes that an encoding may have on top of its content: its frame, and what does not shrink.
_OVERHEAD = 64 * 1024
_HINT = "tell the registry's operator"


def read(response: Response, limit: int, patience: Patience) -> bytes:
    """A body that fits into memory, decoded, and cut off soon after `limit` bytes.

    Raises `TransientError` where the body stalls or takes too long, and `WrongContent` where its
    encoding is broken.
    """
    # Not a list of its pieces: a server may send pieces of two bytes, which take fifty each.
    body = BytesIO()
    for piece in _bounded(response, limit, patience):
        body.write(piece)
    return body.getvalue()


def read_refusal(response: Response, patience: Patience) -> bytes:
    """The body of a refusal, as far as it comes: the status alone says enough."""
    body = BytesIO()
    with suppress(ExchangeError, NixfetchError):
        for piece in _bounded(response, _REFUSAL_LIMIT, patience):
            body.write(piece)
    return body.getvalue()


def steady(
    chunks: Iterable[Piece], patience: Patience, clock: Callable[[], float] = time.monotonic
) -> Iterator[Piece]:
    """The same chunks; raises `TransientError` where they come more slowly than allowed."""
    since, received = clock(), 0
    for chunk in chunks:
        yield chunk
        received += len(chunk)
        now = clock()
        if now - since >= patience.floor_seconds:
            if received < patience.floor_bytes:
                raise TransientError(
                    f"only {received} bytes came in {now - since:.0f} s", hint="try again later"
                )
            since, received = now, 0


def whole_in_time(
    chunks: Iterable[Piece], patience: Patience, clock: Callable[[], float] = time.monotonic
) -> Iterator[Piece]:
    """The same chunks; raises `TransientError` where they take longer than a document may."""
    end, received = clock() + patience.document, 0
    for chunk in chunks:
        yield chunk
        received += len(chunk)
        if clock() >= end:
            raise TransientError(
                f"only {received} bytes came in {patience.document:.0f} s", hint="try again later"
            )


def _bounded(response: Response, limit: int, patience: Patience) -> Iterator[Piece]:
    received = 0
    for chunk in decode(whole_in_time(steady(response.pieces(), patience), patience), limit):
        yield chunk
        received += len(chunk)
        if received > limit:
            return


def decode(chunks: Iterable[Piece], limit: int) -> Iterator[Piece]:
    """Content that is not gzip itself, decompressed where it begins with gzip's magic number.

    The `Content-Encoding` header is wrong too often to go by it. `limit` is as in `gunzip`.
    """
    pieces = iter(chunks)
    first = next(pieces, b"")
    rest = chain([first], pieces)
    return gunzip(rest, limit) if first[: len(MAGIC)] == MAGIC else rest


def gunzip(chunks: Iterable[Piece], limit: int) -> Iterator[Piece]:
    """The decompressed chunks, of at most 1 MiB each.

    Raises `WrongContent` for gzip that is broken, cut short, or longer than an encoding of
    `limit` bytes can be.
    """
    stream = Gunzip()
    taken = 0
    for chunk in chunks:
        taken += len(chunk)
        if taken > limit + limit // 1024 + _OVERHEAD:
            raise WrongContent(f"its gzip encoding has more than {taken} bytes", hint=_HINT)
        try:
            yield from stream.decompress(chunk)
        except zlib.error as error:
            raise WrongContent(f"its gzip encoding is broken ({error})", hint=_HINT) from None
    if not stream.is_complete:
        raise WrongContent("its gzip encoding ends too early", hint=_HINT)
