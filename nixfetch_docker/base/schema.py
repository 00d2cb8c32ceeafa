"""The shape of a document: its keys, and what each may be, as values that list all faults at once.

A reader such as `Table` raises for the first fault. A shape is what the same reader would take, and
gives every fault of a value, each with the text to write in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Protocol, TypeAlias

from ..errors import NixfetchError
from . import toml_writer
from .nearest import nearest
from .table import Path, Table, dotted, kind_of
from .values import dataclass, replace

Parser: TypeAlias = Callable[[str], object]

# What stands behind a key in a dotted path: nothing, another key, or a position.
_ENDS = ("", ".", "[")
_SEPARATORS = str.maketrans(",;", "  ")
_FLAGS = {"true": "true", "yes": "true", "on": "true", "1": "true"}
_FLAGS |= {"false": "false", "no": "false", "off": "false", "0": "false"}


class WrittenFloat(float):
    """A number as it is written in a document: 7.10 is 7.1 to Python."""

    def __new__(cls, text: str) -> WrittenFloat:
        """Read a number of TOML, and keep its text."""
        made = super().__new__(cls, text.replace("_", ""))
        made.text = text
        return made

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault of a document.

    `path` leads to the value, or to the key itself where `is_of_key`. `write` is the value in TOML
    that was meant, "" where nobody can tell.
    """

    path: Path
    what: str
    hint: str = ""
    write: str = ""
    is_of_key: bool = False

    def remedy(self, key: str) -> str:
        """What to do: the text to write behind `key`, "" for an item, or else the hint."""
        if not self.write:
            return self.hint
        return f"write {key} = {self.write}" if key else f"write {self.write}"


class Shape(Protocol):
    """What a value may be, and what it means."""

    @property
    def about(self) -> str:
        """What the value means, for whoever writes it."""

    def faults(self, value: Any, path: Path) -> Iterator[Fault]:
        """The faults of a value that stands at `path`."""


@dataclass(frozen=True, slots=True)
class Text:
    """A string that `parser` reads; `example` is one, and `about` says what it means."""

    parser: Parser = str
    example: str = ""
    about: str = ""

    @property
    def example_text(self) -> str:
        """The example in TOML."""
        return toml_writer.string(self.example)

    def faults(self, value: Any, path: Path) -> Iterator[Fault]:
        """The faults of a value that stands at `path`."""
        if isinstance(value, str):
            if (error := _refusal(self.parser, value)) is not None:
                yield Fault(path=path, what=error.cause, hint=error.hint)
            return
        meant = _text_of(value)
        if meant is None or _refusal(self.parser, meant) is not None:
            meant = self.example
        write = toml_writer.string(meant) if meant else ""
        yield Fault(path=path, what=_expected(str, value), write=write)


@dataclass(frozen=True, slots=True)
class Texts:
    """An array of strings, each of which `parser` reads; `example` is one string.

    `about` says what the array means.
    """

    parser: Parser = str
    example: str = ""
    about: str = ""

    @property
    def example_text(self) -> str:
        """The example in TOML."""
        return toml_writer.strings([self.example])

    def faults(self, value: Any, path: Path) -> Iterator[Fault]:
        """The faults of a value that stands at `path`."""
        if isinstance(value, list):
            for position, item in enumerate(value):
                yield from Text(self.parser, self.example).faults(item, (*path, position))
            return
        text = _text_of(value)
        items = text.translate(_SEPARATORS).split() if text is not None else []
        if not items or any(_refusal(self.parser, item) is not None for item in items):
            items = [self.example] if self.example else items
        write = toml_writer.strings(items) if items else ""
        yield Fault(path=path, what=_expected(list, value), write=write)


@dataclass(frozen=True, slots=True)
class Items:
    """An array whose items are strings, as `text` has them, or tables, as `table` has them.

    `about` says what the array means.
    """

    text: Text
    table: Group
    about: str = ""

    @property
    def example_text(self) -> str:
        """The example in TOML."""
        return toml_writer.strings([self.text.example])

    def faults(self, value: Any, path: Path) -> Iterator[Fault]:
        """The faults of a value that stands at `path`."""
        if not isinstance(value, list):
            items = [value] if isinstance(value, str) else []
            if not items or any(self.text.faults(value, path)):
                items = [self.text.example]
            yield Fault(path=path, what=_expected(list, value), write=toml_writer.strings(items))
            return
        for position, item in enumerate(value):
            here = (*path, position)
            if isinstance(item, dict):
                yield from self.table.faults(item, here)
            elif isinstance(item, str):
                yield from self.text.faults(item, here)
            else:
                what = f"expected a string or a table, found {kind_of(item)}"
                yield Fault(path=here, what=what, write=self.text.example_text)


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false; `about` says what it means."""

    about: str = ""

    def faults(self, value: Any, path: Path) -> Iterator[Fault]:
        """The faults of a value that stands at `path`."""
        if not isinstance(value, bool):
            write = _FLAGS.get(str(value).lower(), "")
            yield Fault(path=path, what=_expected(bool, value), write=write)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A table with these keys and no others.

    A string or another value in its place is meant for its key `main`. `reader` raises for what
    concerns several keys. It is asked where each of them is right, but for those that stand
    `alone`, which concern no other. `about` says what the table is.
    """

    keys: Mapping[str, Shape]
    about: str = ""
    main: str = ""
    reader: Callable[[Table], object] = bool
    alone: Collection[str] = ()

    def faults(self, value: Any, path: Path) -> Iterator[Fault]:
        """The faults of a value that stands at `path`."""
        if not isinstance(value, dict):
            yield self._no_table(value, path)
            return
        wrong: set[str | None] = set()
        for key, item in value.items():
            found = list(self._of_key(key, item, path))
            yield from found
            if found:
                is_strange_table = key not in self.keys and isinstance(item, dict)
                wrong.add(key if key in self.keys or is_strange_table else self._meant(key))
        if wrong <= {None, *self.alone}:
            right = {key: value[key] for key in value if key in self.keys and key not in wrong}
            error = _refusal(self.reader, Table(right, dotted(path)))
            if error is not None:
                yield _placed(error, right, path)

    def _of_key(self, key: str, value: Any, path: Path) -> Iterator[Fault]:
        shape = self.keys.get(key)
        if shape is not None:
            yield from shape.faults(value, (*path, key))
            return
        close = self._meant(key)
        hint = f"did you mean {close!r}?" if close else f"known are {', '.join(self.keys)}"
        yield Fault(path=(*path, key), what="unknown key", hint=hint, is_of_key=True)

    def _meant(self, key: str) -> str | None:
        """The key that is like a misspelt one."""
        return nearest(key, self.keys) or nearest(key.lower(), self.keys)

    def _no_table(self, value: Any, path: Path) -> Fault:
        text = _text_of(value)
        write = ""
        if self.main and text is not None and not any(self.keys[self.main].faults(text, path)):
            write = toml_writer.inline_table([(self.main, toml_writer.string(text))])
        return Fault(path=path, what=_expected(dict, value), write=write)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A table whose keys are names that `parser` reads, each with a value of one shape.

    `about` says what the table is.
    """

    parser: Parser
    shape: Shape
    about: str = ""

    def faults(self, value: Any, path: Path) -> Iterator[Fault]:
        """The faults of a value that stands at `path`."""
        if not isinstance(value, dict):
            yield Fault(path=path, what=_expected(dict, value))
            return
        for name, item in value.items():
            error = _refusal(self.parser, name)
            if error is not None:
                fault = Fault(path=(*path, name), what=error.cause, hint=error.hint)
                yield replace(fault, is_of_key=True)
            yield from self.shape.faults(item, (*path, name))


def _placed(error: NixfetchError, value: Mapping[str, Any], path: Path) -> Fault:
    """The fault that an error of the table at `path` tells of; its first place is a dotted path."""
    place, *inner = error.places or [dotted(path)]
    keys = {dotted((*path, key)): (*path, key) for key in value}
    # One key may begin as another does.
    starts = (place[:end] for end in range(len(place), 0, -1) if place[end : end + 1] in _ENDS)
    found = next((keys[start] for start in starts if start in keys), path)
    what = ": ".join([*inner, error.what])
    return Fault(path=found, what=what, hint=error.hint, is_of_key=found == path)


def _refusal(parser: Callable[[Any], object], value: Any) -> NixfetchError | None:
    """The error of a parser that refuses a value, None where it takes it."""
    try:
        parser(value)
    except NixfetchError as error:
        return error
    return None


def _expected(kind: type, value: object) -> str:
    return f"expected {kind_of(kind())}, found {kind_of(value)}"


def _text_of(value: Any) -> str | None:
    """The one text that a value holds, None where it holds none or several."""
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return str(getattr(value, "text", value)) or None
    if isinstance(value, list | dict) and len(value) == 1:
        (item,) = value.values() if isinstance(value, dict) else value
        return _text_of(item) if isinstance(item, str) else None
    return None
