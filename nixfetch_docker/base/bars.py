"""Bars of text: the parts of a whole in columns, each as wide as it is large.

Parts of one kind have one sign. A bar has only ASCII in it, so that a log and a pipe show it too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from . import units
from .values import dataclass, replace

# The sign of a segment whose parts are of several kinds.
MIXED = "%"
_BETWEEN = "|"
# A part that is narrower than this is one segment with its neighbour of the same sign.
_NARROW = 2
_WIDEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of `size` bytes, of the kind that `sign` stands for."""

    sign: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Some columns of a bar, for one part or for several neighbours."""

    sign: str
    size: int
    columns: int

    def text(self, fill: str | None = None) -> str:
        """The columns: the sign in each, with the size in their midst where that has room.

        With `fill`, the sign is in the first column alone, and `fill` in the others.
        """
        size = f" {units.size(self.size)} "
        shown = size if len(size) + 2 <= self.columns else ""
        if fill is None:
            return shown.center(self.columns, "\0").replace("\0", self.sign)
        return self.sign + shown.center(self.columns, "\0")[1:].replace("\0", fill)


def usable(columns: int) -> int:
    """The columns to draw into, of those that there are: a bar need not be wider than 200."""
    return max(1, min(columns, _WIDEST))


def segments(parts: Iterable[Part], *, scale: float, columns: int) -> list[Segment]:
    """The segments of a bar of at most so many `columns`, of which each stands for `scale` bytes.

    A segment has one column at least. Neighbours of one sign are one segment where both are narrow.
    Where the columns do not suffice for all, small neighbours are one segment, whose sign is
    `MIXED` where theirs differ.
    """
    parts = list(parts)
    # A column stands for more where the whole has no room otherwise.
    scale = max(scale, scale_of([sum(part.size for part in parts)], columns), 1e-9)
    found = _joined(parts, _NARROW * scale, lambda one, other: one.sign == other.sign)
    limit = scale
    while len(found) + _gaps(found) > columns and len(found) > 1:
        found = _joined(found, limit, lambda _one, _other: True)
        limit *= 2
    widths = [max(1, round(part.size / scale)) for part in found]
    for _ in range(sum(widths) + _gaps(found) - columns):
        widths[widths.index(max(widths))] -= 1
    return [
        Segment(sign=part.sign, size=part.size, columns=max(width, 1))
        for part, width in zip(found, widths, strict=True)
    ]


def texts(found: Sequence[Segment], fill: str | None = None) -> list[tuple[str, str]]:
    """The texts of a bar in order, each with the sign that it is of, "" for what is between."""
    pieces: list[tuple[str, str]] = []
    for number, one in enumerate(found):
        if number and found[number - 1].sign == one.sign:
            pieces.append(("", _BETWEEN))
        pieces.append((one.sign, one.text(fill)))
    return pieces


def bar(parts: Iterable[Part], *, scale: float, columns: int) -> str:
    """The bar as one text, without colours."""
    return "".join(text for _, text in texts(segments(parts, scale=scale, columns=columns)))


def scale_of(sizes: Iterable[int], columns: int) -> float:
    """The bytes of a column where the largest of some wholes has all columns."""
    return max(sizes, default=0) / columns


def _gaps(parts: Sequence[Part]) -> int:
    """The columns between neighbours of one sign, which would look like one part."""
    return sum(one.sign == other.sign for one, other in pairwise(parts))


def _joined(
    parts: Sequence[Part], limit: float, may_join: Callable[[Part, Part], bool]
) -> list[Part]:
    """The parts, where neighbours that both are smaller than `limit` bytes are one."""
    found: list[Part] = []
    for part in parts:
        last = found[-1] if found else None
        if last and max(last.size, part.size) < limit and may_join(last, part):
            sign = last.sign if last.sign == part.sign else MIXED
            found[-1] = replace(last, sign=sign, size=last.size + part.size)
        else:
            found.append(part)
    return found
