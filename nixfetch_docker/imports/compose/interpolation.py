"""Variables in the texts of compose files, replaced by their values.

https://github.com/compose-spec/compose-spec/blob/main/12-interpolation.md
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Self

from ...base.redact import literal
from ...base.regex import regex
from ...base.values import dataclass, field
from ...errors import NixfetchError

_NAME = regex(r"[A-Za-z_][A-Za-z0-9_]*+")
# What ends a piece of plain text, at the top and within `${…}`.
_PLAIN = regex(r"[^$]++")
_PLAIN_INSIDE = regex(r"[^$}]++")
_OPERATOR = regex(r":?[-?+]")
_DEEPEST = 100


class InvalidTemplate(NixfetchError):
    """A text with a `$` that begins no variable."""


class Incomplete(str):
    """The value of a variable that is made of another one, `needs`, which has no value."""

    needs: str

    def __new__(cls, needs: str) -> Self:
        """The value, which is "" as a string."""
        value = super().__new__(cls)
        value.needs = needs
        return value


@dataclass(frozen=True, slots=True)
class Interpolated:
    """A text with the values of its variables.

    `missing` has the name of each variable that has no value, where the text needs one, with the
    message that `${NAME:?message}` has for it, or "". Such a variable is "" in `text`.
    """

    text: str
    missing: dict[str, str] = field(default_factory=dict)


def interpolate(text: str, value_of: Callable[[str], str | None]) -> Interpolated:
    """`text` with its variables replaced by what `value_of` returns for their names.

    That is None for a variable that is not set, and what an `Incomplete` one needs is missing here
    as well. `$$` stands for `$`. Raises `InvalidTemplate`.
    """
    if "$" not in text:
        return Interpolated(text)
    return _Reader(text, value_of).read(0)


class _Reader:
    def __init__(self, text: str, value_of: Callable[[str], str | None]) -> None:
        self._text = text
        self._value_of = value_of
        self._index = 0

    def read(self, depth: int) -> Interpolated:
        """The text up to its end, or at a depth up to the `}` that belongs to it."""
        if depth > _DEEPEST:
            raise InvalidTemplate(f"its variables are nested more than {_DEEPEST} deep")
        plain = _PLAIN_INSIDE if depth else _PLAIN
        parts: list[str] = []
        missing: dict[str, str] = {}
        while self._index < len(self._text):
            if depth and self._text[self._index] == "}":
                break
            if found := plain.match(self._text, self._index):
                self._index = found.end()
                parts.append(found[0])
                continue
            value = self._variable(depth)
            parts.append(value.text)
            missing |= value.missing
        return Interpolated("".join(parts), missing)

    def _variable(self, depth: int) -> Interpolated:
        """What stands for the variable that begins at the `$` here."""
        self._index += 1
        if self._take("$"):
            return Interpolated("$")
        is_braced = self._take("{")
        name = self._match(_NAME)
        if name is None:
            raise self._invalid()
        value = self._value_of(name)
        if not is_braced:
            return _or_missing(value, name)
        operator = self._match(_OPERATOR) or ""
        # It is read also where it is not needed, for what is behind it.
        other = self.read(depth + 1) if operator else Interpolated("")
        if not self._take("}"):
            raise self._invalid()
        if isinstance(value, Incomplete):
            operator = ""
        has_value = value if operator.startswith(":") else value is not None
        match operator[-1:]:
            case "-":
                return Interpolated(value or "") if has_value else other
            case "+":
                return other if has_value else Interpolated("")
            case "?" if not has_value:
                return Interpolated("", {name: other.text or "it is required"})
        return _or_missing(value, name)

    def _take(self, sign: str) -> bool:
        is_there = self._text.startswith(sign, self._index)
        self._index += is_there
        return is_there

    def _match(self, pattern: re.Pattern[str]) -> str | None:
        found = pattern.match(self._text, self._index)
        if found is None:
            return None
        self._index = found.end()
        return found[0]

    def _invalid(self) -> InvalidTemplate:
        return InvalidTemplate(
            f"{literal(self._text)} has a '$' that begins no variable", hint="write '$$' for a '$'"
        )


def _or_missing(value: str | None, name: str) -> Interpolated:
    if isinstance(value, Incomplete):
        return Interpolated("", {value.needs: ""})
    return Interpolated("", {name: ""}) if value is None else Interpolated(value)
