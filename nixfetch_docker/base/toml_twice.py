"""Tables and values that a document has for the second time: where the first is, and other names.

A parser stops at the second, so that only what stands before it is known to be TOML.
"""

from __future__ import annotations

from collections.abc import Sequence

from . import toml_spans, toml_writer
from .toml import InvalidDocument
from .toml_spans import Entry

# The last number behind a name: so many tables of one name get names of their own.
_LAST = 99


def renamed(text: str, number: int, name: str) -> tuple[str, str] | None:
    """A name that is free, and the line `number` with it in place of the `name` of its header.

    The name is the last part of the header's path, as it is meant: without quotation marks and
    escapes. None where the line has no header, or no name is free.
    """
    start, entries = _in_line(text, number)
    header = next((one for one in entries if one.start >= start and one.value is None), None)
    free = (f"{name}-{count}" for count in range(2, _LAST + 1))
    fresh = next((one for one in free if one not in text), None)
    if header is None or fresh is None:
        return None
    written = text[header.start : header.end]
    last = toml_spans.key_parts(written.strip("[]"))[-1]
    before, _, after = written.rpartition(last)
    rest = text[header.end :].partition("\n")[0]
    return fresh, f"{text[start : header.start]}{before}{toml_writer.key(fresh)}{after}{rest}"


def first_value(text: str, number: int) -> str:
    """Where the value stands that the one in a line repeats, "" where nobody can tell."""
    start, entries = _in_line(text, number)
    values = [one for one in entries if one.value is not None]
    path = next((one.path for one in values if one.start >= start), None)
    first = next((one for one in values if one.path == path and one.start < start), None)
    return toml_spans.where(text, first.start) if first is not None else ""


def _in_line(text: str, number: int) -> tuple[int, Sequence[Entry]]:
    """Where a line begins, and the headers and keys up to its end; none where it is no TOML."""
    lines = text.split("\n")
    start = sum(len(line) + 1 for line in lines[: number - 1])
    try:
        # With the line feed, because a carriage return alone is no end of a line.
        return start, toml_spans.entries("\n".join([*lines[:number], ""]))
    except InvalidDocument:
        return start, ()
