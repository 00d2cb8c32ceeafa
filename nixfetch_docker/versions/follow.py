"""The tag to follow in a repository: the newest one that is wanted."""

from __future__ import annotations

import fnmatch
import heapq
from collections.abc import Callable, Mapping, Sequence
from typing import Self

from ..base import toml_writer
from ..base.redact import literal, quote
from ..base.regex import regex
from ..base.table import InvalidField, Table
from ..base.values import dataclass, replace
from ..errors import NixfetchError
from .constraint import Constraint
from .minimum_age import MinimumAge
from .tag_pattern import TagPattern
from .variants import advise, advise_prefix
from .version import Version, natural

_SHOWN_TAGS = 8
_SUFFIX = regex(r"[A-Za-z0-9_.-]{0,128}")
_LEAST_COUNTER = 10_000

FindVersions = Callable[[TagPattern, Sequence[str]], Mapping[str, str]]


class NoSuchVersion(NixfetchError):
    """A repository without a tag that is wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """The keys of images.toml that choose a tag; at least `constraint` or `pattern` is there.

    `suffix` is the one that stands apart from the constraint, which knows it too. `ignore` are
    globs for tags that are never taken; an image younger than `minimum_age` is not taken yet.
    """

    constraint: Constraint | None = None
    suffix: str | None = None
    pattern: TagPattern | None = None
    ignore: tuple[str, ...] = ()
    minimum_age: MinimumAge | None = None

    @classmethod
    def from_table(cls, table: Table) -> Self | None:
        """Read the keys `version`, `suffix`, `tag-pattern`, `ignore` and `minimum-age`.

        None where there are none of them.

        Raises `InvalidField` and the errors of the values.
        """
        pattern = table.parse("tag-pattern", TagPattern.parse) if "tag-pattern" in table else None
        constraint = _parse_version(table) if "version" in table else None
        suffix = table.get("suffix", str)
        if suffix is not None:
            if constraint is None or constraint.suffix:
                raise InvalidField(
                    "it belongs to a version without a suffix",
                    hint='write version = "7.x" and suffix = "alpine", or version = "7.x-alpine"',
                ).at(table.where("suffix"))
            if not _SUFFIX.fullmatch(suffix):
                raise InvalidField(
                    f"{literal(suffix)} is not the end of a tag",
                    hint="a tag has up to 128 letters, digits, '_', '.' and '-'",
                ).at(table.where("suffix"))
            constraint = replace(constraint, suffix=suffix)
        ignore = table.strings("ignore")
        age = table.parse("minimum-age", MinimumAge.parse) if "minimum-age" in table else None
        if constraint is None and pattern is None:
            for key in ("ignore", "minimum-age"):
                if key in table:
                    raise InvalidField(
                        "it belongs to a version or a tag-pattern, which choose among tags",
                        hint='write version = "*" beside it, or remove it',
                    ).at(table.where(key))
            return None
        return cls(
            constraint=constraint,
            suffix=suffix,
            pattern=pattern,
            ignore=tuple(ignore or ()),
            minimum_age=age,
        )

    def to_toml(self) -> list[tuple[str, str]]:
        """The keys with their values, in TOML."""
        texts = {
            "version": self.constraint.text if self.constraint is not None else None,
            "suffix": self.suffix,
            "tag-pattern": self.pattern.text if self.pattern is not None else None,
        }
        values = [
            (key, toml_writer.string(text)) for key, text in texts.items() if text is not None
        ]
        values += [("ignore", toml_writer.strings(self.ignore))] if self.ignore else []
        if self.minimum_age is not None:
            values.append(("minimum-age", toml_writer.string(self.minimum_age.text)))
        return values

    def choose(self, tags: Sequence[str], previous: str | None, find_versions: FindVersions) -> str:
        """The first of the `candidates`; raises `NoSuchVersion`."""
        return self.candidates(tags, previous, find_versions)[0]

    def candidates(
        self, tags: Sequence[str], previous: str | None, find_versions: FindVersions
    ) -> list[str]:
        """The tags that are wanted, the newest first, in whichever order `tags` are.

        They have as many numbers as `previous`, the tag so far, where any such tag is wanted: a
        person who follows 7.4 is not sent to 7.4.1. `find_versions` gives the version in each tag
        that a pattern matches. Raises `NoSuchVersion` where there is none.
        """
        offered = [tag for tag in tags if not self._ignores(tag)]
        texts = (
            dict(zip(offered, offered, strict=True))
            if self.pattern is None
            else find_versions(self.pattern, offered)
        )
        if self.constraint is None:
            found = _highest_first(texts)
        else:
            found = _newest_first(self.constraint, texts, previous)
        if not found:
            raise self._nothing(tags, texts, ignored=len(tags) - len(offered))
        return found

    def _ignores(self, tag: str) -> bool:
        return any(fnmatch.fnmatchcase(tag, glob) for glob in self.ignore)

    def _nothing(
        self, tags: Sequence[str], texts: Mapping[str, str], *, ignored: int
    ) -> NoSuchVersion:
        asked = [repr(self.constraint.text)] if self.constraint is not None else []
        if self.suffix is not None:
            asked[-1] += f" with the suffix {self.suffix!r}"
        asked += [repr(self.pattern.text)] if self.pattern is not None else []
        none = f"none of its {len(tags)} tags is" if len(tags) > 1 else "its only tag is not"
        what = f"{none} {' and '.join(asked)}"
        if not tags:
            return NoSuchVersion("it has no tags", hint="push one first")
        if ignored:
            what += f" ({ignored} left out by `ignore`)"
        if self.constraint is not None and self.pattern is None:
            advice = advise(self.constraint, texts)
            if advice:
                return NoSuchVersion(what, hint=advice)
        versions = {tag: one for tag in tags if (one := Version.parse(tag)) is not None}
        if versions:
            newest = heapq.nlargest(
                _SHOWN_TAGS, versions, key=lambda tag: (versions[tag].significant, tag)
            )
        else:
            newest = heapq.nlargest(_SHOWN_TAGS, tags, key=natural)
        shown = quote(", ".join(sorted(newest, key=natural)))
        hint = f"there {'is' if len(tags) == 1 else 'are'} {shown}"
        if len(versions or tags) > len(newest):
            hint += " (`nixfetch-docker tags` lists all tags)"
        if self.pattern is None and not versions:
            hint += advise_prefix(texts)
        return NoSuchVersion(what, hint=hint)


def wanted_tags(version: str, tags: Sequence[str]) -> list[str]:
    """The tags that a `version` of images.toml follows, the newest last.

    Raises `InvalidConstraint`, and `NoSuchVersion` where there are none.
    """
    constraint = Constraint.parse(version)
    try:
        # Without a tag-pattern, no version is found by one.
        return Follow(constraint=constraint).candidates(tags, None, lambda *_: {})[::-1]
    except NoSuchVersion as error:
        # There is no key for the suffix here.
        plain = version.removesuffix(f"-{constraint.suffix}")
        if len(plain.split()) == 1:
            texts = dict(zip(tags, tags, strict=True))
            advice = advise(
                constraint, texts, lambda suffix: f"ask for {literal(f'{plain}-{suffix}')}"
            )
            error.hint = advice or error.hint
        raise


def _parse_version(table: Table) -> Constraint:
    """The constraint, or the advice to quote one that TOML takes for a number."""
    written = table.values["version"]
    try:
        return table.parse("version", Constraint.parse)
    except InvalidField as error:
        if type(written) is int:
            error.hint = f'write version = "{written}"'
        elif type(written) is float:
            # 7.10 has become 7.1 by now.
            error.hint = "put quotes around it, with all of its digits"
        raise


def _highest_first(texts: Mapping[str, str]) -> list[str]:
    """The tags, by what a pattern found in them; names such as `latest` only where all are names.

    Where all are versions, releases come before pre-releases. Others are dates or counters, whose
    numbers count.
    """
    starting = {tag: text for tag, text in texts.items() if text.removeprefix("v")[:1].isdigit()}
    texts = starting or texts
    versions = {
        tag: version for tag, text in texts.items() if (version := Version.parse(text)) is not None
    }
    if len(versions) < len(texts):
        return sorted(texts, key=lambda tag: (natural(texts[tag]), tag), reverse=True)
    releases = _better(versions, lambda one: not one.pre)
    return sorted(releases, key=lambda tag: (releases[tag].age, natural(tag), tag), reverse=True)


def _newest_first(
    constraint: Constraint, texts: Mapping[str, str], previous: str | None
) -> list[str]:
    """The tags whose texts are wanted versions."""
    versions: Mapping[str, Version] = {
        tag: version
        for tag, text in texts.items()
        if (version := Version.parse(text)) is not None and constraint.allows(version)
    }
    known = Version.parse(texts.get(previous, previous)) if previous is not None else None
    if known is not None:
        versions = _better(versions, lambda one: one.precision == known.precision)
    else:
        versions = _without_aliases(versions)
    # The very suffix that was asked for comes before one that goes on with a number. An alias does
    # not: 16-debian-12 moves, beside 16.6.0-debian-12-r1.
    versions = _better(versions, lambda one: one.suffix == constraint.suffix)
    # One version may have two tags, such as v1.2 and 1.2: the choice is always the same one.
    return sorted(versions, key=lambda tag: (versions[tag].age, natural(tag), tag), reverse=True)


def _better(
    versions: Mapping[str, Version], is_better: Callable[[Version], bool]
) -> Mapping[str, Version]:
    """Those of the versions that are better, or all where none is."""
    return {tag: one for tag, one in versions.items() if is_better(one)} or versions


def _without_aliases(versions: Mapping[str, Version]) -> Mapping[str, Version]:
    """The versions without a lone number such as v4 beside v1.2.3 and v1.2.4.

    It is an alias that moves, or a mistake. Two lone numbers without any fuller version of theirs
    are no accident: some repositories call 7.9 and 8.10 what they later call 9 and 10. From five
    digits on it is a counter of builds or a month, such as 202405.
    """
    fuller = {one.numbers[0] for one in versions.values() if one.precision > 1}
    if fuller:
        versions = _better(
            versions, lambda one: one.precision > 1 or one.numbers[0] < _LEAST_COUNTER
        )
    lone = {one.numbers[0] for one in versions.values() if one.precision == 1 and not one.pre}
    if len(lone - fuller) > 1:
        return versions
    return _better(versions, lambda one: one.precision > 1 or bool(one.pre))
