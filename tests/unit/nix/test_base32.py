"""Nix's base 32; the expected values are those of `nix-hash --to-base32`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixfetch_docker.nix import base32

EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        pytest.param("", "", id="no bytes"),
        pytest.param("1f", "0z", id="one byte"),
        pytest.param(
            "e4fd8ba5f7bbeaea5ace89fe10255536cd60dab6",
            "nvd61k9nalji1zl9rrdfmsmvyyjqpzg4",
            id="sha1",
        ),
        pytest.param(
            EMPTY_SHA256, "0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73", id="sha256"
        ),
    ],
)
def test_bytes_are_written_and_read_as_nix_does(data: str, text: str) -> None:
    assert base32.encode(bytes.fromhex(data)) == text
    assert base32.decode(text).hex() == data


@given(st.binary(max_size=64))
def test_decode_reverses_encode(data: bytes) -> None:
    assert base32.decode(base32.encode(data)) == data


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("e" * 52, id="a letter that is no digit"),
        pytest.param("0" * 51, id="a length that no bytes have"),
        pytest.param("z" * 52, id="more bits than the bytes have"),
        pytest.param("0" * 104, id="longer than any hash"),
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        base32.decode(text)
