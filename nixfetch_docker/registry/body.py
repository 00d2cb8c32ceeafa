"""The bodies of answers, as they come in."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

import httpx

from ..errors import NixfetchError, TransientError
from .encoding import decode
from .retry import Patience

_REFUSAL_LIMIT = 64 * 1024


def read(response: httpx.Response, limit: int, patience: Patience) -> bytes:
    """A body that fits into memory, cut off soon after `limit` bytes.

    What is encoded all the same is decoded. Raises `TransientError` where it stalls, and
    `WrongContent` for an encoding that is broken.
    """
    return b"".join(_bounded(response, limit, patience))


def read_refusal(response: httpx.Response, patience: Patience) -> bytes:
    """What comes of a body that only explains what the status has said already."""
    pieces: list[bytes] = []
    with suppress(httpx.HTTPError, NixfetchError):
        pieces.extend(_bounded(response, _REFUSAL_LIMIT, patience))
    return b"".join(pieces)


def steady(
    chunks: Iterable[bytes], patience: Patience, clock: Callable[[], float] = time.monotonic
) -> Iterator[bytes]:
    """Pass `chunks` on; raises `TransientError` where they come too slowly to ever end."""
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


def _bounded(response: httpx.Response, limit: int, patience: Patience) -> Iterator[bytes]:
    received = 0
    for chunk in decode(steady(response.iter_raw(), patience), limit):
        yield chunk
        received += len(chunk)
        if received > limit:
            return
