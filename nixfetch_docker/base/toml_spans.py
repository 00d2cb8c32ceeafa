"""The places of keys and values in the text of a TOML document.

A parser gives values without their places. An editor that keeps every other byte needs the places,
and so does a message about one value. Both work on documents that a parser has read already.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import TypeAlias

from .regex import regex
from .toml import InvalidDocument
from .values import dataclass, field

Path: TypeAlias = tuple[str, ...]

# https://toml.io/en/v1.0.0; no repetition has two ways to read a text, so its time grows with the
# length alone. (Possessive ones would say so, but those of Python 3.11 miss matches.)
_STRING = r"""
    \"{3} (?: [^"\\] | \\. | "{1,2}(?!") )* "{3,5}
  | '{3} (?: [^'] | '{1,2}(?!') )* '{3,5}
  | " (?: [^"\\\n] | \\. )* "
  | ' [^'\n]* '
"""
_TOKEN = regex(
    rf"""
    (?P<SPACE> [ \t]+ )
  | (?P<NEWLINE> \r?\n )
  | (?P<COMMENT> \# [^\r\n]* )
  | (?P<STRING> {_STRING} )
  | (?P<MARK> [\[\]{{}},=] )
  | (?P<WORD> [^\s\[\]{{}},=\#"']+ )
    """,
    re.VERBOSE | re.DOTALL,
)
_KEY_PART = regex(rf"(?: {_STRING} | [^\s.\"']+ )", re.VERBOSE | re.DOTALL)


class Kind(Enum):
    """The kind of a token: a bracket, a comma or an equals sign is a `MARK`."""

    SPACE = auto()
    NEWLINE = auto()
    COMMENT = auto()
    STRING = auto()
    MARK = auto()
    WORD = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A piece of a document, from the character at `start` on."""

    kind: Kind
    start: int
    text: str

    @property
    def end(self) -> int:
        """The place behind its last character."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A key with its value, or the header of a table, at `text[start:end]` of a document.

    `path` is the whole path of the key or the table. The value begins at `value`, which is None for
    a header. `inline` is the place of the inline table that a key is in, None outside of any.
    """

    path: Path
    start: int
    end: int
    value: int | None = None
    inline: int | None = None


def tokens(text: str) -> Iterator[Token]:
    """All pieces of a document; raises `InvalidDocument` for one that TOML does not have."""
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise InvalidDocument("this cannot be read").at(where(text, position))
        yield Token(kind=Kind[str(found.lastgroup)], start=position, text=found[0])
        position = found.end()


def place_of(text: str, position: int) -> tuple[int, int]:
    """The line and the column of a place, both counted from 1."""
    before = text[:position]
    return before.count("\n") + 1, position - before.rfind("\n")


def where(text: str, position: int) -> str:
    """The line and the column of a place, as messages name them."""
    line, column = place_of(text, position)
    return f"line {line}, column {column}"


def key_parts(source: str) -> list[str]:
    """The parts of a dotted key as they are written, with their quotes."""
    return [found[0] for found in _KEY_PART.finditer(source)]


def entries(text: str) -> list[Entry]:
    """The headers and keys of a document, in order.

    Keys in tables that stand in an array are left out, because no path names them. Raises
    `InvalidDocument`.
    """
    reader = _Reader(text)
    for token in tokens(text):
        reader.take(token)
    reader.end_value()
    return sorted(reader.found, key=lambda entry: entry.start)


@dataclass(slots=True)
class _Level:
    """What is open at a place: the document, a header, an array, or an inline table.

    `path` is that of the table that keys belong to, None below an array. `key` and `value` are
    where the key and value that are being read begin, and `name` is the whole path of the key.
    """

    bracket: str
    start: int
    path: Path | None
    key: int | None = None
    value: int | None = None
    name: Path | None = None


@dataclass(slots=True)
class _Reader:
    """The tokens so far, as levels of brackets. It needs no recursion for values in values."""

    text: str
    found: list[Entry] = field(default_factory=list)
    levels: list[_Level] = field(default_factory=lambda: [_Level("", 0, ())])
    end: int = 0

    def take(self, token: Token) -> None:
        level = self.levels[-1]
        if token.kind is Kind.NEWLINE and level.bracket == "":
            self.end_value()
        if token.kind in (Kind.SPACE, Kind.NEWLINE, Kind.COMMENT):
            return
        if token.text in ("]", "}") and len(self.levels) > 1:
            self._close(token)
        elif token.text == "," and level.bracket == "{":
            self.end_value()
        elif token.text == "=" and level.key is not None and level.value is None:
            if level.path is not None:
                level.name = (*level.path, *_names(self.text[level.key : self.end]))
            level.value = token.end
        elif token.text != "]":  # The second bracket of [[a]] closes nothing.
            self._begin(token)
        self.end = token.end

    def end_value(self) -> None:
        """End the key and value that are being read, if any, at the last token that counts."""
        level = self.levels[-1]
        if level.key is not None and level.name is not None:
            self.found.append(
                Entry(
                    path=level.name,
                    start=level.key,
                    end=self.end,
                    value=level.value,
                    inline=level.start if level.bracket == "{" else None,
                )
            )
        level.key = level.value = level.name = None

    def _begin(self, token: Token) -> None:
        level = self.levels[-1]
        if level.bracket in ("", "{") and level.key is None:
            if token.text == "[" and level.bracket == "":
                self.levels.append(_Level("header", token.start, None))
                return
            level.key = token.start
        elif level.value == self.end:
            level.value = token.start
        if token.text in ("[", "{") and level.bracket != "header":
            # In an array nothing has a name, so that a table there has no path.
            self.levels.append(_Level(token.text, token.start, level.name))

    def _close(self, token: Token) -> None:
        self.end_value()
        closed = self.levels.pop()
        if closed.bracket == "header":
            end = token.end + (self.text[closed.start + 1] == "[")
            path = _names(self.text[closed.start : end].strip("[]"))
            self.levels[-1].path = path
            self.found.append(Entry(path=path, start=closed.start, end=end))


def _names(source: str) -> Path:
    """The parts of a dotted key as they are meant."""
    import tomli

    return tuple(
        tomli.loads(f"x = {part}")["x"] if part[0] in "\"'" else part for part in key_parts(source)
    )
