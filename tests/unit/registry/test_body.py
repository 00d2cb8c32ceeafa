from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.exchange import response

from nixfetch_docker.errors import TransientError, WrongContent
from nixfetch_docker.registry.body import decode, gunzip, read, read_refusal, steady, whole_in_time
from nixfetch_docker.registry.retry import Patience

LIMIT = 1024 * 1024
HINT = "tell the registry's operator"


def pieces(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


@given(st.binary(), st.integers(1, 50), st.integers(0, 3))
def test_what_was_encoded_comes_back(data: bytes, size: int, members: int) -> None:
    coded = gzip.compress(data) * members + gzip.compress(data)
    assert b"".join(gunzip(pieces(coded, size), LIMIT)) == data * (members + 1)


@given(st.binary().filter(lambda data: data[:2] != b"\x1f\x8b"), st.integers(2, 50))
def test_what_was_not_is_passed_on(data: bytes, size: int) -> None:
    assert b"".join(decode(pieces(data, size), LIMIT)) == data


@given(st.binary())
def test_any_bytes_are_decoded_or_refused(data: bytes) -> None:
    for form in (data, gzip.compress(data)[:-3], gzip.compress(data) + data):
        with suppress(WrongContent):
            b"".join(gunzip([form], LIMIT))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(
            b"hello",
            "its gzip encoding is broken (Error -3 while decompressing data: incorrect header "
            f"check); {HINT}",
            id="no gzip",
        ),
        pytest.param(b"", f"its gzip encoding ends too early; {HINT}", id="nothing"),
        pytest.param(
            gzip.compress(b"hello")[:-1], f"its gzip encoding ends too early; {HINT}", id="cut off"
        ),
    ],
)
def test_what_is_broken_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(WrongContent) as caught:
        b"".join(gunzip([data], LIMIT))
    assert str(caught.value) == message


def test_a_bomb_comes_in_small_pieces() -> None:
    coded = gzip.compress(bytes(64 * 1024 * 1024))
    assert max(map(len, gunzip([coded], 128 * LIMIT))) <= 1024 * 1024


def test_no_more_is_read_than_the_encoding_can_have() -> None:
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        while True:
            taken += 1000
            yield gzip.compress(b"") * 50

    with pytest.raises(WrongContent, match="its gzip encoding has more than"):
        b"".join(gunzip(endless(), 1000))
    assert taken < 70_000


def test_a_trickle_is_a_stall() -> None:
    now = iter(float(second) for second in range(0, 1000, 10))
    patience = Patience(floor_bytes=100, floor_seconds=30.0)
    with pytest.raises(TransientError) as caught:
        list(steady([b"x"] * 10, patience, clock=lambda: next(now)))
    assert str(caught.value) == "only 3 bytes came in 30 s; try again later"


def test_a_slow_but_steady_stream_is_none() -> None:
    now = iter(float(second) for second in range(0, 1000, 10))
    patience = Patience(floor_bytes=100, floor_seconds=30.0)
    chunks = [b"x" * 50] * 20
    assert list(steady(chunks, patience, clock=lambda: next(now))) == chunks


def test_pieces_of_two_bytes_take_no_more_memory_than_the_body() -> None:
    def pieces() -> Iterator[bytes]:
        for number in range(60_000):
            yield b"%02d" % (number % 90)

    tracemalloc.start()
    try:
        assert len(read(response(200, pieces()), LIMIT, Patience())) == 120_000
        assert len(read_refusal(response(404, pieces()), Patience())) > 60_000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000


def test_a_document_has_a_time() -> None:
    now = iter(float(second) for second in range(0, 10_000, 10))
    patience = Patience(document=300.0)
    with pytest.raises(TransientError) as caught:
        list(whole_in_time([b"x" * 1000] * 100, patience, clock=lambda: next(now)))
    assert str(caught.value) == "only 30000 bytes came in 300 s; try again later"
