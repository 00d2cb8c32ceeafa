"""Which versions are wanted: `^2.1`, `~7.4`, `7.x`, `>=1.2, <2`, `*`, `7.x-alpine`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import zip_longest
from typing import Self

from ..errors import NixfetchError
from .version import Version

_TERM = re.compile(
    r"(?P<sign>\^|~|>=|<=|>|<|=)?\s*v?(?P<numbers>\d{1,9}(?:\.\d{1,9})*)(?P<any>(?:\.[xX*])+)?"
)
_ANY = re.compile(r"[xX*](?:\.[xX*])*")
_SUFFIXED = re.compile(r"(?P<term>[^-]*)-(?P<suffix>[A-Za-z][\w.-]*)", re.ASCII)
_PRE_WORDS = {"alpha", "beta", "dev", "pre", "preview", "rc", "canary", "nightly", "snapshot"}

Numbers = tuple[int, ...]


class InvalidConstraint(NixfetchError):
    """A text that says of no versions that they are wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """A range of versions, half open: `bounds` are pairs of the least and of what is too much.

    `suffix` is what the image must be made of; `pre` whether pre-releases are wanted too.
    """

    text: str
    bounds: tuple[tuple[Numbers, Numbers | None], ...]
    suffix: str = ""
    pre: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a constraint; raises `InvalidConstraint`."""
        bounds, suffix, pre = [], "", False
        for part in text.split(","):
            term = part.strip()
            if match := _SUFFIXED.fullmatch(term):
                term, suffix = match["term"], match["suffix"]
                word, _, rest = suffix.partition("-")
                if word.lower() in _PRE_WORDS:
                    pre, suffix = True, rest
            bounds.append(_bounds(term, text))
        return cls(text=text, bounds=tuple(bounds), suffix=suffix, pre=pre)

    def allows(self, version: Version) -> bool:
        """Whether a version is wanted."""
        if version.pre and not self.pre:
            return False
        return version.has_suffix(self.suffix) and all(
            not _less(version.numbers, least)
            and (too_much is None or _less(version.numbers, too_much))
            for least, too_much in self.bounds
        )


def _bounds(term: str, text: str) -> tuple[Numbers, Numbers | None]:
    if _ANY.fullmatch(term):
        return (), None
    match = _TERM.fullmatch(term)
    if match is None or (match["any"] and match["sign"] not in {None, "="}):
        raise InvalidConstraint(
            f"{text!r} says of no versions that they are wanted",
            hint='write "^2.1", "~7.4", "7.x", ">=1.2, <2" or "*", and "7.x-alpine" for a suffix',
        )
    numbers = tuple(map(int, match["numbers"].split(".")))
    return _SIGNS[match["sign"] or "="](numbers)


def _caret(numbers: Numbers) -> tuple[Numbers, Numbers]:
    """Up to the next change of the first number that is not zero."""
    first = next((n for n, number in enumerate(numbers) if number), len(numbers) - 1)
    return numbers, _next(numbers[: first + 1])


def _next(numbers: Numbers) -> Numbers:
    return (*numbers[:-1], numbers[-1] + 1)


_SIGNS: dict[str, Callable[[Numbers], tuple[Numbers, Numbers | None]]] = {
    "^": _caret,
    "~": lambda numbers: (numbers, _next(numbers[:2])),
    # 7.4 is all of 7.4, as 7.4.x is.
    "=": lambda numbers: (numbers, _next(numbers)),
    ">=": lambda numbers: (numbers, None),
    ">": lambda numbers: (_next(numbers), None),
    "<": lambda numbers: ((), numbers),
    "<=": lambda numbers: ((), _next(numbers)),
}


def _less(one: Numbers, other: Numbers) -> bool:
    for mine, theirs in zip_longest(one, other, fillvalue=0):
        if mine != theirs:
            return mine < theirs
    return False
