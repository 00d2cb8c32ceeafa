"""The values of the services of compose files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeVar

from ...base.table import InvalidField, Table
from ...base.values import dataclass, field
from ...errors import NixfetchError
from ..yaml_files.tags import Override, is_reset

V = TypeVar("V")


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
    """A service, with its place and the values of its keys.

    `is_whole` says that it has none of what the files before have for it.
    """

    place: str
    values: Mapping[str, Value]
    is_whole: bool = False

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


Services: TypeAlias = dict[str, Service]

# YAML that nothing else knows is read as a compose file. Often it is the values of a chart.
_NO_COMPOSE_FILE = "every compose file has it; of a chart, import what `helm template` prints"


def services_of(table: Table) -> Table:
    """The services of a file, under strings: in YAML a name can be a number.

    A service behind the tag `!reset` is an empty one that drops what other files have. Raises
    `InvalidField`.
    """
    if is_reset(table.values.get("services")):
        return Table({}, "services")
    read = table.table("services", hint=_NO_COMPOSE_FILE)
    values = {
        str(name): Override() if is_reset(value) else value for name, value in read.values.items()
    }
    return Table(values, read.path)
