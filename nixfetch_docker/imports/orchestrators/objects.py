"""The objects in a document, wherever they stand."""

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
