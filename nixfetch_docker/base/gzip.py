"""gzip, decompressed as it arrives: https://www.rfc-editor.org/rfc/rfc1952."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

MAGIC = b"\x1f\x8b"
# zlib's own window of 15 bits, and 16 for the gzip format.
_WINDOW_BITS = 31
_PIECE_BYTES = 1024 * 1024


class Gunzip:
    """A gzip stream on its way; several members in a row are one stream (section 2.2)."""

    def __init__(self) -> None:
        self._decompressor = zlib.decompressobj(_WINDOW_BITS)

    @property
    def is_complete(self) -> bool:
        """Whether the last member has come to its end."""
        return self._decompressor.eof

    def decompress(self, data: bytes) -> Iterator[bytes]:
        """The content of the next `data`, in pieces of at most 1 MiB however much it expands.

        Raises `zlib.error` for data that is not gzip.
        """
        rest = data
        while rest:
            if self._decompressor.eof:
                self._decompressor = zlib.decompressobj(_WINDOW_BITS)
            yield self._decompressor.decompress(rest, _PIECE_BYTES)
            rest = self._decompressor.unconsumed_tail or self._decompressor.unused_data
