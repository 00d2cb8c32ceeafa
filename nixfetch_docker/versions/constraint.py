"""Constraints on versions: `^2.1`, `~7.4`, `7.x`, `>=1.2, <2`, `^1 || ^3`, `!=1.8.3`, `7.x-alpine`.

The signs mean what they mean to npm and Cargo
(https://doc.rust-lang.org/cargo/reference/specifying-dependencies.html); a number alone means all
versions that begin with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import zip_longest
from typing import Self

from ..base.redact import quote
from ..base.regex import regex
from ..base.values import dataclass
from ..errors import NixfetchError
from .version import Version, natural

_SIGNS = r"(?:\^|~|>=|<=|!=|>|<|=)"
_TERM = regex(rf"(?P<sign>{_SIGNS})?v?(?P<numbers>\d{{1,9}}(?:\.\d{{1,9}})*)(?:\.[xX*])*", re.ASCII)
_ANY = regex(r"[xX*](?:\.[xX*])*")
_SUFFIXED = regex(r"(?P<term>[^-]*)-(?P<suffix>[A-Za-z][\w.-]*)", re.ASCII)
_SIGN_AND_SPACE = regex(rf"({_SIGNS})\s+")
_BETWEEN_TERMS = regex(r"\s*,\s*|\s+")
# The names of pre-releases that a constraint may ask for.
PRE_RELEASES = ("alpha", "beta", "dev", "pre", "preview", "rc", "canary", "nightly", "snapshot")
_PRE = regex(
    rf"(?:(?P<pre>(?:{'|'.join(PRE_RELEASES)})(?![A-Za-z_])"
    r"(?P<number>[.-]?\d[\d.]*)?)(?:-|\Z))?(?P<suffix>.*)",
    re.IGNORECASE | re.ASCII,
)
# The terms that may name a pre-release with its number: what they mean by the others is unclear.
_WITH_PRE = {None, "=", "^", "~", ">="}
_BEFORE_NUMBER = regex(r"(?<=[a-z])[.-]")
_LONGEST = 500
# As other languages of constraints write it, and what to write here.
_FOREIGN = (
    (regex(r"\s*(\S+)\s+-\s+(\S+)\s*"), r'write ">=\1, <=\2"'),
    (regex(r"\s*={2,3}\s*(\S+)\s*"), r'write "=\1"'),
    (regex(r"\s*~[>=]\s*v?(\d+(?:\.\d+)?)\s*"), r'write "^\1"'),
    (regex(r"\s*~[>=]\s*v?(\d+(?:\.\d+){2,})\s*"), r'write "~\1"'),
    (
        regex(r"\s*(?:latest|stable)\s*"),
        'write "*" for the newest version, or the tag '
        "behind the name in image for a tag that moves",
    ),
)

Numbers = tuple[int, ...]
# The least version, and the first that is too much, None for no end.
Bounds = tuple[Numbers, Numbers | None]


class InvalidConstraint(NixfetchError):
    """A text that is not a version constraint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """The versions from `least` up to but without `end`; None for no end.

    `is_excluded` turns it into all other versions. `least_pre` is the first pre-release of `least`
    that is in it, the only one with `is_exact`.
    """

    least: Numbers = ()
    end: Numbers | None = None
    is_excluded: bool = False
    least_pre: str = ""
    is_exact: bool = False

    @classmethod
    def parse(cls, term: str, pre: str = "") -> Self | None:
        """Read one term, `>=1.2` say, with its pre-release; None for a text that is none."""
        if _ANY.fullmatch(term):
            return None if pre else cls()
        match = _TERM.fullmatch(term)
        if match is None or (pre and match["sign"] not in _WITH_PRE):
            return None
        numbers = tuple(map(int, match["numbers"].split(".")))
        least, end = _BOUNDS[match["sign"] or "="](numbers)
        return cls(
            least=least,
            end=end,
            is_excluded=match["sign"] == "!=",
            least_pre=pre,
            is_exact=bool(pre) and match["sign"] in {None, "="},
        )

    def allows(self, version: Version) -> bool:
        """Whether a version is wanted, as far as its numbers and its pre-release say."""
        numbers, least_pre = version.numbers, _pre_key(self.least_pre)
        if self.is_exact:
            return _is_same(numbers, self.least) and _pre_key(version.pre) == least_pre
        if version.pre and _is_same(numbers, self.least) and _pre_key(version.pre) < least_pre:
            return False
        is_in = not _less(numbers, self.least) and (self.end is None or _less(numbers, self.end))
        return is_in != self.is_excluded


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """The versions that are wanted: those in every range of at least one of the `alternatives`.

    `suffix` is the variant of the image that is wanted, "" for the plain one; `pre` says whether
    pre-releases are wanted too.
    """

    text: str
    alternatives: tuple[tuple[Range, ...], ...]
    suffix: str = ""
    pre: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a constraint: `||` between alternatives, a comma or a space between terms.

        Raises `InvalidConstraint`.
        """
        if len(text) > _LONGEST:
            raise InvalidConstraint(f"it has more than {_LONGEST} characters", hint="shorten it")
        suffixes: list[str] = []
        alternatives = []
        pre = False
        for alternative in text.split("||"):
            ranges = []
            terms = _SIGN_AND_SPACE.sub(r"\1", alternative.strip())
            for term in _BETWEEN_TERMS.split(terms):
                numbers, least_pre = term, ""
                if (match := _SUFFIXED.fullmatch(term)) and (
                    found := _PRE.fullmatch(match["suffix"])
                ):
                    numbers = match["term"]
                    pre = pre or found["pre"] is not None
                    least_pre = found["pre"] if found["number"] else ""
                    suffixes += [found["suffix"]] if found["suffix"] else []
                one = Range.parse(numbers, least_pre)
                if one is None:
                    raise _invalid(text)
                ranges.append(one)
            alternatives.append(tuple(ranges))
        if len(set(suffixes)) > 1:
            raise InvalidConstraint(
                f"{text!r} asks for two suffixes, {' and '.join(sorted(set(suffixes)))}",
                hint="an image has one variant: write one suffix",
            )
        suffix = suffixes[0] if suffixes else ""
        return cls(text=text, alternatives=tuple(alternatives), suffix=suffix, pre=pre)

    def allows(self, version: Version) -> bool:
        """Whether a version is wanted, in this variant of the image."""
        return version.has_suffix(self.suffix) and self.allows_in_any_variant(version)

    def allows_in_any_variant(self, version: Version) -> bool:
        """Whether a version is wanted, whatever its suffix."""
        if version.pre and not self.pre:
            return False
        return any(all(one.allows(version) for one in ranges) for ranges in self.alternatives)


def _invalid(text: str) -> InvalidConstraint:
    what = f"{text!r} is not a version constraint"
    for pattern, advice in _FOREIGN:
        if match := pattern.fullmatch(text):
            return InvalidConstraint(what, hint=quote(match.expand(advice)))
    return InvalidConstraint(
        what,
        hint='write one such as "^1.2", "~7.4", "7.x", ">=1, <2", "^1 || ^3", "!=1.8.3" or "*"; '
        '"7.x-alpine" for a suffix',
    )


def _next(numbers: Numbers) -> Numbers:
    return (*numbers[:-1], numbers[-1] + 1)


def _less(one: Numbers, other: Numbers) -> bool:
    for mine, theirs in zip_longest(one, other, fillvalue=0):
        if mine != theirs:
            return mine < theirs
    return False


def _pre_key(pre: str) -> list[tuple[int, int, str]]:
    """A key that is the same for rc1, rc.1 and rc-1."""
    return natural(_BEFORE_NUMBER.sub("", pre.lower()))


def _is_same(one: Numbers, other: Numbers) -> bool:
    return not _less(one, other) and not _less(other, one)


def _at_least(numbers: Numbers) -> Bounds:
    return numbers, None


def _above(numbers: Numbers) -> Bounds:
    return _next(numbers), None


def _below(numbers: Numbers) -> Bounds:
    return (), numbers


def _at_most(numbers: Numbers) -> Bounds:
    return (), _next(numbers)


def _beginning_with(numbers: Numbers) -> Bounds:
    """All of 7.4 for 7.4, as for 7.4.x."""
    return numbers, _next(numbers)


def _caret(numbers: Numbers) -> Bounds:
    """Up to the next change of the first number that is not zero."""
    first = next((n for n, number in enumerate(numbers) if number), len(numbers) - 1)
    return numbers, _next(numbers[: first + 1])


def _tilde(numbers: Numbers) -> Bounds:
    return numbers, _next(numbers[:2])


_BOUNDS: dict[str, Callable[[Numbers], Bounds]] = {
    "^": _caret,
    "~": _tilde,
    "=": _beginning_with,
    "!=": _beginning_with,
    ">=": _at_least,
    ">": _above,
    "<": _below,
    "<=": _at_most,
}
