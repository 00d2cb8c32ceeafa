"""Decompression of gzip streams: https://www.rfc-editor.org/rfc/rfc1952."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

MAGIC = b"\x1f\x8b"
# zlib's own window of 15 bits, and 16 for the gzip format.
_WINDOW_BITS = 31
_PIECE_BYTES = 1024 * 1024


class Gunzip:
    """A gzip stream, decompressed as its bytes arrive.

    Several members in a row are one stream (RFC 1952, section 2.2).
    """

    def __init__(self) -> None:
        self._decompressor = zlib.decompressobj(_WINDOW_BITS)

    @property
    def is_complete(self) -> bool:
        """Whether the bytes so far end with the end of a member."""
        return self._decompressor.eof

    def decompress(self, data: bytes | memoryview) -> Iterator[bytes]:
        """The content of the next bytes, in pieces of at most 1 MiB.

        Raises `zlib.error` for data that is not gzip.
        """
        rest: bytes | memoryview = data
        while rest:
            if self._decompressor.eof:
                self._decompressor = zlib.decompressobj(_WINDOW_BITS)
            yield self._decompressor.decompress(rest, _PIECE_BYTES)
            rest = self._decompressor.unconsumed_tail or self._decompressor.unused_data
