"""The terminals that stdout and stderr may be: their sizes, colours and letters."""

from __future__ import annotations

import os
import sys

_USUAL_COLUMNS = 80


def is_narrow(columns: int) -> bool:
    """Whether stdout is a terminal with fewer `columns` than these."""
    return sys.stdout.isatty() and width() < columns


def width() -> int:
    """The columns of the terminal that stdout is, or 80 for a pipe or a file."""
    return columns() if sys.stdout.isatty() else _USUAL_COLUMNS


def columns() -> int:
    """The columns that `COLUMNS` names, or those of the terminal that stdout is, or else 80.

    So says also `shutil.get_terminal_size`, whose module takes milliseconds to import.
    """
    named = os.environ.get("COLUMNS", "")
    if named.isascii() and named.isdigit() and int(named[:9]):
        return int(named[:9])
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or _USUAL_COLUMNS
    except (AttributeError, OSError, ValueError):  # stdout is no terminal, or no file at all
        return _USUAL_COLUMNS


def has_colours() -> bool:
    """Whether stdout is a terminal with colours, and https://no-color.org does not forbid them."""
    return (
        sys.stdout.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM", "dumb") != "dumb"
    )


def coloured(text: str, colour: str) -> str:
    """`text` for stdout in a colour, an SGR parameter, where there are colours and one is given."""
    return f"\x1b[{colour}m{text}\x1b[0m" if colour and has_colours() else text


def drawing_size() -> tuple[int, int]:
    """The columns and the lines that stderr, a terminal, has now."""
    try:
        columns, lines = os.get_terminal_size(sys.stderr.fileno())
    except (OSError, ValueError):
        columns = lines = 0
    return columns or 80, lines or 24


def draws_letters() -> bool:
    """Whether stderr shows letters beyond ASCII; the locales `C` and `POSIX` do not promise it."""
    locale = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_CTYPE", "LANG"))), "C")
    encoding = (sys.stderr.encoding or "").lower().replace("-", "")
    return encoding == "utf8" and locale not in {"C", "POSIX"}
