"""Texts with their escapes undone, and the places that each character comes from.

The escapes are percent-encoding (https://www.rfc-editor.org/rfc/rfc3986#section-2.1), HTML's
character references, and those of JSON and of C. Every step takes time in proportion to the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from .regex import regex

# How often a text is unescaped: a server may encode what another has encoded.
_LEVELS = 3
_HEX = "[0-9A-Fa-f]"
_ESCAPE = regex(
    rf"(?P<bytes>(?:%{_HEX}{{2}})++|(?:\\x{_HEX}{{2}})++)"
    rf"|(?:\\u|%u)(?P<unit>{_HEX}{{4}})"
    rf"|&#[xX]0*+(?P<hex>{_HEX}{{1,6}})(?!{_HEX});?"
    r"|&#0*+(?P<decimal>[0-9]{1,7})(?![0-9]);?"
    r"|&(?P<name>[A-Za-z][A-Za-z0-9]{1,31};?)"
    r"|\\(?P<octal>[0-3][0-7]{2})"
    r"|\\(?P<letter>.)",
    re.DOTALL,
)
# The beginning of an escape, where a text is cut; searched in its last characters alone.
_CUT_ESCAPE = regex(
    rf"(?:%(?:u{_HEX}{{0,3}}|{_HEX}?)|&(?:#[xX]?{_HEX}{{0,8}}|[A-Za-z0-9]{{0,31}})"
    rf"|\\(?:u{_HEX}{{0,3}}|x{_HEX}?|[0-3][0-7]?)?)\Z"
)
_LONGEST_ESCAPE = 40
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


class Reading(NamedTuple):
    """A text without its escapes: for each character, where it starts and ends in the source."""

    text: str
    starts: list[int]
    ends: list[int]


def readings(text: str, *, is_cut: bool = False) -> Iterator[Reading]:
    """`text` itself, and without one, two and three layers of escapes, as far as it has them.

    With `is_cut`, it may end within an escape, which is left out.
    """
    positions = list(range(len(text) + 1))
    reading: Reading | None = Reading(text, positions[:-1], positions[1:])
    for _ in range(_LEVELS + 1):
        if reading is None:
            return
        yield reading
        reading = _undo(reading, is_cut=is_cut)


def _undo(reading: Reading, *, is_cut: bool) -> Reading | None:
    """The same text with one layer of escapes undone; None where there are no escapes."""
    text, starts, ends = reading
    length = len(text)
    if is_cut and (cut := _CUT_ESCAPE.search(text, max(0, length - _LONGEST_ESCAPE))):
        length = cut.start()
    pieces: list[str] = []
    new_starts: list[int] = []
    new_ends: list[int] = []
    position = 0
    for match in _ESCAPE.finditer(text, 0, length):
        characters = list(_characters(match))
        pieces.append(text[position : match.start()])
        pieces += [character for character, _, _ in characters]
        new_starts += starts[position : match.start()]
        new_ends += ends[position : match.start()]
        for _, first, last in characters:
            new_starts.append(starts[match.start() + first])
            new_ends.append(ends[match.start() + last - 1])
        position = match.end()
    if position == 0 and length == len(text):
        return None
    pieces.append(text[position:length])
    new_starts += starts[position:length]
    new_ends += ends[position:length]
    return Reading("".join(pieces), new_starts, new_ends)


def _characters(match: re.Match[str]) -> Iterator[tuple[str, int, int]]:
    """The characters that an escape stands for, with their places in it."""
    whole = len(match[0])
    if text := match["bytes"]:
        data = bytes.fromhex(text.replace("%", "").replace("\\x", ""))
        width = len(text) // len(data)
        position = 0
        for character in data.decode(errors="surrogateescape"):
            size = len(character.encode(errors="surrogateescape"))
            yield character, position * width, (position + size) * width
            position += size
    elif name := match["name"]:
        characters, used = _named(name)
        for character in characters:
            yield character, 0, used
        for place in range(used, whole):
            yield match[0][place], place, place + 1
    elif (letter := match["letter"]) is not None:
        yield _CONTROLS.get(letter, letter), 0, whole
    else:
        number = _number(match)
        yield chr(number) if number < 0x110000 else "\ufffd", 0, whole


def _number(match: re.Match[str]) -> int:
    if digits := match["unit"] or match["hex"]:
        return int(digits, 16)
    return int(match["octal"], 8) if match["octal"] else int(match["decimal"])


def _named(name: str) -> tuple[str, int]:
    """What a character reference such as `&amp;` stands for, and how much of it, with the "&"."""
    from html.entities import html5

    # Old ones need no semicolon: the longest name that the text begins with counts.
    for length in range(len(name), 1, -1):
        if (found := html5.get(name[:length])) is not None:
            return found, length + 1
    return "&", 1
