"""The faults in the syntax of a document: one after another, each mended to find the next.

A parser stops at the first fault. Here the line at fault is replaced by the one that was meant
(`toml_line`), if a parser then comes further; so no text is proposed that is not TOML, and faults
behind it are found. Lines keep their numbers. Where nobody can tell what was meant, it ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from . import nix_toml, toml_spans
from .regex import regex
from .toml import InvalidDocument
from .toml_habits import advice, tables_of_yaml
from .toml_line import MeantLine, meant
from .toml_spans import Kind, Token

_PLACE = regex(r"line (\d+), column (\d+)")
_HEADER = regex(r"(?P<start>\s*\[[^\[\]#]*?)(?P<quote>[\"']?)\](?P<end>.*)", re.DOTALL)
_SECOND_TABLE = "two images are named "
_MISSING_MARKS = {
    ",": "an array has commas between its items",
    "]": "the array is not closed",
}
_SECOND_VALUE = "this is the second value of its name"


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntaxFault:
    """A fault at a line and a column, both counted from 1, and the text to write in its place.

    `write` is "" where nobody can tell; `is_example` says that it has an example's value in it, and
    `is_rename` that it is an example of another name. `error` is what the parser says.
    """

    line: int
    column: int
    what: str
    write: str
    error: InvalidDocument
    is_example: bool = False
    is_rename: bool = False


@dataclass(slots=True)
class Mending:
    """The faults that were found, in order, and the text without them.

    `text` is None where a fault could not be mended. `renamed` are names of images that came in
    place of one that is there twice.
    """

    faults: list[SyntaxFault] = field(default_factory=list)
    text: str | None = None
    renamed: dict[str, str] = field(default_factory=dict)


def mend(text: str, *, examples: Mapping[str, str], most: int) -> Mending:
    """The faults of a document, at most so many. `examples` are values in TOML by their keys."""
    made = Mending()
    error = first_error(text)
    while error is not None and len(made.faults) < most:
        found = None if error.is_conflict else _mended(text, error, dict(examples), made.renamed)
        if found is None:
            line, column = _place(text, error) or (0, 0)
            what, error.hint = advice(text, line, error)
            made.faults.append(
                SyntaxFault(line=line, column=column, what=what, write="", error=error)
            )
            return made
        fault, text, error = found
        made.faults.append(fault)
    made.text = text if error is None else None
    return made


def first_error(text: str) -> InvalidDocument | None:
    """The first fault that the parser finds, None for a document without any."""
    try:
        nix_toml.parse_for_nix(text)
    except InvalidDocument as error:
        return error
    return None


def _mended(
    text: str, error: InvalidDocument, examples: dict[str, str], renamed: dict[str, str]
) -> tuple[SyntaxFault, str, InvalidDocument | None] | None:
    """The fault, the text without it, and the next error in that; None where nothing helps."""
    lines = text.split("\n")
    place = _place(text, error)
    if place is None:
        return None
    for number, proposal in _proposals(text, error, place, examples, renamed):
        old = lines[number - 1]
        has_return = old.endswith("\r")
        new = proposal.line.rstrip("\r") + "\r" * has_return
        changed = "\n".join([*lines[: number - 1], new, *lines[number:]])
        after = first_error(changed)
        if after is not None:
            further = _place(changed, after)
            if further is None or further[0] <= number or (number < place[0] and further <= place):
                continue
        is_removed = not proposal.code
        fault = SyntaxFault(
            line=number,
            column=len(old) - len(old.lstrip()) + 1 if is_removed else _first_difference(old, new),
            what=proposal.what,
            write=proposal.code,
            error=error,
            is_example=proposal.is_example,
            is_rename=error.what.startswith(_SECOND_TABLE),
        )
        return fault, changed, after
    return None


def _proposals(
    text: str,
    error: InvalidDocument,
    place: tuple[int, int],
    examples: dict[str, str],
    renamed: dict[str, str],
) -> Iterator[tuple[int, MeantLine]]:
    """Lines that may have been meant, each with its number, the likeliest first."""
    lines = text.split("\n")
    number = place[0]
    line = lines[number - 1].rstrip("\r")
    if error.what.startswith(_SECOND_TABLE):
        if found := _HEADER.fullmatch(line):
            name = error.what.removeprefix(_SECOND_TABLE).strip("'")
            fresh = next(f"-{n}" for n in range(2, 1000) if f"{name}-{n}" not in renamed)
            renamed[f"{name}{fresh}"] = name
            header = f"{found['start']}{fresh}{found['quote']}]{found['end']}"
            yield number, MeantLine(what=error.what, line=header)
        return
    if error.what == _SECOND_VALUE:
        error.hint += _first_of_two(text, lines, number)
        yield number, MeantLine(what=error.what, line="")
        return
    for yaml in tables_of_yaml(lines, number):
        yield number, yaml
    scan = _Scan.of(text, _offset(lines, *place))
    for candidate in dict.fromkeys(filter(None, (scan.broken, number, scan.opened))):
        is_item = _Scan.of(text, _offset(lines, candidate, 1)).opened is not None
        code = lines[candidate - 1].rstrip("\r")
        if proposal := meant(code, is_item=is_item, examples=examples):
            if not proposal.line:
                error.hint = "remove the line"
            yield candidate, proposal
    if scan.last is not None:
        # An array goes on in the next line without a comma, or does not end.
        end = scan.last.end
        last = text.count("\n", 0, end) + 1
        code, column = lines[last - 1].rstrip("\r"), end - _offset(lines, last, 1)
        for mark, what in _MISSING_MARKS.items():
            yield last, MeantLine(what=what, line=f"{code[:column]}{mark}{code[column:]}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scan:
    """What stands before a place of a document.

    `broken` is the line of a quotation mark that nothing closes, `opened` that of the innermost
    array that is not closed yet, and `last` the last item in that.
    """

    broken: int | None = None
    opened: int | None = None
    last: Token | None = None

    @classmethod
    def of(cls, text: str, end: int) -> Self:
        """What stands in the text before `end`."""
        brackets: list[Token] = []
        last: Token | None = None
        try:
            for token in toml_spans.tokens(text):
                if token.start >= end:
                    break
                if token.text == "[":
                    brackets.append(token)
                elif token.text == "]" and brackets:
                    brackets.pop()
                if token.kind not in (Kind.SPACE, Kind.NEWLINE, Kind.COMMENT):
                    last = token
        except InvalidDocument as error:
            found = _PLACE.search(error.cause)
            return cls(broken=int(found[1]) if found else None)
        if not brackets:
            return cls()
        is_string = last is not None and last.kind is Kind.STRING
        opened = text.count("\n", 0, brackets[-1].start) + 1
        return cls(opened=opened, last=last if is_string else None)


def _first_of_two(text: str, lines: Sequence[str], number: int) -> str:
    """Where the value stands that the one in this line repeats, "" where nobody can tell."""
    start = _offset(lines, number, 1)
    entries = [
        one for one in toml_spans.entries(text[: _offset(lines, number + 1, 1)]) if one.value
    ]
    path = next((one.path for one in entries if one.start >= start), None)
    first = next((one for one in entries if one.path == path and one.start < start), None)
    return f" (the first is in {toml_spans.where(text, first.start)})" if first is not None else ""


def _offset(lines: Sequence[str], number: int, column: int) -> int:
    return sum(len(line) + 1 for line in lines[: number - 1]) + column - 1


def _place(text: str, error: InvalidDocument) -> tuple[int, int] | None:
    """The line and the column of an error; None for one of the whole document."""
    if not error.places:
        return None
    found = _PLACE.fullmatch(error.places[-1])
    if found is not None:
        return int(found[1]), int(found[2])
    stripped = text.rstrip("\r\n")
    return stripped.count("\n") + 1, len(stripped) - stripped.rfind("\n")


def _first_difference(old: str, new: str) -> int:
    """The column, from 1, at which two lines differ."""
    same = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), None)
    return (min(len(old.rstrip("\r")), len(new.rstrip("\r"))) if same is None else same) + 1
