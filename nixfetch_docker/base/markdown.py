"""Foreign text in Markdown: in a code span that nothing in it can end.

https://github.github.com/gfm/#code-spans
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from html import escape

from .printable import one_line
from .regex import regex

_LIMIT = 1000
_LARGEST_NUMBER = 10**9
# A forge may make the message of the commit that merges a pull request of this text, and there code
# is text like any other. So what forges and CI act on is broken too.
_BRACKETS = regex(r"\[([^\[\]]{1,60})\]")
_SKIP = regex(r"skip|no[ _-]", re.IGNORECASE)
_BROKEN = (
    (regex(r"(?<!\w)@(?=\w)"), "@ "),  # a mention
    (regex(r"([#!])(?=\d)"), r"\1 "),  # an issue or a merge request
    (regex(r"\*(?=\*)"), "* "),  # ***NO_CI***
    (regex(r"-(?=-(?:skip|ci)-)", re.IGNORECASE), "- "),
    (regex(r"skip-checks(?=\s{0,9}:)", re.IGNORECASE), "skip checks"),
    # A word that closes what follows, where that is a URL or the key of an issue.
    (
        regex(
            r"\b(clos(?:e[sd]?|ing)|fix(?:e[sd]|ing)?|resolv(?:e[sd]?|ing)|implement(?:s|ed|ing)?)"
            r":?\s(?=\s{0,9}(?:https?:|[A-Za-z]\w{0,30}[-#/]))",
            re.IGNORECASE,
        ),
        r"\1 … ",
    ),
)


def code(text: str) -> str:
    """`text` as a code span for any place in Markdown, also in a cell of a table; "" for "".

    It is cut at 1000 characters; `'` stands for a backtick, and `/` for the sign that ends a cell.
    """
    line = one_line(text[:_LIMIT])
    line = line if len(text) <= _LIMIT else f"{line[:_LIMIT]}…"
    line = _BRACKETS.sub(_without_skip, line)
    for pattern, instead in _BROKEN:
        line = pattern.sub(instead, line)
    line = line.replace("`", "'").replace("|", "/").strip()
    return f"`{line}`" if line else ""


def html_code(text: str) -> str:
    """`text` as `code` has it, for a place within HTML, where Markdown does not count."""
    return f"<code>{escape(code(text).strip('`'))}</code>"


def fitting(lines: Iterable[str], room: int, rest: Callable[[int], str]) -> str:
    """The lines that fit into so many bytes, one after the other.

    Where some do not, the `rest` of their number ends the text.
    """
    room -= len(rest(_LARGEST_NUMBER).encode())
    taken: list[str] = []
    left_out = 0
    for line in lines:
        size = len(line.encode())
        if size <= room:
            taken.append(line)
            room -= size
        else:
            left_out += 1
    return "".join(taken) + (rest(left_out) if left_out else "")


def _without_skip(found: re.Match[str]) -> str:
    return f"({found[1]})" if _SKIP.search(found[1]) else found[0]
