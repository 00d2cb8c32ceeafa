"""Layers that the program zstd decompresses."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from typing import BinaryIO, cast

import pytest

from nixfetch_docker.archives.decompress import decompressed
from nixfetch_docker.errors import NixfetchError


def decompress(pieces: Sequence[bytes]) -> bytes:
    with tempfile.TemporaryFile() as file:
        with decompressed(cast(BinaryIO, file)) as decompressor:
            for piece in pieces:
                decompressor.write(piece)
        file.seek(0)
        return file.read()


def zstd(data: bytes) -> bytes:
    return subprocess.run(["zstd", "-q", "-c"], input=data, capture_output=True, check=True).stdout


@pytest.mark.parametrize("data", [b"", b"a", b"abc", bytes(3_000_000)], ids=len)
def test_zstd_in_two_pieces(data: bytes) -> None:
    packed = zstd(data)
    assert decompress([packed[:1], packed[1:]]) == data


def test_zstd_that_ends_too_early_is_an_error() -> None:
    with pytest.raises(NixfetchError, match=r"^its zstd is broken \(.*premature end\); "):
        decompress([zstd(b"a" * 99)[:-1]])
