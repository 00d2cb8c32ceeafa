"""A line of a document, as a message shows it below what is wrong there."""

from __future__ import annotations

from unicodedata import combining, east_asian_width

from .printable import visible
from .redact import redact
from .regex import regex

_MARGIN = "    "
# So much is shown of a line, around the place.
_BEFORE, _AFTER = 50, 24
# A login, or a digest behind the name of an image, which is none.
_AT = regex(r"(?:@|%(?:25){0,9}40)(?!sha[0-9]{3}:)")
_LONGEST = 500


def has_secret(line: str) -> bool:
    """Whether a line may hold a login or a token, so that no message shows it."""
    return len(line) > _LONGEST or _AT.search(line) is not None or redact(line) != line


def can_be_written(text: str) -> bool:
    """Whether a message can propose a text to write: it is printable, and may hold no secret."""
    return text.isprintable() and not has_secret(text)


def excerpt(line: str, column: int) -> tuple[str, ...]:
    """A line with a caret below the column, which is counted from 1; nothing for a secret.

    Of a long line a part is shown, with "…" for the rest.
    """
    if has_secret(line):
        return ()
    position = min(column - 1, len(line))
    start = max(0, position - _BEFORE) if len(line) > _BEFORE + _AFTER else 0
    end = start + _BEFORE + _AFTER
    before = ("…" if start else "") + visible(line[start:position].replace("\t", " "))
    after = visible(line[position:end].replace("\t", " ")) + ("…" if end < len(line) else "")
    stripped = before.lstrip()
    pad = " " * sum(map(_columns, stripped))
    return (f"{_MARGIN}{stripped}{after}".rstrip(), f"{_MARGIN}{pad}^")


def _columns(letter: str) -> int:
    """How many columns of a terminal a character takes."""
    if combining(letter):
        return 0
    return 2 if east_asian_width(letter) in "WF" else 1
