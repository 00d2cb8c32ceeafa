"""A stream of bytes that is read in the sizes that its reader asks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .invalid import InvalidLayer

if TYPE_CHECKING:
    from ..registry.exchange import Piece


class Stream:
    """Bytes that arrive in pieces. One piece at most is in memory, and what is asked for."""

    def __init__(self, pieces: Iterator[Piece]) -> None:
        self._pieces = pieces
        self._piece = memoryview(b"")

    def read(self, count: int) -> bytes:
        """The next `count` bytes, or fewer at the end."""
        if count <= len(self._piece):
            found = self._piece[:count].tobytes()
            self._piece = self._piece[count:]
            return found
        return b"".join(self._up_to(count))

    def read_all(self, count: int) -> bytes:
        """The next `count` bytes; raises `InvalidLayer` where they are fewer."""
        found = self.read(count)
        if len(found) < count:
            raise _ends_early()
        return found

    def pieces(self, count: int) -> Iterator[memoryview]:
        """The next `count` bytes in pieces; raises `InvalidLayer` where they are fewer."""
        missing = count
        for piece in self._up_to(count):
            missing -= len(piece)
            yield piece
        if missing:
            raise _ends_early()

    def skip(self, count: int) -> None:
        """Pass over the next `count` bytes; raises `InvalidLayer` where they are fewer."""
        for _ in self.pieces(count):
            pass

    def drain(self) -> None:
        """Pass over all that is left."""
        self._piece = memoryview(b"")
        for _ in self._pieces:
            pass

    def _up_to(self, count: int) -> Iterator[memoryview]:
        while count:
            if not self._piece:
                piece = next(self._pieces, None)
                if piece is None:
                    return
                self._piece = memoryview(piece)
                continue
            part = self._piece[:count]
            self._piece = self._piece[count:]
            count -= len(part)
            yield part


def _ends_early() -> InvalidLayer:
    return InvalidLayer("its tar ends in the middle of an entry")
