"""Compressions of layers, told apart by the first bytes."""

from __future__ import annotations

from enum import Enum

from ..base import gzip

# https://www.rfc-editor.org/rfc/rfc8878#section-3.1.1
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"

# The bytes that `Compression.of` needs.
HEAD_BYTES = len(_ZSTD_MAGIC)


class Compression(Enum):
    """A compression of a layer; the values are the suffixes of Docker's media types."""

    NONE = ""
    GZIP = ".gzip"
    ZSTD = ".zstd"

    @classmethod
    def of(cls, head: bytes) -> Compression:
        """The compression of data that begins with `head`."""
        if head.startswith(gzip.MAGIC):
            return cls.GZIP
        return cls.ZSTD if head.startswith(_ZSTD_MAGIC) else cls.NONE
