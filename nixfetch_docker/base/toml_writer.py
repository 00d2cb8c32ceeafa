"""Writing TOML: the few forms that the lock and the error messages consist of."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def string(text: str) -> str:
    """`text` as a basic string."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def strings(items: Iterable[str]) -> str:
    """An array of strings on one line."""
    return f"[{', '.join(map(string, items))}]"


def key(name: str) -> str:
    """`name` as a key, quoted where it must be."""
    return name if _BARE_KEY.fullmatch(name) else string(name)


def inline_table(values: Iterable[tuple[str, str]]) -> str:
    """A table on one line, from pairs of a key and a value that is TOML already."""
    return f"{{ {', '.join(f'{key(name)} = {value}' for name, value in values)} }}"
