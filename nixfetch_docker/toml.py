"""Reading TOML documents and writing the few forms that the lock is made of."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from .errors import NixfetchError
from .table import Table

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_TWICE = re.compile(r"Cannot declare \('images', '([^']+)'\) twice")
_CONFLICT = re.compile(r"^(<{7}|={7}|>{7})", re.MULTILINE)


class InvalidDocument(NixfetchError):
    """A text that is not TOML."""


def parse(text: str) -> Table:
    """The document as a table; raises `InvalidDocument` with line and column."""
    import tomli

    try:
        return Table(tomli.loads(text))
    except tomli.TOMLDecodeError as error:
        raise _invalid(text, str(error)) from None
    except RecursionError:
        raise InvalidDocument("its values are nested too deeply") from None


def _invalid(text: str, message: str) -> InvalidDocument:
    # tomli ends its messages in "(at line 3, column 7)" or "(at end of document)".
    what, _, place = message.rstrip(")").rpartition(" (at ")
    if _CONFLICT.search(text):
        hint = "resolve the merge conflict in it"
    elif twice := _TWICE.search(message):
        what, hint = f"two images are named {twice[1]!r}", "give one of them another name"
    else:
        hint = "mend the TOML there"
    return InvalidDocument(what, hint=hint).at(place)


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
    """A table on one line, from keys and values that are TOML already."""
    return f"{{ {', '.join(f'{key(name)} = {value}' for name, value in values)} }}"
