"""What people write in a TOML document by habits of YAML, JSON and Nix."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from . import toml_writer
from .excerpt import can_be_written
from .regex import regex
from .toml import InvalidDocument
from .toml_line import LONGEST, MeantLine

_YAML_TABLE = regex(r"(?P<indent>[ \t]*)(?P<name>[A-Za-z0-9_-]+):[ \t]*(?P<end>#.*)?")
_YAML_ITEM = regex(r"[ \t]*-[ \t]+(?P<item>[^\s#]+)[ \t]*(?:#.*)?")
_YAML_PARENT = regex(r"(?P<indent>[ \t]*)\[(?P<path>[^\[\]]+)\]")
_TWO_LINES = regex(r"\s*(?P<header>\[[^\[\]]+\])[ \t]*(?P<rest>[A-Za-z0-9_-]+\s*=.*)")
_TWO_KEYS = regex(
    r"""
    \s* (?P<first> [A-Za-z0-9_.-]+ \s* = \s*
        (?: "[^"]*" | '[^']*' | \[[^\[\]]*\] | true | false ) )
    \s* (?: [,;] \s* )?
    (?P<rest> [A-Za-z0-9_.-]+ \s* = .* )
    """,
    re.VERBOSE,
)
_NO_DOT = regex(
    r"\s*\[\s*(?P<table>[A-Za-z0-9_-]+)[ \t]*[ \t/:][ \t]*(?P<name>[A-Za-z0-9_-]+)\s*\]\s*"
)
_NO_BRACKETS = regex(r"\s*(?P<header>[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)\s*")


def advice(text: str, number: int, error: InvalidDocument) -> tuple[str, str]:
    """What is wrong in a line that cannot be mended, and what to do about it."""
    if text.lstrip().startswith("{"):
        return (
            "this is JSON or Nix, and not TOML",
            'write tables such as [images.redis], and below it image = "redis:7"',
        )
    line = text.split("\n")[number - 1] if number else ""
    # The beginning of a long one may look like another line.
    found = _advice_for(line) if len(line) <= LONGEST else None
    return found or (error.what, error.hint)


def _advice_for(line: str) -> tuple[str, str] | None:
    if found := _TWO_LINES.fullmatch(line):
        return "a header stands on a line of its own", _on_two_lines(found["header"], found["rest"])
    if found := _TWO_KEYS.fullmatch(line):
        return "a key stands on a line of its own", _on_two_lines(found["first"], found["rest"])
    if found := _NO_DOT.fullmatch(line):
        return (
            "the names in a header have dots between them",
            f"write [{found['table']}.{found['name']}]",
        )
    if found := _NO_BRACKETS.fullmatch(line):
        return "a table has its name between brackets", f"write [{found['header']}]"
    return None


def _on_two_lines(first: str, rest: str) -> str:
    rest = rest.strip()
    if can_be_written(first) and can_be_written(rest):
        return f"write {first}, and on the next line {rest}"
    return "write each on its own"


def tables_of_yaml(lines: Sequence[str], number: int) -> Iterator[MeantLine]:
    """What a line may mean that begins a list or a table of YAML."""
    found = _YAML_TABLE.fullmatch(lines[number - 1].rstrip("\r")[:LONGEST])
    if found is None:
        return
    if items := _yaml_items(lines[number:]):
        array = f"{found['indent']}{found['name']} = {toml_writer.strings(items)}"
        yield MeantLine(what="a list of YAML is an array in TOML", line=array)
    parents = (_YAML_PARENT.match(one[:LONGEST]) for one in reversed(lines[: number - 1]))
    outer = (one for one in parents if one and len(one["indent"]) < len(found["indent"]))
    parent = next((f"{one['path']}." for one in outer), "")
    header = f"{found['indent']}[{parent}{found['name']}]{found['end'] or ''}"
    yield MeantLine(what="a table has its name between brackets", line=header)


def _yaml_items(lines: Sequence[str]) -> list[str]:
    """The items of the list of YAML that these lines begin with."""
    items: list[str] = []
    for line in lines:
        found = _YAML_ITEM.fullmatch(line.rstrip("\r")[:LONGEST])
        if found is None:
            break
        items.append(found["item"].strip("\"'"))
    return items
