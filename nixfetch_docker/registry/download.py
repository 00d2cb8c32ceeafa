"""A blob on its way into a file: resumed after a break, verified at the end."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import BinaryIO, Protocol, Self

from ..errors import TransientError, WrongContent
from ..oci.digest import Digest

_HINT = "the registry, or something on the way, sends wrong bytes"
# What a blob of unknown size may have at most: more than any registry takes for a layer.
UNKNOWN_LIMIT = 64 * 1024**3
_PIECE = 1024 * 1024
_CONTENT_RANGE = re.compile(r"bytes (\d{1,19})-(\d{1,19})/(\d{1,19}|\*)")


class Sink(Protocol):
    """Where a blob goes: a file, or what can be written like one."""

    def tell(self) -> int:
        """The position in bytes."""

    def seek(self, offset: int, /) -> int:
        """Go back to `offset`."""

    def truncate(self) -> int:
        """Throw away what is behind the position."""

    def write(self, data: bytes, /) -> int:
        """Write all of `data`."""


class Download:
    """How much of a blob is in the file, and what it hashes to so far."""

    def __init__(self, digest: Digest, size: int | None, sink: Sink) -> None:
        """`size` in bytes, None where it is not known, and only the digest can tell the end.

        `sink` is written from where it stands, which is its beginning.
        """
        self.digest = digest
        self.size = size
        self._sink = sink
        self._start = sink.tell()
        self._hasher = digest.hasher()
        self.received = 0

    @classmethod
    def resumed(cls, digest: Digest, size: int, file: BinaryIO) -> Self:
        """Go on with what a file has already, which may be nothing, and may be wrong."""
        file.seek(0)
        made = cls(digest, size, file)
        while chunk := file.read(_PIECE):
            made.received += len(chunk)
            made._hasher.update(chunk)
        if made.received > size:
            made.restart()
        return made

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing."""
        if self.size is None:
            return self._hasher.hexdigest() == self.digest.hex
        return self.received == self.size

    @property
    def limit(self) -> int:
        """The most bytes that there may be."""
        return UNKNOWN_LIMIT if self.size is None else self.size

    def restart(self) -> None:
        """Throw away what has come."""
        self._sink.seek(self._start)
        self._sink.truncate()
        self._hasher = self.digest.hasher()
        self.received = 0

    def take(self, chunks: Iterable[bytes]) -> None:
        """Write and hash; raises `WrongContent` as soon as there are too many bytes."""
        for chunk in chunks:
            self.received += len(chunk)
            if self.received > self.limit:
                what = f"more than the {self.limit} bytes of {self.digest} came"
                raise WrongContent(what, hint=_HINT)
            self._hasher.update(chunk)
            self._sink.write(chunk)

    def finish(self, *, was_all: bool = False) -> None:
        """Raise where bytes are missing, and `WrongContent` where they are others.

        What is short is a `TransientError`, or `WrongContent` if the sender says that it `was_all`
        or if the size is not known.
        """
        if self.size is not None and not self.is_whole:
            what = f"{self.received} of the {self.size} bytes of {self.digest} came"
            if was_all:
                raise WrongContent(what, hint=_HINT)
            raise TransientError(what, hint="try again")
        found = self._hasher.hexdigest()
        if found != self.digest.hex:
            raise WrongContent(
                f"asked for {self.digest}, got {self.digest.algorithm}:{found}", hint=_HINT
            )


def continues(content_range: str | None, received: int, size: int | None) -> bool:
    """Whether a `Content-Range` goes on after `received` bytes of `size` (RFC 9110, 14.4)."""
    match = _CONTENT_RANGE.fullmatch(content_range or "")
    if match is None or int(match[1]) != received:
        return False
    total = size if match[3] == "*" else int(match[3])
    return (size is None or total == size) and (total is None or int(match[2]) < total)
