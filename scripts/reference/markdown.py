"""Text in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

# Written once on each page, below its title: MkDocs takes a title from the first line alone.
NOTE = "\n<!-- Made by `make reference`; edit the sources that it reads. -->"

_SPECIAL = re.compile(r"([\\*<|\[\]]|(?<!\w)_|_(?!\w))")
# What stands between two code spans, and the spans themselves.
_SPANS = re.compile(r"(`+[^`]+`+)")


def escaped(text: str) -> str:
    """A text in which nothing but code spans means more than itself."""
    parts = _SPANS.split(text)
    return "".join(part if n % 2 else _SPECIAL.sub(r"\\\1", part) for n, part in enumerate(parts))


def code(text: str) -> str:
    """A code span."""
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def cell(text: str) -> str:
    """A text in a cell of a table: on one line, and without an end of the cell."""
    return " ".join(text.split()).replace("|", "\\|").replace("\\\\|", "\\|")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; the cells are Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(map(cell, line))} |\n" for line in lines)


def fence(language: str, text: str, mark: str = "") -> str:
    """A piece of code, with a mark for tests above it."""
    comment = f"<!-- {mark} -->\n" if mark else ""
    return f"{comment}```{language}\n{text.rstrip()}\n```\n"
