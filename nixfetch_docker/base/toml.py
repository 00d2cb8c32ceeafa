"""Reading TOML documents."""

from __future__ import annotations

import re
from collections.abc import Callable

from ..errors import NixfetchError
from .regex import regex
from .table import Table, dotted

# tomli writes the path of a table as a tuple of Python: ('images', "it's").
_OF_TABLE = regex(r"(?P<what>Cannot [a-z ]+ )(?P<path>\(.*\))(?: twice)?", re.DOTALL)
_IMMUTABLE = "Cannot mutate immutable namespace "
_CONFLICT = regex(r"^(<{7}|={7}|>{7})", re.MULTILINE)


class InvalidDocument(NixfetchError):
    """A text that is not TOML; `is_conflict` where it holds the marks of a merge conflict.

    `second` is the path of a table that the document has already, where that is the fault;
    `is_second_value` says that it is a key with a value.
    """

    is_conflict = False
    is_second_value = False
    second: tuple[str, ...] = ()


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
    error = InvalidDocument(what, hint="correct the TOML there").at(place)
    if found := _OF_TABLE.fullmatch(what):
        from ast import literal_eval

        path = literal_eval(found["path"])
        if found["what"] == _IMMUTABLE:
            error.what = f"{_IMMUTABLE}{dotted(path)}"
        else:
            error.second = path
            error.what = f"the table {dotted(path)} is there twice"
            error.hint = "write all of its keys below one header"
    elif what == "Cannot overwrite a value":
        error.is_second_value = True
        error.what, error.hint = "this is the second value of its name", "remove one of the two"
    if _CONFLICT.search(text):
        error.is_conflict, error.hint = True, "resolve the merge conflict in it"
    return error
