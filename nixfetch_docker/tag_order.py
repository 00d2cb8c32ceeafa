"""Tags in an order that people expect: names first, then versions, the newest last."""

from __future__ import annotations

import re
from collections.abc import Iterable

_VERSION = re.compile(r"[vV]?(\d+(?:\.\d+)*)(.*)", re.ASCII)
_PIECE = re.compile(r"\d+|[A-Za-z]+", re.ASCII)
# What comes before a release, in its order; any other word names a variant of the release itself.
_BEFORE = {"dev": 0, "snapshot": 0, "nightly": 0, "alpha": 1, "a": 1, "beta": 2, "b": 2}
_BEFORE |= {"pre": 3, "preview": 3, "rc": 4}
# No number of a version has more digits; a digest in hexadecimal may.
_DIGITS = 18

Key = tuple[int, tuple[int, ...], tuple[tuple[int, int, str], ...], str]


def by_version(tags: Iterable[str]) -> list[str]:
    """`tags` with those that are versions last and in their order.

    1.9 comes before 1.10, 2.0-rc1 before 2.0, and 2.0 before 2.0-alpine; the others are sorted
    as text.
    """
    return sorted(tags, key=_key)


def _key(tag: str) -> Key:
    match = _VERSION.fullmatch(tag)
    if match is None or any(len(digits) > _DIGITS for digits in re.findall(r"\d+", tag)):
        return (0, (), (), tag)
    release = tuple(map(int, match[1].split(".")))
    return (1, release, (*map(_piece, _PIECE.findall(match[2])), (1, 0, "")), tag)


def _piece(text: str) -> tuple[int, int, str]:
    """Where a piece of what follows the release stands: before the end of the text (1), or after.

    For a number to count before the end it would have to be none.
    """
    if text.isdigit():
        return (2, int(text), "")
    rank = _BEFORE.get(text.lower())
    return (3, 0, text) if rank is None else (0, rank, "")
