"""The faults in the syntax of a document: one after another, each mended to find the next.

A parser stops at the first fault. Here the line at fault is replaced by the one that was meant
(`toml_line`), if a parser then comes further; so no text is proposed that is not TOML, and faults
behind it are found. Lines keep their numbers. Where nobody can tell what was meant, it ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Self, TypeAlias

from . import toml_spans, toml_twice
from .regex import regex
from .toml import InvalidDocument
from .toml_habits import advice, tables_of_yaml
from .toml_line import MeantLine, meant
from .toml_spans import Kind, Token
from .values import dataclass, field

# It raises `InvalidDocument` for a text that is not TOML.
Reader: TypeAlias = Callable[[str], object]

_PLACE = regex(r"line (\d+), column (\d+)")
_MISSING_MARKS = {
    ",": "an array has commas between its items",
    "]": "the array is not closed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntaxFault:
    """A fault at a line and a column, both counted from 1, and the text to write in its place.

    `write` is "" where nobody can tell; `is_example` says that it has an example's value in it.
    `renamed` is the name in it that comes in place of one that is there twice, "" for other faults.
    `error` is what the parser says.
    """

    line: int
    column: int
    what: str
    write: str
    error: InvalidDocument
    is_example: bool = False
    renamed: str = ""


@dataclass(slots=True)
class Mending:
    """The faults that were found, in order, and the text without them.

    `text` is None where a fault could not be mended.
    """

    faults: list[SyntaxFault] = field(default_factory=list)
    text: str | None = None

    @property
    def renamed(self) -> dict[str, str]:
        """The names that are there twice, by those that came in place of the second."""
        return {one.renamed: one.error.second[-1] for one in self.faults if one.renamed}


def mend(text: str, *, read: Reader, examples: Mapping[str, str], named: str, most: int) -> Mending:
    """The faults of a document that `read` refuses, at most so many.

    `examples` are values in TOML by their keys. A person chooses the names of the tables below the
    key `named`: the second of one name gets another. Nobody can tell what is meant by any other
    table that is there twice.
    """
    made = Mending()
    error = first_error(text, read)
    while error is not None and len(made.faults) < most:
        found = None if error.is_conflict else _mended(text, read, error, examples, named)
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


def first_error(text: str, read: Reader) -> InvalidDocument | None:
    """The first fault for which `read` refuses a document, None for one without any."""
    try:
        read(text)
    except InvalidDocument as error:
        return error
    return None


def _mended(
    text: str, read: Reader, error: InvalidDocument, examples: Mapping[str, str], named: str
) -> tuple[SyntaxFault, str, InvalidDocument | None] | None:
    """The fault, the text without it, and the next error in that; None where nothing helps."""
    lines = text.split("\n")
    place = _place(text, error)
    if place is None:
        return None
    name = ""
    proposals: Iterable[tuple[int, MeantLine]]
    if error.second:
        found = toml_twice.renamed(text, place[0], error.second[-1])
        if found is None or error.second[:-1] != (named,):
            return None
        name, line = found
        proposals = [(place[0], MeantLine(what=error.what, line=line))]
    else:
        proposals = _proposals(text, error, place, examples)
    for number, proposal in proposals:
        old = lines[number - 1]
        has_return = old.endswith("\r")
        new = proposal.line.rstrip("\r") + "\r" * has_return
        changed = "\n".join([*lines[: number - 1], new, *lines[number:]])
        after = first_error(changed, read)
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
            renamed=name,
        )
        return fault, changed, after
    return None


def _proposals(
    text: str, error: InvalidDocument, place: tuple[int, int], examples: Mapping[str, str]
) -> Iterator[tuple[int, MeantLine]]:
    """Lines that may have been meant, each with its number, the likeliest first."""
    lines = text.split("\n")
    number = place[0]
    if error.is_second_value:
        if first := toml_twice.first_value(text, number):
            error.hint += f" (the first is in {first})"
        yield number, MeantLine(what=error.what, line="")
        return
    for yaml in tables_of_yaml(lines, number):
        yield number, yaml
    scan = _Scan.of(text, _offset(lines, *place))
    for candidate in dict.fromkeys(filter(None, (scan.broken, number, scan.opened))):
        is_item = _Scan.of(text, _offset(lines, candidate, 1)).opened is not None
        if proposal := meant(lines[candidate - 1], is_item=is_item, examples=examples):
            if not proposal.line:
                error.hint = "remove the line"
            yield candidate, proposal
    if scan.last is not None:
        # An array goes on in the next line without a comma, or does not end.
        last, column = toml_spans.place_of(text, scan.last.end)
        code = lines[last - 1]
        for mark, what in _MISSING_MARKS.items():
            yield last, MeantLine(what=what, line=f"{code[: column - 1]}{mark}{code[column - 1 :]}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scan:
    """What stands before a place of a document.

    `broken` is the line of a quotation mark that nothing closes, `opened` that of the innermost
    array that is not closed yet, and `last` the last item in that, where it is a string.
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
            place = _place(text, error)
            return cls(broken=place and place[0])
        if not brackets:
            return cls()
        return cls(opened=toml_spans.place_of(text, brackets[-1].start)[0], last=last)


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
