from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixfetch_docker.base.gzip import Gunzip


@given(st.lists(st.binary(), min_size=1, max_size=3), st.integers(1, 30))
def test_members_in_a_row_are_one_stream(contents: list[bytes], size: int) -> None:
    data = b"".join(map(gzip.compress, contents))
    stream = Gunzip()
    pieces = [
        piece
        for start in range(0, len(data), size)
        for piece in stream.decompress(data[start : start + size])
    ]
    assert b"".join(pieces) == b"".join(contents)
    assert stream.is_complete


def test_a_stream_that_expands_comes_in_small_pieces() -> None:
    pieces = list(Gunzip().decompress(gzip.compress(bytes(10_000_000))))
    assert max(map(len, pieces)) == 1024 * 1024
    assert sum(map(len, pieces)) == 10_000_000


def test_a_stream_that_is_cut_is_not_complete() -> None:
    stream = Gunzip()
    assert not stream.is_complete
    list(stream.decompress(gzip.compress(b"a" * 99)[:-1]))
    assert not stream.is_complete


def test_other_data_is_an_error() -> None:
    with pytest.raises(zlib.error):
        list(Gunzip().decompress(b"not gzip at all"))
