"""JSON objects without ambiguity: no duplicate keys, and a null counts as absent.

Parsers are free to take either of two equal keys
(https://www.rfc-editor.org/rfc/rfc8259#section-4), so the same bytes could be one image here and
another in an engine. Go writes null for a value that it does not have.

Go takes the keys of a struct in any case, so that "Layers" is "layers"
(https://pkg.go.dev/encoding/json#Unmarshal). A `Shape` says which objects are structs there. The
keys of a map, such as labels, count as they are. Files that a person keeps for several programs are
read in any case too, by `as_struct`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, TypeAlias

from ..errors import NixfetchError
from .letter_case import fold
from .table import InvalidField, Path, Table, dotted

# The keys of a struct whose values are structs too, or arrays of them, with their shapes.
Shape: TypeAlias = Mapping[str, "Shape"]


class InvalidJson(NixfetchError):
    """Bytes that are not JSON. The message quotes none of them."""


class _Object(dict[str, Any]):
    """A JSON object without its nulls, whose keys are `nulls`.

    `duplicate` is a key that occurs twice, or None. `folded` has the keys of a struct by what Go
    compares of them; other objects have none.
    """

    folded: Mapping[str, str] | None = None

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__((key, value) for key, value in pairs if value is not None)
        self.nulls = [key for key, value in pairs if value is None]
        self.duplicate = _second([key for key, _ in pairs])


def _second(keys: list[str]) -> str | None:
    """The first key that has come before, or None."""
    if len(set(keys)) == len(keys):
        return None
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            return key
        seen.add(key)
    return None


def parse(
    data: bytes | str, *, allow_duplicates_in_unread: bool = False, shape: Shape | None = None
) -> Any:
    """The value of a JSON text.

    With `allow_duplicates_in_unread` an object with a duplicate key is refused only when a `Table`
    is made of it: for files that hold the values of other programs too. With `shape`, the value is
    a struct of Go, or an array of them: two keys that Go takes for one are refused, and a `Table`
    refuses a key in another case than it is read by.
    Raises `InvalidJson`, placed at a line and a column where the syntax is wrong, and
    `InvalidField` for a duplicate key.
    """
    try:
        text = data.decode() if isinstance(data, bytes) else data
        value = json.loads(text, object_pairs_hook=_Object)
    except UnicodeDecodeError as error:
        raise InvalidJson(f"byte {error.start} is not UTF-8") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise InvalidJson("this is not JSON").at(place) from None
    except RecursionError:
        raise InvalidJson("its values are nested too deeply") from None
    except ValueError:
        # Python limits the digits of an integer.
        raise InvalidJson("it has a number that cannot be read") from None
    if not allow_duplicates_in_unread:
        _refuse_duplicates(value)
    if shape is not None:
        _fold_structs(value, shape, ())
    return value


def parse_table(
    data: bytes | str,
    path: str = "",
    *,
    allow_duplicates_in_unread: bool = False,
    shape: Shape | None = None,
) -> Table:
    """A JSON object, read as `parse` does; `path` names it in errors.

    Raises `InvalidJson`, and `InvalidField` for JSON that is not an object.
    """
    value = parse(data, allow_duplicates_in_unread=allow_duplicates_in_unread, shape=shape)
    return Table.of(value, path)


def as_struct(table: Table, *names: str) -> Table:
    """A table of `parse` as Go reads a struct with these `names`: its keys in any case.

    Raises `InvalidField` for two keys that Go takes for one of the names: it would take the later,
    or a part of each.
    """
    known = {fold(name): name for name in names}
    keys: dict[str, str] = {}
    for key in (*table.values, *getattr(table.values, "nulls", ())):
        name = known.get(fold(key), key)
        other = keys.setdefault(name, key)
        if other != key:
            raise InvalidField(
                f"docker and podman take this key and {other!r} for the same one",
                hint="remove one of the two",
            ).at(table.where(key))
    values = {name: table.values[key] for name, key in keys.items() if key in table.values}
    return Table(values, table.path)


def _refuse_duplicates(value: object) -> None:
    # Without recursion, as Python allows less of it than its parser does. The way to a value is a
    # chain, because a path for each value would take time by the square of the depth.
    waiting = [_Way(value)]
    while waiting:
        way = waiting.pop()
        if isinstance(way.value, _Object) and way.value.duplicate is not None:
            Table.of(way.value, dotted(way.steps()))
        waiting += [
            _Way(inner, step, way)
            for step, inner in _items(way.value)
            if isinstance(inner, dict | list)
        ]


class _Way(NamedTuple):
    """A value, the step to it, and the value before that step."""

    value: object
    step: str | int = ""
    before: _Way | None = None

    def steps(self) -> Path:
        found: list[str | int] = []
        way = self
        while way.before is not None:
            found.append(way.step)
            way = way.before
        return tuple(reversed(found))


def _items(value: object) -> Iterable[tuple[str | int, object]]:
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()


def _fold_structs(value: object, shape: Shape, steps: Path) -> None:
    """Set `folded` of the structs in a value; raises `InvalidField` for keys that are alike."""
    if isinstance(value, list):
        for position, inner in enumerate(value):
            # An array of arrays is no array of structs.
            if isinstance(inner, _Object):
                _fold_structs(inner, shape, (*steps, position))
    elif isinstance(value, _Object):
        folded: dict[str, str] = {}
        for key in (*value, *value.nulls):
            other = folded.setdefault(fold(key), key)
            if other != key:
                raise InvalidField(
                    f"container engines take this key and {other!r} for the same one",
                    hint="remove one of the two",
                ).at(dotted((*steps, key)))
        value.folded = folded
        for key, inner_shape in shape.items():
            inner = value.get(folded.get(fold(key), key))
            _fold_structs(inner, inner_shape, (*steps, key))
