"""Bars of layers as inline SVG, for the page that `show --html` writes.

Their numbers are parts of a whole, so that a bar is as wide as the page is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..base import units
from ..base.markup import Markup, element, joined
from ..base.values import dataclass
from ..lockfile.before_after import ADDED, GONE, Layer
from ..lockfile.contents import Contents, Entry
from ..lockfile.sharing import Group, Sharing, layers_once
from .style import COLOURS

SHOWN_NAMES = 3
# A part of the bar that is narrower, in hundredths of the page, has no letter.
_LETTER_HUNDREDTHS = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rectangle:
    """A layer in a bar: its class in the style, the letter in it, and what a pointer is told."""

    kind: str
    letter: str
    size: int
    title: str


def bar(label: str, rectangles: Sequence[Rectangle], *, whole: int) -> Markup:
    """The bar; `whole` is the number of bytes that would be as wide as the page."""
    shapes: list[str] = []
    start = 0.0
    for one in rectangles:
        width = 100 * one.size / max(whole, 1)
        place = {"x": _hundredths(start), "width": _hundredths(width), "height": "100%"}
        kind = {"class": one.kind} if one.kind else {}
        shapes.append(element("rect", {**kind, **place}, element("title", None, one.title)))
        if one.letter and width >= _LETTER_HUNDREDTHS:
            middle = {"x": _hundredths(start + width / 2), "y": "50%"}
            shapes.append(element("text", middle, one.letter))
        start += width
    return element("svg", {"role": "img", "aria-label": label}, *shapes)


def image_bar(contents: Contents, sharing: Sharing, entry: Entry, *, whole: int) -> Markup:
    """The layers of an image, in the colours of the groups that share them."""
    number = {blob: position for position, blob in reversed([*enumerate(entry.locked.layers, 1)])}
    rectangles = [
        Rectangle(
            kind=colour(group),
            letter=group.sign if group is not None else "",
            size=layer.size,
            title=f"layer {number[layer]}: {units.size(layer.size)}, {_users(group, entry)}",
        )
        for layer in layers_once(entry)
        for group in [sharing.group(layer)]
    ]
    shared = units.size(contents.shared_size(entry))
    label = f"{entry.name}, {entry.platform}: {units.size(entry.size)}, {shared} of it shared"
    return bar(label, rectangles, whole=whole)


def moved_bar(label: str, layers: Sequence[Layer], *, whole: int) -> Markup:
    """The layers before or after an update: those that stay are grey."""
    kinds = {GONE: "gone", ADDED: "new"}
    signs = {GONE: "\u2212", ADDED: "+"}
    words = {GONE: "gone", ADDED: "new"}
    rectangles = [
        Rectangle(
            kind=kinds.get(one.sign, ""),
            letter=signs.get(one.sign, ""),
            size=one.blob.size,
            title=f"layer {one.number}: {units.size(one.blob.size)}, "
            f"{words.get(one.sign, 'in both')}",
        )
        for one in layers
    ]
    return bar(label, rectangles, whole=whole)


def legend(groups: Iterable[Group]) -> Markup:
    """A line for each group of shared layers, and one for the layers of one image alone."""
    lines = [
        joined(
            swatch(colour(group), group.sign),
            element(
                "span",
                None,
                f"{units.size(group.size)} in {units.count(len(group.layers), 'layer')}: "
                f"{units.first(group.names, 2 * SHOWN_NAMES)}",
            ),
        )
        for group in groups
    ]
    lines.append(joined(swatch("", ""), element("span", None, "in one image alone")))
    return element("ul", {"class": "legend"}, *(element("li", None, line) for line in lines))


def swatch(kind: str, letter: str) -> Markup:
    """A small rectangle of a colour, for a legend."""
    one = Rectangle(kind=kind, letter=letter, size=1, title=letter or "no letter")
    return bar(letter or "no letter", [one], whole=1)


def colour(group: Group | None) -> str:
    """The class of a group's rectangles, "" for layers that no other image has."""
    return f"c{group.number % COLOURS}" if group is not None else ""


def _users(group: Group | None, entry: Entry) -> str:
    if group is None:
        return "in this image alone"
    others = [name for name in group.names if name != entry.name]
    return f"also in {units.first(others, SHOWN_NAMES)}"


def _hundredths(number: float) -> str:
    return f"{number:.3f}".rstrip("0").rstrip(".") + "%"
