"""All faults of an images.toml, each with its line, its column and the text to write.

Where the TOML itself has faults, they are mended one after another to find the next, and the
mended document is held against the shape that it should have.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import Any

from ..base import toml
from ..base.excerpt import can_be_written, excerpt
from ..base.schema import Fault, Text, Texts, WrittenFloat
from ..base.table import InvalidField, Path, dotted
from ..base.toml_mending import Mending, SyntaxFault, first_error, mend
from ..base.toml_places import Places
from ..base.values import dataclass
from ..errors import NixfetchError
from .images_document import IMAGES, parse_document
from .images_headers import header_meant, is_without_name
from .images_schema import DOCUMENT, IMAGE, REGISTRY
from .other_document import other_document

_MOST = 20
_ENOUGH = 1000
_LONGEST_REMEDY = 200
_WRITE = "write "


class InvalidImages(InvalidField):
    """An images.toml with several faults, which are its `details`."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class _Told:
    """A fault at a line and a column, which are 0 for the whole document, and what to say of it.

    `is_written` says that the remedy is the text to write, `is_of_value` that a value is refused.
    """

    line: int
    column: int
    place: str = ""
    what: str
    remedy: str
    excerpt: tuple[str, ...] = ()
    is_written: bool = False
    is_of_value: bool = False

    @property
    def error(self) -> NixfetchError:
        error = InvalidField(self.what, hint=self.remedy)
        if self.place:
            error.at(self.place)
        if self.line:
            error.at(f"line {self.line}, column {self.column}")
        error.details = self.excerpt
        return error


def all_faults(text: str, first: NixfetchError) -> NixfetchError:
    """The error with all faults of a document for which a reader raised `first`.

    It has the words of the only fault, where there is one. Of many, it has the first twenty. A
    document of another kind, such as a compose file, is one fault.
    """
    is_toml = first_error(text, parse_document) is None
    if not is_toml and (other := other_document(text)) is not None:
        return other
    mending = mend(text, read=parse_document, examples=_examples(), named=IMAGES, most=_MOST)
    told = sorted(set(_faults(text, mending)))
    if len(told) < 2:
        return told[0].error if told else first
    more = "" if mending.text is not None else " or more"
    error = InvalidImages(f"it has {len(told)} faults{more}")
    lines: list[str] = []
    for one in told[:_MOST]:
        lines += [f"  {one.error}", *(f"  {line}" for line in one.excerpt)]
    if len(told) > _MOST:
        lines.append(f"  and {len(told) - _MOST} more")
    error.details = lines
    return error


def _examples() -> dict[str, str]:
    """A value in TOML for every key that has an example."""
    found: dict[str, str] = {}
    for key, shape in {**REGISTRY.keys, **IMAGE.keys}.items():
        if isinstance(shape, Text | Texts):
            found[key] = shape.example_text
    return found | {"frozen": "true", "plain-http": "true"}


def _faults(text: str, mending: Mending) -> Iterator[_Told]:
    """All faults; where a line has one of its syntax and one of its value, the text mends both.

    A value that is refused also with the right syntax is told alone, as no text is known to write.
    """
    by_line = {fault.line: fault for fault in mending.faults}
    meant: dict[int, str] = {}
    refused: set[int] = set()
    for told in _faults_of_values(mending):
        syntax = by_line.get(told.line)
        # A header is no remedy for a line that has a key and a value.
        is_header = told.remedy.startswith(f"{_WRITE}[")
        if syntax and told.is_written and is_header == syntax.write.startswith("["):
            meant[told.line] = told.remedy
        else:
            yield told
            if told.is_of_value and not told.is_written:
                refused.add(told.line)
    lines = text.split("\n")
    for fault in mending.faults:
        if fault.line in refused:
            continue
        line = lines[fault.line - 1].rstrip("\r") if fault.line else ""
        yield _Told(
            line=fault.line,
            column=fault.column,
            what=fault.what,
            remedy=meant.get(fault.line) or _remedy(fault),
            excerpt=excerpt(line, fault.column) if fault.line else (),
        )


def _remedy(fault: SyntaxFault) -> str:
    hint = fault.error.hint
    if not fault.write or not _can_be_shown(fault.write):
        return hint
    return f"{hint}: {fault.write}" if fault.renamed else f"{_WRITE}{fault.write}"


def _faults_of_values(mending: Mending) -> Collection[_Told]:
    """The faults of the mended document."""
    if mending.text is None:
        return ()
    told = set(_held_against_schema(mending.text, mending.renamed))
    examples = [fault.line for fault in mending.faults if fault.is_example]
    if examples:
        # What is wrong because of an example, or because of its absence, is no fault.
        lines = mending.text.split("\n")
        for line in examples:
            lines[line - 1] = ""
        told &= set(_held_against_schema("\n".join(lines), mending.renamed))
    return told


def _held_against_schema(text: str, names: Mapping[str, str]) -> list[_Told]:
    """The faults of a document that can be read, also below headers that name no table there is.

    `names` has the name to show for an image.
    """
    faults: list[_Told] = []
    places = Places(text)
    headers: dict[tuple[str, int], Path] = {}
    for fault, value in _schema_faults(text):
        header = header_meant(fault, value, places)
        line, column = places.find(fault.path, is_of_key=fault.is_of_key)
        once = header, 0 if is_without_name(header) else line
        if once in headers:
            continue
        remedy = f"{_WRITE}{header}" if header else fault.remedy(places.key(fault.path))
        told = _Told(
            line=line,
            column=column,
            place=dotted(tuple(names.get(str(part), part) for part in fault.path)),
            what=fault.what,
            remedy=remedy if _can_be_shown(remedy) else fault.hint,
            is_written=bool(header or fault.write) and _can_be_shown(remedy),
            is_of_value=not header and not fault.is_of_key,
        )
        faults.append(told)
        if header:
            headers[once] = fault.path
    written = {path: header for (header, _), path in headers.items() if places.header(path)}
    changed = places.with_headers(written) if written else text
    if changed != text and first_error(changed, parse_document) is None:
        # What stands below a header with a wrong name is told under that name alone.
        known = {(one.line, one.column, one.what) for one in faults}
        faults += [
            one
            for one in _held_against_schema(changed, names)
            if (one.line, one.column, one.what) not in known
        ]
    return faults


def _schema_faults(text: str) -> Iterator[tuple[Fault, Any]]:
    """The first thousand faults of a document that can be read, each with the value at its path."""
    values = toml.parse(text, WrittenFloat).values
    for fault in islice(DOCUMENT.faults(values, ()), _ENOUGH):
        value: Any = values
        for part in fault.path:
            value = value[part]
        yield fault, value


def _can_be_shown(remedy: str) -> bool:
    """Whether a message can show a text to write."""
    return len(remedy) <= _LONGEST_REMEDY and can_be_written(remedy)
