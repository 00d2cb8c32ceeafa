"""The age from which on a tag is followed: `minimum-age = "3 days"`."""

from __future__ import annotations

from typing import Self

from ..base.dates import minute, timestamp
from ..base.redact import literal
from ..base.regex import regex
from ..base.values import dataclass
from ..errors import NixfetchError

_SECONDS = {"minute": 60, "hour": 3600, "day": 24 * 3600, "week": 7 * 24 * 3600}
_AGE = regex(r"([1-9][0-9]{0,3}) (minute|hour|day|week)s?")
_LONGEST = 30
# Docker came in March 2013: an earlier date is a constant, as reproducible builds write it.
_FIRST_IMAGES = 1_356_998_400


class InvalidAge(NixfetchError):
    """A text that is not an age."""


class TooYoung(NixfetchError):
    """An image that is younger than asked, or that does not say when it was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MinimumAge:
    """An age as it was written, and in seconds."""

    text: str
    seconds: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a number and a unit, `12 hours`; raises `InvalidAge`."""
        found = _AGE.fullmatch(text) if len(text) <= _LONGEST else None
        if found is None:
            raise InvalidAge(
                f"{literal(text)} is not an age",
                hint='write a number from 1 to 9999 and minutes, hours, days or weeks: "3 days"',
            )
        return cls(text=text, seconds=int(found[1]) * _SECONDS[found[2]])

    def check(self, created: str | None, now: float) -> None:
        """Raise `TooYoung` for an image that was made too short a time before `now`.

        `created` is what the image says of its making, in RFC 3339, and `now` is in seconds from
        1970. An image that does not say it has no age, and so it is refused too.
        """
        made = timestamp(created) if created else None
        hint = "take a fixed tag or another version, or remove minimum-age"
        if made is None:
            said = f" ({literal(created)} is no date)" if created else ""
            raise TooYoung(
                f"it does not say when it was made{said}, so nobody can tell whether it is "
                f"{self.text} old",
                hint=hint,
            )
        if made < _FIRST_IMAGES:
            raise TooYoung(
                f"it says that it was made at {minute(made)}, as reproducible builds do, so nobody "
                f"can tell whether it is {self.text} old",
                hint=hint,
            )
        if now - made < self.seconds:
            raise TooYoung(
                f"it says that it was made at {minute(made)}, so it is {self.text} old from "
                f"{minute(made + self.seconds)} on",
                hint="wait, or write a smaller minimum-age",
            )
