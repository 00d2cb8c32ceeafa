from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixfetch_docker.errors import TransientError
from nixfetch_docker.registry.retry import Patience, read_retry_after, retry

NOW = 1_700_000_000.0
PATIENCE = Patience(tries=3, first_pause=2.0, longest_pause=60.0, progress_bytes=100)


class Asked:
    """A registry that is asked; `slept` are the seconds waited for it."""

    def __init__(self) -> None:
        self.patience = PATIENCE
        self.slept: list[float] = []
        self.pause: Callable[[float], None] = self.slept.append


def failing(*errors: TransientError) -> Callable[[Asked], str]:
    """An action that raises each error once and then succeeds."""
    left = list(errors)

    def action(_asked: Asked) -> str:
        if left:
            raise left.pop(0)
        return "done"

    return action


def run(*errors: TransientError) -> tuple[str, list[float], list[str]]:
    asked = Asked()
    notes: list[str] = []
    result = retry(failing(*errors), asked, notify=notes.append)
    return result, asked.slept, notes


def test_a_failure_that_passes_is_waited_for_aloud() -> None:
    result, slept, said = run(TransientError("GET x answered 503", retry_after=7.0))
    assert (result, slept) == ("done", [7.0])
    assert said == ["GET x answered 503; trying again in 7.0 s"]


def test_pauses_double_with_jitter() -> None:
    _, slept, _ = run(TransientError("a"), TransientError("b"))
    assert 1.0 <= slept[0] <= 2.0 <= slept[1] <= 4.0


def test_patience_ends() -> None:
    errors = [TransientError(str(number)) for number in range(3)]
    with pytest.raises(TransientError, match="2"):
        run(*errors)


def test_progress_begins_the_count_anew() -> None:
    errors = [TransientError("cut", kept=100) for _ in range(20)]
    assert run(*errors)[0] == "done"


def test_progress_leaves_all_tries_but_one() -> None:
    """The failure that came with progress is the first of the new count."""
    kept = TransientError("kept", kept=100)
    result, slept, _ = run(kept, TransientError("a"))
    assert (result, len(slept)) == ("done", 2)
    with pytest.raises(TransientError, match="b"):
        run(TransientError("kept", kept=100), TransientError("a"), TransientError("b"))


def test_the_longest_wait_is_waited_for() -> None:
    assert run(TransientError("a", retry_after=60.0))[1] == [60.0]


def test_too_long_a_wait_is_not_waited_for() -> None:
    with pytest.raises(TransientError) as caught:
        run(TransientError("GET x answered 429", hint="log in", retry_after=3600.0))
    assert str(caught.value) == "GET x answered 429, and asks for a wait of 3600 s; log in"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        pytest.param("120", 120.0, id="seconds"),
        pytest.param(" 0 ", 0.0, id="at once"),
        pytest.param("Tue, 14 Nov 2023 22:14:20 GMT", 60.0, id="a date"),
        pytest.param("Tue, 14 Nov 2023 22:12:20 GMT", 0.0, id="a date that has passed"),
        pytest.param("-5", None, id="negative"),
        pytest.param("soon", None, id="a word"),
        pytest.param("9" * 400, None, id="endless"),
        pytest.param("", None, id="empty"),
        pytest.param(None, None, id="none"),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str | None, seconds: float | None) -> None:
    assert read_retry_after(value, NOW) == seconds


@given(st.text())
def test_no_retry_after_breaks_anything(value: str) -> None:
    seconds = read_retry_after(value, NOW)
    assert seconds is None or seconds >= 0


@pytest.mark.parametrize(
    ("failures", "longest"), [(1, 0.5), (2, 1.0), (3, 2.0), (4, 4.0), (9, 60.0)], ids=str
)
def test_a_pause_doubles_up_to_the_longest(failures: int, longest: float) -> None:
    pauses = [Patience().pause(failures, None) for _ in range(300)]
    assert longest / 2 <= min(pauses) < longest * 0.6
    assert longest * 0.9 < max(pauses) <= longest


@pytest.mark.parametrize(
    ("value", "seconds"), [("999999999", 999999999.0), ("9999999999", None)], ids=str
)
def test_a_wait_has_at_most_nine_digits(value: str, seconds: float | None) -> None:
    assert read_retry_after(value) == seconds


def test_a_date_counts_from_now() -> None:
    assert read_retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0
    assert (read_retry_after("Tue, 01 Jan 2999 00:00:00 GMT") or 0) > 1e9
