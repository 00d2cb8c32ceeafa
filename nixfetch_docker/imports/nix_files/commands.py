"""Commands in Nix files that run or pull images by an engine: in scripts, units and lists."""

from __future__ import annotations

from collections.abc import Iterator

from ..found.commands import (
    PROGRAMS,
    Commands,
    command_of,
    commands_of,
    has_command,
    together,
)
from ..nix_language.file import File, Place
from ..nix_language.syntax import Expression, Items, Text
from ..nix_language.value import Later, Scope
from .texts import as_written

# They tell people about something, and nothing runs them.
_PROSE = frozenset({"description", "example", "longDescription", "message"})


def find_commands(file: File) -> Commands:
    """The images that commands of a file pull, and those that they build."""
    return together(
        Commands(pulled=[error.at(f"line {line}") for error in found.pulled], built=found.built)
        for line, found in _all_commands(file)
    )


def _all_commands(file: File) -> Iterator[tuple[int, Commands]]:
    for place in file.texts:
        # Most texts have none, so that their parts are not found out.
        if _PROSE.isdisjoint(place.path[-1:]) and has_command(as_written(place.expression)):
            yield place.expression.line, commands_of(_completed(file, place))
    beside = {one.path[:-1]: one.later for one in file.bindings if one.path[-1] == "command"}
    for place in file.lists:
        program, words = _called(file, place, beside.get(place.path[:-1]))
        if program:
            yield place.expression.line, command_of(program, words)


def _completed(file: File, place: Place) -> str:
    """The text of a string, with the strings that it interpolates, as far as they are known."""
    parts = place.expression.parts if isinstance(place.expression, Text) else ()
    return "".join(
        part if isinstance(part, str) else _word(file, part, place.scope) for part in parts
    )


def _called(file: File, place: Place, beside: Later | None) -> tuple[str, list[str]]:
    """The program of an engine that a list of words calls, or "", and the words behind it.

    It may be what stands `beside` the list: `command = "docker"; args = [ "run" … ];`.
    """
    items = place.expression.items if isinstance(place.expression, Items) else ()
    words = [_word(file, item, place.scope) for item in items]
    for position, word in enumerate(words):
        if (program := _last(word)) in PROGRAMS:
            return program, words[position + 1 :]
    program = _last(_word(file, beside.expression, beside.scope)) if beside is not None else ""
    return (program, words) if program in PROGRAMS else ("", [])


def _last(program: str) -> str:
    """The last part of the path of a program, or the name of what is interpolated."""
    return program.rstrip("}").replace("{", "/").rpartition("/")[2]


def _word(file: File, expression: Expression, scope: Scope) -> str:
    """The string that an expression stands for, or the names in it."""
    if (known := file.evaluation.at(expression, scope).only_string) is not None:
        return known
    whole = expression if isinstance(expression, Text) else Text(line=0, parts=(expression,))
    return as_written(whole)
