"""Commands in Nix files that run or pull images by an engine: in scripts, units and lists."""

from __future__ import annotations

from collections.abc import Iterator

from ...base.regex import regex
from ..found.image import ADD_IT, NotImportable
from ..nix_language.file import File, Place
from ..nix_language.syntax import Expression, Items, Text
from ..nix_language.value import Scope
from .texts import as_written

# `${lib.getExe pkgs.podman} run` is written as "${podman} run".
_COMMAND = regex(
    r"\b(docker|podman|nerdctl)\}?+[\"']?+[ \t]++(?:container[ \t]++|image[ \t]++)?+"
    r"(?:create|pull|run)[ \t]++(?=[-\\/.\"'$\w])"
)
_ENGINES = ("docker", "podman", "nerdctl")
_VERBS = ("create", "pull", "run")
# They tell people about something, and nothing runs them.
_PROSE = frozenset({"description", "example"})


def tell_commands(file: File, known: set[str]) -> Iterator[NotImportable]:
    """An error for each line with a command whose image is none of the `known` texts."""
    told: set[tuple[int, str]] = set()
    for line, engine, words in _all_commands(file):
        is_known = any(word.strip("\"';") in known for word in words)
        if not is_known and (line, engine) not in told:
            told.add((line, engine))
            yield NotImportable(
                f"a command of {engine} names an image here, and commands are not read",
                hint=ADD_IT,
            ).at(f"line {line}")


def _all_commands(file: File) -> Iterator[tuple[int, str, list[str]]]:
    """The line of each command, its engine, and the words behind its verb."""
    for place in file.texts:
        if _PROSE.isdisjoint(place.path[-1:]) and _COMMAND.search(as_written(place.expression)):
            for engine, rest in _commands(_completed(file, place)):
                yield place.expression.line, engine, rest.split()
    for place in file.lists:
        engine, words = _command(file, place)
        if engine:
            yield place.expression.line, engine, words


def _commands(text: str) -> Iterator[tuple[str, str]]:
    """The engine of each command in a text, and what stands behind its verb up to the next one."""
    matches = list(_COMMAND.finditer(text))
    ends = [*(match.start() for match in matches[1:]), len(text)]
    for match, end in zip(matches, ends, strict=True):
        before = text[: match.start()].rpartition("\n")[2]
        if not before.lstrip().startswith("#"):
            yield match[1], text[match.end() : end]


def _completed(file: File, place: Place) -> str:
    """The text of a string, with the strings that it interpolates, as far as they are known."""
    parts = place.expression.parts if isinstance(place.expression, Text) else ()
    return "".join(
        part if isinstance(part, str) else _word(file, part, place.scope) for part in parts
    )


def _command(file: File, place: Place) -> tuple[str, list[str]]:
    """The engine that a list of words calls, or "", and the words behind its verb."""
    items = place.expression.items if isinstance(place.expression, Items) else ()
    words = [_word(file, item, place.scope) for item in items]
    verb = next((position for position, word in enumerate(words) if word in _VERBS), None)
    if verb is None:
        return "", []
    programs = words[:verb]
    for binding in file.bindings:
        if binding.path == (*place.path[:-1], "command"):
            programs.append(_word(file, binding.later.expression, binding.later.scope))
    # What is called is the last part of a path, or the name of what is interpolated.
    called = {program.rstrip("}").replace("{", "/").rpartition("/")[2] for program in programs}
    return next((engine for engine in _ENGINES if engine in called), ""), words[verb + 1 :]


def _word(file: File, expression: Expression, scope: Scope) -> str:
    """The string that an expression stands for, or the names in it."""
    if (known := file.evaluation.at(expression, scope).only_string) is not None:
        return known
    whole = expression if isinstance(expression, Text) else Text(line=0, parts=(expression,))
    return as_written(whole)
