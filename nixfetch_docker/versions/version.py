"""Versions in tags, read as Renovate's docker versioning reads them.

https://docs.renovatebot.com/modules/versioning/docker/: what follows the first hyphen is no part of
the order but says what the image is made of (`7.4.1-alpine3.20`), a leading `v` means nothing, and
neither dates nor commit hashes are versions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

_TAG = re.compile(
    r"v?(?P<numbers>\d+(?:\.\d+)*)(?P<pre>[A-Za-z]\w*)?(?:[-_](?P<rest>.+))?", re.ASCII
)
_HASH = re.compile(r"(?=[0-9a-f]*[a-f])[0-9a-f]{7,40}")
_DATE = re.compile(r"(?:19|20)\d\d(-?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])(?:\D.*)?")
_LONG_NUMBER = re.compile(r"\d{8,}")
_PRE = re.compile(
    r"(?P<kind>alpha|beta|a|b|c|canary|dev|ea|m|milestone|nightly|pre|preview|rc|snapshot)"
    r"(?P<number>[.-]?\d[\d.]*)?(?:-(?P<suffix>.+))?",
    re.IGNORECASE | re.ASCII,
)
_NAME = re.compile(r"[A-Za-z]{2,}")
_DIGITS = re.compile(r"(\d+)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What a tag says of itself.

    `numbers` are as many as are written; `pre` names a pre-release ("" for none); `suffix` is what
    the image is made of, as it is written ("" for nothing).
    """

    numbers: tuple[int, ...]
    pre: str = ""
    suffix: str = ""

    @classmethod
    def parse(cls, tag: str) -> Self | None:
        """Read a tag, None for one that is no version: `latest`, a date, a commit's hash."""
        if _HASH.fullmatch(tag) or _DATE.fullmatch(tag.removeprefix("v")):
            return None
        match = _TAG.fullmatch(tag)
        if match is None or _LONG_NUMBER.match(match["numbers"]):
            return None
        numbers = tuple(int(number[:18]) for number in match["numbers"].split("."))
        pre, suffix = match["pre"] or "", match["rest"] or ""
        if pre and not _PRE.fullmatch(pre):
            return None
        if not pre and (found := _PRE.fullmatch(suffix)):
            pre, suffix = f"{found['kind']}{found['number'] or ''}", found["suffix"] or ""
        return cls(numbers=numbers, pre=pre.lower(), suffix=suffix)

    @property
    def precision(self) -> int:
        """How many numbers there are."""
        return len(self.numbers)

    def has_suffix(self, wanted: str) -> bool:
        """Whether the image is made of what is wanted: `alpine3.20` of `alpine`, but not `slim`."""
        if self.suffix == wanted:
            return True
        rest = self.suffix.removeprefix(wanted)
        return bool(wanted) and rest != self.suffix and not rest[0].isalpha() and not _named(rest)

    @property
    def age(self) -> tuple[object, ...]:
        """A key to sort by, the newest last; of two that are the same, the one that says more."""
        numbers = list(self.numbers)
        while numbers and not numbers[-1]:
            numbers.pop()
        # A pre-release comes before what it is one of.
        return numbers, not self.pre, natural(self.pre), natural(self.suffix), self.precision


def by_version(tags: Iterable[str]) -> list[str]:
    """`tags` as people expect them: those that are no versions as text, then the oldest first."""

    def key(tag: str) -> tuple[bool, tuple[object, ...], str]:
        version = Version.parse(tag)
        return version is not None, () if version is None else version.age, tag

    return sorted(tags, key=key)


def natural(text: str) -> list[tuple[int, int, str]]:
    """A key to sort by in which numbers count by their value, and before letters."""
    parts = (part for part in _DIGITS.split(text) if part)
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts]


def _named(rest: str) -> bool:
    """Whether there is a further name: `alpine3.20-perl` has one, and `debian-12-r3` none."""
    return _NAME.search(rest) is not None
