"""Numbers in words: sizes and counts, and how many more there are."""

from __future__ import annotations

from collections.abc import Sequence

_UNITS = ("kB", "MB", "GB", "TB")
_POWERS = {unit: power for power, unit in enumerate(_UNITS, 1)}


def size(number: int) -> str:
    """A number of bytes in decimal units: `51.2 kB`."""
    if number < 1000:
        return f"{number} B"
    # From 999.95 on, one decimal would give 1000.0.
    power = next((n for n, _ in enumerate(_UNITS, 1) if number < 999.95 * 1000**n), len(_UNITS))
    return f"{number / 1000**power:.1f} {_UNITS[power - 1]}"


def count(number: int, noun: str) -> str:
    """A number with its noun: `1 layer`, `2 layers`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def first(names: Sequence[str], most: int) -> str:
    """The first names, at most so many, and how many more there are: `a, b and 7 more`."""
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if names[most:] else shown


def part(done: int, whole: int) -> str:
    """A number of bytes out of a greater one, both in the unit of that: `12.1/28.1 MB`."""
    if whole < 1000:
        return f"{done}/{whole} B"
    number, unit = size(whole).split()
    return f"{done / 1000 ** _POWERS[unit]:.1f}/{number} {unit}"
