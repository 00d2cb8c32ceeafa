"""Writing TOML: the few forms that the lock and the error messages consist of."""

from __future__ import annotations

import json
from collections.abc import Iterable

from .printable import is_seen
from .regex import regex

_BARE_KEY = regex(r"[A-Za-z0-9_-]+")


def string(text: str) -> str:
    """`text` as a basic string, with what nobody sees or what a CI obeys escaped."""
    written = json.dumps(text, ensure_ascii=False)
    if not written.isascii() or not written.isprintable():
        written = "".join(one if is_seen(one) else _escaped(one) for one in written)
    return written.replace("##", "#\\u0023")


def strings(items: Iterable[str]) -> str:
    """An array of strings on one line."""
    return f"[{', '.join(map(string, items))}]"


def key(name: str) -> str:
    """`name` as a key, quoted where it must be."""
    return name if _BARE_KEY.fullmatch(name) else string(name)


def inline_table(values: Iterable[tuple[str, str]]) -> str:
    """A table on one line, from pairs of a key and a value that is TOML already."""
    return f"{{ {', '.join(f'{key(name)} = {value}' for name, value in values)} }}"


def _escaped(letter: str) -> str:
    code = ord(letter)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
