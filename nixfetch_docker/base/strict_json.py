"""JSON objects without ambiguity: no duplicate keys, and a null counts as absent.

Parsers are free to take either of two equal keys
(https://www.rfc-editor.org/rfc/rfc8259#section-4), so the same bytes could be one image here and
another in an engine. Go writes null for a value that it does not have.
"""

from __future__ import annotations

import json
from typing import Any

from ..errors import NixfetchError
from .table import Table


class InvalidJson(NixfetchError):
    """Bytes that are not JSON. The message quotes none of them."""


class _Object(dict[str, Any]):
    """A JSON object without its nulls; `duplicate` is a key that occurs twice, or None."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__((key, value) for key, value in pairs if value is not None)
        keys = [key for key, _ in pairs]
        has_duplicate = len(set(keys)) < len(keys)
        self.duplicate = max(keys, key=keys.count) if has_duplicate else None


def parse(data: bytes | str, *, allow_duplicates_in_unread: bool = False) -> Any:
    """The value of a JSON text.

    With `allow_duplicates_in_unread` an object with a duplicate key is refused only when a `Table`
    is made of it: for files that hold the values of other programs too.
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
        _refuse_duplicates(value, "")
    return value


def parse_table(
    data: bytes | str, path: str = "", *, allow_duplicates_in_unread: bool = False
) -> Table:
    """A JSON object, read as `parse` does; `path` names it in errors.

    Raises `InvalidJson`, and `InvalidField` for JSON that is not an object.
    """
    value = parse(data, allow_duplicates_in_unread=allow_duplicates_in_unread)
    return Table.of(value, path)


def _refuse_duplicates(value: object, path: str) -> None:
    if isinstance(value, dict):
        table = Table.of(value, path)
        for key, inner in value.items():
            if isinstance(inner, dict | list):
                _refuse_duplicates(inner, table.where(key))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            if isinstance(inner, dict | list):
                _refuse_duplicates(inner, f"{path}[{position}]")
