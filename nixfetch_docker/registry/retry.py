"""How long to wait for a registry, and how often to ask it again."""

from __future__ import annotations

import email.utils
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from ..errors import TransientError

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Limits on waiting; times in seconds.

    `silence` bounds the wait for the next byte. A transfer that brings less than `floor_bytes`
    in `floor_seconds` counts as stalled, so that a trickle cannot go on for ever. A failure
    that may pass is tried `tries` times in a row; one that brought `fruit_bytes` before it
    failed begins the count anew.
    """

    connect: float = 10.0
    silence: float = 30.0
    floor_bytes: int = 32 * 1024
    floor_seconds: float = 30.0
    tries: int = 5
    first_pause: float = 0.5
    longest_pause: float = 60.0
    fruit_bytes: int = 256 * 1024

    def pause(self, failures: int, asked_for: float | None) -> float:
        """How long to wait after so many failures in a row.

        What the registry `asked_for` counts; else the pause doubles each time, with jitter, so
        that many clients do not come back at once.
        """
        if asked_for is not None:
            return asked_for
        longest = min(self.first_pause * 2 ** (failures - 1), self.longest_pause)
        return random.uniform(longest / 2, longest)  # noqa: S311 (no secret)


def retry(
    action: Callable[[], T],
    patience: Patience,
    *,
    say: Callable[[str], None],
    sleep: Callable[[float], None],
) -> T:
    """Do `action`, again after each `TransientError` until patience ends.

    `say` is told of every wait, and `sleep` waits. Raises the last `TransientError`, at once where
    the registry asks for a longer wait than is bearable.
    """
    failures = 0
    while True:
        try:
            return action()
        except TransientError as error:
            failures = 1 if error.received >= patience.fruit_bytes else failures + 1
            seconds = patience.pause(failures, error.retry_after)
            if seconds > patience.longest_pause:
                error.hint = f"come back in {seconds:.0f} s, as the registry asks"
                raise
            if failures >= patience.tries:
                raise
            say(f"{error.cause}; trying again in {seconds:.1f} s")
            sleep(seconds)


def read_retry_after(value: str | None, now: float | None = None) -> float | None:
    """The seconds that a `Retry-After` header asks for, or None (RFC 9110, section 10.2.3).

    `now` is the time in seconds since the epoch.
    """
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    try:
        then = email.utils.parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None
    return max(then - (time.time() if now is None else now), 0.0)
