"""Typed reading of the values that a TOML or JSON parser returns.

A `Table` knows its dotted path, and every error names the path of its value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias, TypeVar

from ..errors import NixfetchError
from .letter_case import fold
from .nearest import nearest
from .userinfo import without_login
from .values import dataclass

T = TypeVar("T", str, int, bool)
V = TypeVar("V")
# Keys, and positions in arrays.
Path: TypeAlias = tuple[str | int, ...]

_NAMES = {
    bool: "true or false",  # before int, of which it is a subclass
    str: "a string",
    int: "an integer",
    float: "a number",
    list: "an array",
    dict: "a table",
    type(None): "null",
}
_LARGEST = 2**63 - 1
# Longer than any path of a document that people write, in characters.
_LONGEST_PATH = 400


class InvalidField(NixfetchError):
    """A value that is missing, unknown or of the wrong type."""


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping and the dotted path at which it stands ("" for the whole document)."""

    values: Mapping[str, Any]
    path: str = ""

    @classmethod
    def of(cls, value: object, path: str = "") -> Table:
        """`value` as a table.

        Raises `InvalidField` where it is something else, and for an object that `strict_json` read
        with a duplicate key.
        """
        table = cls(_typed(value, dict, path), path)
        duplicate = getattr(value, "duplicate", None)
        if duplicate is not None:
            raise InvalidField("this key is there twice", hint="remove one of the two").at(
                table.where(duplicate)
            )
        return table

    def __contains__(self, key: str) -> bool:
        """Whether the key is there.

        Raises `InvalidField` for a struct of JSON that has it in another case, which Go reads.
        """
        if key in self.values:
            return True
        folded: Mapping[str, str] | None = getattr(self.values, "folded", None)
        other = folded.get(fold(key)) if folded else None
        if other is not None and other in self.values:
            raise InvalidField(
                f"container engines take this key for {key!r}", hint=f"write it as {key!r}"
            ).at(self.where(other))
        return False

    def where(self, key: str) -> str:
        """The dotted path of `key`, as TOML would write it, for a message.

        It is without a login, and a long one has "…" in its middle.
        """
        if not (key.isascii() and key.replace("-", "").replace("_", "").isalnum()):
            # Any other key is written as it is: of a large lock, many are asked for.
            from . import toml_writer

            key = toml_writer.key(without_login(key))
        path = f"{self.path}.{key}" if self.path else key
        if len(path) <= _LONGEST_PATH:
            return path
        return f"{path[: _LONGEST_PATH // 2]}…{path[-_LONGEST_PATH // 2 :]}"

    def get(self, key: str, kind: type[T]) -> T | None:
        """The value of `key`, or None; raises `InvalidField` for another type."""
        if key not in self:
            return None
        value = self.values[key]
        # The path is for an error alone: of a lock, a hundred thousand values are read.
        return value if type(value) is kind else _typed(value, kind, self.where(key))

    def require(self, key: str, kind: type[T], *, hint: str = "") -> T:
        """The value of `key`; raises `InvalidField` where it is missing or of another type."""
        value = self.get(key, kind)
        if value is None:
            raise self._missing(key, hint)
        return value

    def parse(self, key: str, parser: Callable[[str], V], *, hint: str = "") -> V:
        """The required string at `key` as `parser` reads it, its errors placed here."""
        text = self.require(key, str, hint=hint)
        try:
            return parser(text)
        except NixfetchError as error:
            raise error.at(self.where(key)) from None

    def size(self, key: str) -> int:
        """A required number of bytes: an integer from 0 to 2^63 - 1, the largest in Nix's TOML."""
        value = self.require(key, int)
        if value < 0:
            raise InvalidField(f"{max(value, -_LARGEST)} is negative").at(self.where(key))
        if value > _LARGEST:
            raise InvalidField("it is more than 2^63 - 1 bytes").at(self.where(key))
        return value

    def strings(self, key: str) -> list[str] | None:
        """The array of strings at `key`, or None where there is none."""
        return self._array(key, str)

    def integers(self, key: str) -> list[int] | None:
        """The array of integers at `key`, or None where there is none."""
        return self._array(key, int)

    def _array(self, key: str, kind: type[T]) -> list[T] | None:
        if key not in self:
            return None
        where = self.where(key)
        return [
            _typed(item, kind, f"{where}[{position}]")
            for position, item in enumerate(_typed(self.values[key], list, where))
        ]

    def items(self, key: str) -> list[tuple[str, str | Table]]:
        """The array at `key`, whose items are strings and tables, each with its dotted path."""
        where = self.where(key)
        found: list[tuple[str, str | Table]] = []
        for position, item in enumerate(_typed(self.values[key], list, where)):
            place = f"{where}[{position}]"
            if not isinstance(item, str | dict):
                what = f"expected a string or a table, found {kind_of(item)}"
                raise InvalidField(what).at(place)
            found.append((place, item if isinstance(item, str) else Table.of(item, place)))
        return found

    def table(self, key: str, *, hint: str = "") -> Table:
        """The table at `key`; raises `InvalidField` where there is none."""
        if key not in self:
            raise self._missing(key, hint)
        return Table.of(self.values[key], self.where(key))

    def table_or_empty(self, key: str) -> Table:
        """The table at `key`, empty where there is none."""
        return self.table(key) if key in self else Table({}, self.where(key))

    def tables(self, key: str) -> list[Table]:
        """The array of tables at `key`; raises `InvalidField` where there is none."""
        if key not in self:
            raise self._missing(key)
        where = self.where(key)
        items = _typed(self.values[key], list, where)
        return [Table.of(item, f"{where}[{position}]") for position, item in enumerate(items)]

    def tables_or_empty(self, key: str) -> list[Table]:
        """The array of tables at `key`, empty where there is none."""
        return self.tables(key) if key in self else []

    def subtables(self, parser: Callable[[str], V]) -> Iterator[tuple[V, Table]]:
        """Every key as `parser` reads it, with the table that its value must be, in order."""
        for key in self.values:
            try:
                name = parser(key)
            except NixfetchError as error:
                raise error.at(self.where(key)) from None
            yield name, self.table(key)

    def _missing(self, key: str, hint: str = "") -> InvalidField:
        return InvalidField(f"{key!r} is missing", hint=hint).at(self.path or "the document")

    def only(self, *known: str) -> None:
        """Raise `InvalidField` for the first key that is not among `known`."""
        for key in self.values:
            if key not in known:
                close = nearest(key, known)
                hint = f"did you mean {close!r}?" if close else f"known are {', '.join(known)}"
                raise InvalidField("unknown key", hint=hint).at(self.where(key))


def dotted(path: Path) -> str:
    """A path as messages name it: `images.redis.platforms[0]`, as `Table.where` has its keys."""
    found = ""
    for step in path:
        found = f"{found}[{step}]" if isinstance(step, int) else Table({}, found).where(step)
    return found


def kind_of(value: object) -> str:
    """The kind of a value, as messages name it."""
    return next((name for one, name in _NAMES.items() if isinstance(value, one)), "a date")


def _typed(value: object, kind: type, where: str) -> Any:
    # bool is a subclass of int, and true is no size.
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        what = f"expected {_NAMES[kind]}, found {kind_of(value)}"
        raise InvalidField(what).at(where or "the document")
    return value
