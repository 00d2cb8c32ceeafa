from __future__ import annotations

import gzip
import tempfile
from collections.abc import Sequence
from typing import BinaryIO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixfetch_docker.archives.decompress import decompressed
from nixfetch_docker.errors import NixfetchError

ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
HINT = "the layer was pushed like that; without --decompress it is written as it is"


def decompress(pieces: Sequence[bytes]) -> bytes:
    with tempfile.TemporaryFile() as file:
        with decompressed(cast(BinaryIO, file)) as decompressor:
            for piece in pieces:
                decompressor.write(piece)
        file.seek(0)
        return file.read()


@given(st.binary(), st.integers(1, 20))
def test_gzip_in_any_pieces(data: bytes, size: int) -> None:
    packed = gzip.compress(data[:10]) + gzip.compress(data[10:])
    pieces = [packed[start : start + size] for start in range(0, len(packed), size)]
    assert decompress(pieces) == data


@pytest.mark.parametrize("data", [b"", b"a", b"abc", bytes(3_000_000)], ids=len)
@pytest.mark.parametrize("pack", [gzip.compress, bytes], ids=["gzip", "none"])
def test_every_compression(data: bytes, pack: type[bytes]) -> None:
    packed = pack(data)
    assert decompress([packed[:1], packed[1:]]) == data


@pytest.mark.parametrize(
    ("packed", "message"),
    [
        pytest.param(gzip.compress(b"a" * 99)[:-9], "its gzip ends too early", id="gzip cut"),
        pytest.param(
            b"\x1f\x8b" + bytes(20),
            "its gzip is broken (Error -3 while decompressing data: unknown compression method)",
            id="gzip",
        ),
    ],
)
def test_a_broken_layer_is_an_error(packed: bytes, message: str) -> None:
    with pytest.raises(NixfetchError) as caught:
        decompress([packed])
    assert str(caught.value) == f"{message}; {HINT}"


def test_a_missing_program_zstd_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(NixfetchError) as caught:
        decompress([ZSTD_MAGIC])
    assert str(caught.value) == (
        "it is compressed with zstd, and the program zstd was not found; "
        "install zstd, or leave out --decompress"
    )
