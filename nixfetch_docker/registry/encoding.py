"""Undoing a Content-Encoding that nobody asked for."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from itertools import chain

from ..base.gzip import MAGIC, Gunzip
from ..errors import WrongContent

# How much more than its content an encoding may have: its frame, and what does not shrink.
_OVERHEAD = 64 * 1024
_HINT = "tell the registry's operator"


def decode(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """Content as it was before it was encoded: decompressed where it begins as gzip does.

    For what is never gzip itself; the header alone is not to be believed. `limit` as below.
    """
    pieces = iter(chunks)
    first = next(pieces, b"")
    rest = chain([first], pieces)
    return gunzip(rest, limit) if first.startswith(MAGIC) else rest


def gunzip(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """Decompress in pieces of at most 1 MiB, however much a bomb holds.

    Raises `WrongContent` for what is broken, cut short, or longer than an encoding of `limit`
    bytes can be.
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
