"""The objects and the strings in a document, wherever they stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...base.table import Path


def objects(document: Any) -> Iterator[tuple[Path, dict[Any, Any]]]:
    """Every object of a document with its path, in order, each before those inside it.

    An object that stands at several places, by aliases of YAML, is yielded once.
    """
    seen: set[int] = set()
    waiting: list[tuple[Path, Any]] = [((), document)]
    while waiting:
        path, value = waiting.pop()
        if not isinstance(value, (dict, list)) or id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, dict):
            yield path, value
            inside: list[tuple[Path, Any]] = [((*path, str(key)), value[key]) for key in value]
        else:
            inside = [((*path, position), one) for position, one in enumerate(value)]
        waiting.extend(reversed(inside))


def strings(path: Path, table: dict[Any, Any]) -> Iterator[tuple[Path, str]]:
    """The strings of an object with their paths, also its keys, and those in lists right below."""
    for key, value in table.items():
        yield (*path, str(key)), str(key)
        if isinstance(value, str):
            yield (*path, str(key)), value
        elif isinstance(value, list):
            for position, one in enumerate(value):
                if isinstance(one, str):
                    yield (*path, str(key), position), one
