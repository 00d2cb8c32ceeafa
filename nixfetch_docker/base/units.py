"""Numbers in words: sizes and counts."""

from __future__ import annotations


def size(number: int) -> str:
    """A number of bytes in decimal units: `51.2 kB`."""
    if number < 1000:
        return f"{number} B"
    units = ("kB", "MB", "GB", "TB")
    # From 999.95 on, one decimal would give 1000.0.
    power = next((n for n, _ in enumerate(units, 1) if number < 999.95 * 1000**n), len(units))
    return f"{number / 1000**power:.1f} {units[power - 1]}"


def count(number: int, noun: str) -> str:
    """A number with its noun: `1 layer`, `2 layers`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
