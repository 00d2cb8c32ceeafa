from __future__ import annotations

import pytest

from nixfetch_docker.registry.exchange import EndlessHead
from nixfetch_docker.registry.pace import Pace
from nixfetch_docker.registry.retry import Patience

PATIENCE = Patience(head=60, silence=30, head_bytes=100)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pace(clock: Clock) -> Pace:
    return Pace(PATIENCE, clock)


def test_a_step_gets_what_is_left(pace: Pace, clock: Clock) -> None:
    assert pace.left(30) == 30
    clock.now = 50.0
    assert pace.left(30) == 10
    clock.now = 60.0
    with pytest.raises(TimeoutError):
        pace.left(30)


def test_the_time_begins_with_the_first_step(pace: Pace, clock: Clock) -> None:
    clock.now = 1000.0
    assert pace.left(100) == 60


def test_every_piece_gets_its_own(pace: Pace, clock: Clock) -> None:
    pace.left(1)
    for _ in range(10):
        clock.now += 25
        pace.begin_piece()
        assert pace.left(100) == 30


@pytest.mark.parametrize(
    ("has_come", "seconds", "said"),
    [
        pytest.param(True, 30, "no more of its body came within 30 s", id="bytes came"),
        pytest.param(True, 29, "silent", id="in time"),
        pytest.param(False, 30, "silent", id="none came"),
    ],
)
def test_what_is_late_is_said(
    pace: Pace, clock: Clock, said: str, seconds: float, *, has_come: bool
) -> None:
    pace.begin_piece()
    pace.left(1)
    if has_come:
        pace.take(bytes(5))
    clock.now = seconds
    assert pace.late("silent") == said


def test_a_part_of_a_head_is_no_outage(pace: Pace, clock: Clock) -> None:
    pace.left(1)
    pace.take(bytes(5))
    clock.now = 60.0
    with pytest.raises(EndlessHead, match="no whole head of an answer came within 60 s"):
        pace.late("silent")


def test_a_head_has_so_many_bytes_and_a_piece_any(pace: Pace) -> None:
    pace.take(bytes(60))
    pace.take(bytes(40))
    with pytest.raises(EndlessHead, match="more than 100 bytes came before"):
        pace.take(bytes(1))
    pace.begin_piece()
    pace.take(bytes(10**6))
    pace.begin_head()
    pace.take(bytes(100))
