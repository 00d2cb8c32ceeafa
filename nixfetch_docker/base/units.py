"""Numbers as people read them."""

from __future__ import annotations


def size(number: int) -> str:
    """A number of bytes for people, in decimal units."""
    if number < 1000:
        return f"{number} B"
    units = ("kB", "MB", "GB", "TB")
    # 999.95 of a unit would be printed as 1000.0 of it.
    power = next((n for n, _ in enumerate(units, 1) if number < 999.95 * 1000**n), len(units))
    return f"{number / 1000**power:.1f} {units[power - 1]}"


def count(number: int, noun: str) -> str:
    """`1 layer`, `2 layers`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
