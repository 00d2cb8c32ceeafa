"""What `show --layers` prints: a bar for each image, in the width that the terminal has.

The sign of a layer tells which images have it, with colours and without. All bars of a platform
have one scale.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from ..base import bars, units
from ..lockfile.contents import Contents, Entry
from ..lockfile.sharing import OWN, REST, Group, Sharing, layers_once
from . import console, terminal

# Black on light colours, as SGR parameters of 256 colours, which no theme of a terminal changes.
# A group beyond these has one of them again.
_NUMBERS = (117, 215, 79, 218, 227, 147, 209, 150, 180, 123, 176, 193)
_COLOURS = tuple(f"38;5;16;48;5;{number}" for number in _NUMBERS)
_OTHER = "38;5;16;48;5;250"
_SHOWN_NAMES = 6


def show(contents: Contents, names: Sequence[str]) -> None:
    """Print the bars of these images, platform by platform; raises `FileError`."""
    columns = bars.usable(terminal.width())
    locked = {entry.name for entry in contents.entries}
    for name in names:
        if name not in locked:
            _print(f"{name}  not locked", columns)
    for platform in contents.platforms:
        all_entries = [one for one in contents.entries if one.platform == platform]
        by_name = {one.name: one for one in all_entries}
        entries = [by_name[name] for name in names if name in by_name]
        if entries:
            if platform != contents.platforms[0]:
                console.result("")
            _show_platform(contents, Sharing(all_entries, shown=entries), entries, columns)


def _show_platform(
    contents: Contents, sharing: Sharing, entries: Sequence[Entry], columns: int
) -> None:
    whole = (sum(layer.size for layer in layers_once(entry)) for entry in entries)
    scale = bars.scale_of(whole, columns)
    _print(f"{entries[0].platform}: a column is {units.size(round(scale))}", columns)
    colours = {group.sign: _COLOURS[group.number % len(_COLOURS)] for group in sharing.groups}
    signs: set[str] = set()
    for entry in entries:
        sizes = f"{units.size(entry.size)}, {units.size(contents.shared_size(entry))} of it shared"
        head = f"{entry.name}  {sizes}"
        for line in (head,) if len(head) <= columns else (entry.name, f"  {sizes}"):
            _print(line, columns)
        found = bars.segments(sharing.parts(entry), scale=scale, columns=columns)
        signs.update(one.sign for one in found)
        fill = " " if terminal.has_colours() else None
        console.result_in_colours(
            (text, colours.get(sign, _OTHER) if sign else "")
            for sign, text in bars.texts(found, fill)
        )
    console.result("")
    for line in _legend(sharing.groups, signs):
        _print(line, columns)


def _legend(groups: Sequence[Group], signs: Container[str]) -> Iterator[str]:
    """What the signs mean, a line for each."""
    lettered = [group for group in groups if group.sign != REST]
    for group in lettered:
        yield (
            f"{group.sign} {units.size(group.size)} in {units.count(len(group.layers), 'layer')} "
            f"of {units.first(group.names, _SHOWN_NAMES)}"
        )
    rest = groups[len(lettered) :]
    if rest:
        size = units.size(sum(group.size for group in rest))
        others = units.count(len(rest), "other group")
        yield f"{REST} {size} in layers of {others} of images"
    if OWN in signs:
        yield f"{OWN} in one image alone"
    if bars.MIXED in signs:
        yield f"{bars.MIXED} several small layers, shared and not"


def _print(text: str, columns: int) -> None:
    """Print a line, in several where the terminal has fewer columns; no name is broken."""
    from textwrap import TextWrapper

    lines = TextWrapper(
        columns, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
    for line in lines.wrap(text):
        console.result(line)
