from __future__ import annotations

import pytest

from nixfetch_docker.errors import TransientError
from nixfetch_docker.registry.body import steady
from nixfetch_docker.registry.retry import Patience


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
