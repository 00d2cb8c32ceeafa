"""A blob on its way into a file: resumable after a break, verified at the end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO, Protocol, Self

from ..base.regex import regex
from ..errors import TransientError, WrongContent
from ..oci.digest import Digest
from .exchange import Piece

_HINT = "the registry, or something on the way, sends wrong bytes"
# The most bytes of a blob of unknown size: more than any registry takes for a layer.
UNKNOWN_LIMIT = 64 * 1024**3
_PIECE = 1024 * 1024
_CONTENT_RANGE = regex(r"bytes (\d{1,19})-(\d{1,19})/(\d{1,19}|\*)")


class Sink(Protocol):
    """A destination of a blob: a file, or an object that is written like one."""

    def tell(self) -> int:
        """The position in bytes."""

    def seek(self, offset: int, /) -> int:
        """Go back to `offset`."""

    def truncate(self) -> int:
        """Throw away all bytes after the position."""

    def write(self, data: Piece, /) -> int:
        """Write all of `data`."""


class Download:
    """A blob, the number of bytes that its file has of it, and their hash."""

    def __init__(self, digest: Digest, size: int | None, sink: Sink) -> None:
        """`size` is in bytes, or None where only the digest can tell that all have come.

        The blob begins at the present position of `sink`.
        """
        self.digest = digest
        self.size = size
        self._sink = sink
        self._start = sink.tell()
        self._hasher = digest.hasher()
        self.received = 0

    @classmethod
    def resumed(cls, digest: Digest, size: int, file: BinaryIO) -> Self:
        """A download that continues from the bytes in a file, which may be none, or wrong ones."""
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
        """Whether all bytes have come."""
        if self.size is None:
            return self._hasher.hexdigest() == self.digest.hex
        return self.received == self.size

    @property
    def limit(self) -> int:
        """The most bytes that the blob can have."""
        return UNKNOWN_LIMIT if self.size is None else self.size

    def restart(self) -> None:
        """Throw away all bytes that have come."""
        self._sink.seek(self._start)
        self._sink.truncate()
        self._hasher = self.digest.hasher()
        self.received = 0

    def take(self, chunks: Iterable[Piece]) -> None:
        """Write and hash chunks; raises `WrongContent` as soon as there are too many bytes."""
        for chunk in chunks:
            self.received += len(chunk)
            if self.received > self.limit:
                what = f"more than the {self.limit} bytes of {self.digest} came"
                raise WrongContent(what, hint=_HINT)
            self._hasher.update(chunk)
            self._sink.write(chunk)

    def finish(self, *, was_all: bool = False) -> None:
        """Raise `WrongContent` for wrong bytes, and `TransientError` for missing ones.

        Missing bytes are `WrongContent` too where the sender says that it `was_all`, or where the
        size is not known.
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
    """Whether a `Content-Range` continues after `received` bytes of `size`.

    https://www.rfc-editor.org/rfc/rfc9110#section-14.4
    """
    match = _CONTENT_RANGE.fullmatch(content_range or "")
    if match is None or int(match[1]) != received:
        return False
    total = size if match[3] == "*" else int(match[3])
    return (size is None or total == size) and (total is None or int(match[2]) < total)
