"""Reading TOML documents."""

from __future__ import annotations

import re
from collections.abc import Callable

from ..errors import NixfetchError
from .regex import regex
from .table import Table

# tomli writes dotted paths as Python tuples.
_PATH = regex(r"\(('[^']*'(?:, '[^']*')*),?\)")
_TWICE = regex(r"Cannot (?:declare|redefine namespace) images\.([^. ]+)")
_CONFLICT = regex(r"^(<{7}|={7}|>{7})", re.MULTILINE)


class InvalidDocument(NixfetchError):
    """A text that is not TOML; `is_conflict` where it holds the marks of a merge conflict."""

    is_conflict = False


def parse(text: str, parse_float: Callable[[str], float] = float) -> Table:
    """The document as a table; raises `InvalidDocument`, placed at a line and a column."""
    import tomli

    try:
        return Table(tomli.loads(text, parse_float=parse_float))
    except tomli.TOMLDecodeError as error:
        raise _invalid(text, str(error)) from None
    except RecursionError:
        raise InvalidDocument("its values are nested too deeply") from None
    except ValueError as error:
        # Python's own limits, such as that on the digits of an integer.
        raise InvalidDocument(f"it has a value that cannot be read ({error})") from None


def _invalid(text: str, message: str) -> InvalidDocument:
    # tomli ends its messages in "(at line 3, column 7)" or "(at end of document)".
    what, _, place = message.rstrip(")").rpartition(" (at ")
    what = _PATH.sub(lambda path: path[1].replace("'", "").replace(", ", "."), what)
    hint = "correct the TOML there"
    if twice := _TWICE.match(what):
        what, hint = f"two images are named {twice[1]!r}", "give one of them another name"
    elif what == "Cannot overwrite a value":
        what, hint = "this is the second value of its name", "remove one of the two"
    error = InvalidDocument(what, hint=hint).at(place)
    if _CONFLICT.search(text):
        error.is_conflict, error.hint = True, "resolve the merge conflict in it"
    return error
