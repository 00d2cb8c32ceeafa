from __future__ import annotations

import gzip

import pytest

from nixfetch_docker.archives.compression import HEAD_BYTES, Compression


@pytest.mark.parametrize(
    ("data", "compression"),
    [
        pytest.param(gzip.compress(b"a"), Compression.GZIP, id="gzip"),
        pytest.param(b"\x28\xb5\x2f\xfd\x00", Compression.ZSTD, id="zstd"),
        pytest.param(bytes(512), Compression.NONE, id="none"),
        pytest.param(b"\x28\xb5", Compression.NONE, id="short"),
        pytest.param(b"", Compression.NONE, id="empty"),
    ],
)
def test_the_first_bytes_tell_the_compression(data: bytes, compression: Compression) -> None:
    assert Compression.of(data) is compression
    assert Compression.of(data[:HEAD_BYTES]) is compression
