"""The values of the services of compose files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ..base.table import InvalidField, Table
from ..base.values import dataclass, field
from ..errors import NixfetchError

V = TypeVar("V")


class Reset:
    """The value of a key behind compose's tag `!reset`: what other files have for it is dropped.

    https://github.com/compose-spec/compose-spec/blob/main/13-merge.md#reset-value
    """


def is_reset(value: object) -> bool:
    """Whether a value is a `Reset`."""
    return isinstance(value, Reset)


@dataclass(frozen=True, slots=True)
class Value:
    """The value of a key of a service.

    `where` is its place. `missing` has the variables without a value that it needs. `shown` is the
    value for messages: as the file has it, where a variable is missing.
    """

    value: Any
    where: str
    shown: str
    missing: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Service:
    """A service, with its place and the values of its keys."""

    place: str
    values: Mapping[str, Value]

    def parse(self, key: str, parser: Callable[[str], V]) -> V:
        """The string of a key that is there, as `parser` reads it; its errors are placed."""
        value = self.values[key]
        try:
            return parser(Table({key: value.value}).require(key, str))
        except InvalidField as error:
            error.places.clear()
            raise error.at(value.where) from None
        except NixfetchError as error:
            raise error.at(value.where) from None
