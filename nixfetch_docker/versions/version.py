"""Versions in tags.

The reading follows Renovate's docker versioning
(https://docs.renovatebot.com/modules/versioning/docker/): a leading `v` means nothing, and the text
behind the first hyphen is a suffix that names a variant of the image (`7.4.1-alpine3.20`). It
differs where Renovate would follow a tag that is no release:

- a number of seven digits or more is a commit's hash, a date or a counter of builds;
- a hash before the first hyphen is a hash (`9971482-tensorrt`);
- a date is no version, also with hyphens in it;
- an underscore and a number name a build of one version (`21.0.5_11-jre`).

Held against it on 7,609 choices in 187,000 tags of Docker's official images, it differs in three:
dates of alpine and archlinux, and a build of aerospike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import IntEnum
from typing import Self

from ..base.regex import regex
from ..base.values import dataclass

_TAG = regex(
    r"v?(?P<numbers>\d+(?:\.\d+)*)"
    r"(?:\.?(?P<pre>[A-Za-z]\w*?))?"
    r"(?:_(?P<build>p?\d+(?:\.\d+)*))?"
    r"(?:[-_](?P<rest>.+))?",
    re.ASCII,
)
_HASH = regex(r"(?=[0-9a-f]*[a-f])[0-9a-f]{7,40}")
_DATE = regex(r"(?:19|20)\d\d(-?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])(?:\D.*)?")
_LONG_NUMBER = regex(r"\d{7,}")
_PRE = regex(
    r"(?P<kind>alpha|beta|a|b|c|canary|dev|ea|m|milestone|nightly|pre|preview|rc|snapshot)"
    r"(?P<number>[.-]?\d[\d.]*)?(?:-(?P<suffix>.+))?",
    re.IGNORECASE | re.ASCII,
)
# Words behind a release, as in 26.0.1.Final.
_RELEASE_WORDS = {"final", "ga", "release"}
_DIGITS = regex(r"(\d+)", re.ASCII)
# A number or a revision that goes on with a suffix: the "3.20" of alpine3.20, "-12-r9" of debian.
_CONTINUATION = regex(r"(?:\d|[._-]\d|[._-][a-z]\d)+", re.ASCII)
# The number behind these names chooses the runtime in the image, so it must be asked for.
_RUNTIMES = {
    *("cuda", "dotnet", "go", "golang", "java", "jdk", "jre", "node", "nodejs", "openjdk", "otp"),
    *("perl", "php", "py", "pypy", "python", "ruby", "rust", "scala"),
    # Builds of Java, as in 3.9.9-eclipse-temurin-21.
    *("amazoncorretto", "corretto", "graalvm", "ibmjava", "liberica", "sapmachine", "semeru"),
    *("temurin", "zulu"),
}
_LAST_NAME = regex(r"(?<![A-Za-z])[A-Za-z]+\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A tag that names a version.

    `numbers` are as many as are written; `pre` names a pre-release, `build` a build of the version,
    `suffix` a variant of the image, each "" for none.
    """

    numbers: tuple[int, ...]
    pre: str = ""
    build: str = ""
    suffix: str = ""

    @classmethod
    def parse(cls, tag: str) -> Self | None:
        """Read a tag; None for `latest`, a date, a commit's hash and other names."""
        if _HASH.fullmatch(tag.partition("-")[0]) or _DATE.fullmatch(tag.removeprefix("v")):
            return None
        match = _TAG.fullmatch(tag)
        if match is None or _LONG_NUMBER.match(match["numbers"]):
            return None
        numbers = tuple(int(number[:18]) for number in match["numbers"].split("."))
        pre, suffix = match["pre"] or "", match["rest"] or ""
        if pre.lower() in _RELEASE_WORDS:
            pre = ""
        if pre and not _PRE.fullmatch(pre):
            return None
        if not pre and (found := _PRE.fullmatch(suffix)):
            pre, suffix = f"{found['kind']}{found['number'] or ''}", found["suffix"] or ""
        return cls(numbers=numbers, pre=pre.lower(), build=match["build"] or "", suffix=suffix)

    @property
    def precision(self) -> int:
        """The count of numbers in the tag."""
        return len(self.numbers)

    def has_suffix(self, wanted: str) -> bool:
        """Whether the image is the `wanted` variant, or that variant with a number.

        `alpine3.20` and `debian-12-r9` go on with `alpine` and `debian`. `alpine-slim` is another
        variant than `alpine`, `al2023` than `al2`, `alpine3.20` than `alpine3.2`, and `jdk26`
        or `jdk-26` than `jdk`, because its number chooses the runtime.
        """
        if self.suffix == wanted:
            return True
        if not wanted or not self.suffix.startswith(wanted):
            return False
        rest = self.suffix[len(wanted) :]
        if _CONTINUATION.fullmatch(rest) is None:
            return False
        name = _LAST_NAME.search(wanted)
        if name is None:
            return not rest[0].isdigit()
        return name[0].lower() not in _RUNTIMES

    @property
    def significant(self) -> list[int]:
        """The numbers without the zeros at their end."""
        numbers = list(self.numbers)
        while numbers and not numbers[-1]:
            numbers.pop()
        return numbers

    @property
    def age(self) -> tuple[object, ...]:
        """A key to sort by, the newest last; of two equal versions, the more precise one last."""
        return (
            self.significant,
            # A pre-release comes before its release.
            not self.pre,
            natural(self.pre),
            natural(self.build),
            natural(self.suffix),
            self.precision,
        )


class Kind(IntEnum):
    """What a tag names, in the order in which tags are listed."""

    NAME = 0
    PRE_RELEASE = 1
    RELEASE = 2


def kind_of(version: Version | None) -> Kind:
    """The kind of a tag that was read as `version`, which is None for a name."""
    if version is None:
        return Kind.NAME
    return Kind.PRE_RELEASE if version.pre else Kind.RELEASE


def by_version(tags: Iterable[str]) -> list[str]:
    """`tags` in order: the names, as text, then pre-releases, then releases, the newest last."""

    def key(tag: str) -> tuple[Kind, tuple[object, ...], str]:
        version = Version.parse(tag)
        return kind_of(version), version.age if version is not None else (), tag

    return sorted(tags, key=key)


def natural(text: str) -> list[tuple[int, int, str]]:
    """A key to sort by in which numbers count by their value, and before letters."""
    return [_part_key(part) for part in _DIGITS.split(text) if part]


def _part_key(part: str) -> tuple[int, int, str]:
    if not _DIGITS.match(part):
        return 1, 0, part
    # The longer number is the larger one, also where it has more digits than Python reads.
    number = part.lstrip("0")
    return 0, len(number), number
