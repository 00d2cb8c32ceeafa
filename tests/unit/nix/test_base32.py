"""Nix's base 32; the expected values are those of `nix-hash --to-base32 --type sha256`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixfetch_docker.nix import base32

EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_sha256_is_written_as_nix_writes_it() -> None:
    encoded = "0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73"
    assert base32.encode(bytes.fromhex(EMPTY_SHA256)) == encoded
    assert base32.decode(encoded).hex() == EMPTY_SHA256


@given(st.binary(max_size=40))
def test_decode_reverses_encode(data: bytes) -> None:
    assert base32.decode(base32.encode(data)) == data


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("e" * 52, id="a letter that is no digit"),
        pytest.param("0" * 51, id="a length that no bytes have"),
        pytest.param("z" * 52, id="more bits than the bytes have"),
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        base32.decode(text)
