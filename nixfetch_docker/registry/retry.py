"""Limits on waiting for a registry, and trying again within them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol, TypeVar

from ..base.values import dataclass
from ..errors import TransientError

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Limits on waiting for a registry; times in seconds.

    `connect` bounds the wait for a connection, `silence` the wait for the next byte, and for the
    next piece of a body. The head of an answer must come within `head`, connecting included, and
    have at most `head_bytes`, informational answers (1xx) included, of which there may be
    `informational`. A transfer of less than `floor_bytes` in `floor_seconds` counts as stalled, so
    that a trickle cannot go on for ever. A body that is read into memory must be whole within
    `document`, and all pages of a list of tags within `list`. A request is tried up to `tries`
    times in a row. The count begins anew only where one brought `progress_bytes` that the next goes
    on from. No pause between tries is longer than `longest_pause`.
    """

    connect: float = 10.0
    silence: float = 30.0
    head: float = 60.0
    head_bytes: int = 256 * 1024
    informational: int = 100
    floor_bytes: int = 32 * 1024
    floor_seconds: float = 30.0
    document: float = 300.0
    list: float = 900.0
    tries: int = 5
    first_pause: float = 0.5
    longest_pause: float = 60.0
    progress_bytes: int = 256 * 1024

    def pause(self, failures: int, asked_for: float | None) -> float:
        """The seconds to wait after a number of failures in a row.

        These are the seconds that the registry `asked_for`, if it did. Else the pause doubles each
        time, with jitter, so that many clients do not come back at once.
        """
        if asked_for is not None:
            return asked_for
        import random

        longest = min(self.first_pause * 2 ** (failures - 1), self.longest_pause)
        return random.uniform(longest / 2, longest)  # noqa: S311 (no secret)


class Asked(Protocol):
    """Something that requests are sent to, and that says how patient to be with it."""

    @property
    def patience(self) -> Patience:
        """The limits on waiting."""

    def pause(self, seconds: float, /) -> None:
        """Wait; raises `Cancelled` once no answer is needed any more."""


A = TypeVar("A", bound=Asked)


def retry(action: Callable[[A], T], asked: A, *, notify: Callable[[str], None]) -> T:
    """The result of `action(asked)`, tried again after each `TransientError`.

    `notify` gets a line before each wait. Raises the last `TransientError` once patience ends:
    after its number of tries, or at once where the registry asks for a longer wait than it has.
    """
    patience = asked.patience
    failures = 0
    while True:
        try:
            return action(asked)
        except TransientError as error:
            failures = 1 if error.kept >= patience.progress_bytes else failures + 1
            seconds = patience.pause(failures, error.retry_after)
            if seconds > patience.longest_pause:
                error.what += f", and asks for a wait of {seconds:.0f} s"
                raise
            if failures >= patience.tries:
                raise
            notify(f"{error.cause}; trying again in {seconds:.1f} s")
            asked.pause(seconds)


def read_retry_after(value: str | None, now: float | None = None) -> float | None:
    """The seconds that a `Retry-After` header asks for, or None.

    `now` is the time in seconds since the epoch.
    https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
    """
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    import email.utils

    try:
        then = email.utils.parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None
    return max(then - (time.time() if now is None else now), 0.0)
