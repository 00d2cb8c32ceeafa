"""Dates and times in foreign documents."""

from __future__ import annotations

import datetime

from .regex import regex

# Longer texts are no dates, before any expression sees them.
_LIMIT = 300
# https://www.rfc-editor.org/rfc/rfc3339#section-5.6, the date alone or with the time.
_DATE = regex(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[Tt]((?:[01][0-9]|2[0-3]):[0-5][0-9]):([0-5][0-9]|60)(?:\.[0-9]{1,30})?"
    r"([Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9]))?"
)
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def timestamp(text: str) -> int | None:
    """The seconds from 1970 to a date, or a date and time, of RFC 3339; None for any other text.

    A date alone is its midnight in UTC, and fractions of a second are left out.
    https://www.rfc-editor.org/rfc/rfc3339#section-5.6
    """
    found = _DATE.fullmatch(text) if len(text) <= _LIMIT else None
    if found is None:
        return None
    date, minute, second, offset = found.groups()
    zone = (offset or "Z").upper()
    try:
        start = datetime.datetime.fromisoformat(f"{date}T{minute or '00:00'}:00{zone}")
    except ValueError:
        return None
    # A leap second, 60, is none to Python.
    return int((start - _EPOCH).total_seconds()) + int(second or 0)


def minute(seconds: int) -> str:
    """A time, in seconds from 1970, for people: `2026-11-27 18:00 UTC`.

    One that no calendar of four digits has is the nearest that it has.
    """
    try:
        time = _EPOCH + datetime.timedelta(seconds=seconds)
    except OverflowError:
        time = datetime.datetime.max if seconds > 0 else datetime.datetime.min
    return f"{time.isoformat(sep=' ', timespec='minutes').removesuffix('+00:00')} UTC"
