"""Which tag to take: the newest of those that are wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Self

from ..base import toml_writer
from ..base.redact import quote
from ..base.table import InvalidField, Table
from ..errors import NixfetchError
from .constraint import Constraint
from .tag_pattern import TagPattern
from .version import Version, natural

_SHOWN = 8


class NoSuchVersion(NixfetchError):
    """A repository that has no tag which is wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """What to follow in a repository; at least one of `constraint` and `pattern` is there.

    `suffix` is the one that was given beside the constraint, which knows it too.
    """

    constraint: Constraint | None = None
    suffix: str | None = None
    pattern: TagPattern | None = None

    @classmethod
    def from_table(cls, table: Table) -> Self | None:
        """Read `version`, `suffix` and `tag-pattern`, None where nothing is to be followed.

        Raises `InvalidField` and the errors of the values.
        """
        pattern = table.parse("tag-pattern", TagPattern.parse) if "tag-pattern" in table else None
        constraint = table.parse("version", Constraint.parse) if "version" in table else None
        suffix = table.get("suffix", str)
        if suffix is not None:
            if constraint is None or constraint.suffix:
                raise InvalidField(
                    "it belongs to a version without one",
                    hint='write version = "7.x" and suffix = "alpine", or version = "7.x-alpine"',
                ).at(table.where("suffix"))
            constraint = replace(constraint, suffix=suffix)
        if constraint is None and pattern is None:
            return None
        return cls(constraint=constraint, suffix=suffix, pattern=pattern)

    def to_toml(self) -> list[tuple[str, str]]:
        """The keys with their values, in TOML."""
        texts = {
            "version": self.constraint.text if self.constraint is not None else None,
            "suffix": self.suffix,
            "tag-pattern": self.pattern.text if self.pattern is not None else None,
        }
        return [(key, toml_writer.string(text)) for key, text in texts.items() if text is not None]

    def choose(
        self,
        tags: Sequence[str],
        previous: str | None,
        find_versions: Callable[[TagPattern, Sequence[str]], dict[str, str]],
    ) -> str:
        """The newest of the tags that are wanted, however they are sorted.

        It has as many numbers as `previous`, the tag so far, as long as such a one is wanted: who
        follows 7.4 is not sent to 7.4.1. `find_versions` gives what a pattern takes for the
        version in each tag that it matches. Raises `NoSuchVersion`.
        """
        found = (
            {tag: tag for tag in tags}
            if self.pattern is None
            else find_versions(self.pattern, tags)
        )
        if self.constraint is None:
            chosen = max(found, key=lambda tag: (natural(found[tag]), tag), default=None)
        else:
            chosen = _newest(self.constraint, found, previous)
        if chosen is None:
            raise self._nothing(tags)
        return chosen

    def _nothing(self, tags: Sequence[str]) -> NoSuchVersion:
        asked = [self.constraint.text] if self.constraint is not None else []
        asked += [self.pattern.text] if self.pattern is not None else []
        versions = [tag for tag in tags if Version.parse(tag) is not None] or list(tags)
        some = ", ".join(sorted(versions, key=natural)[-_SHOWN:])
        return NoSuchVersion(
            f"none of its {len(tags)} tags is {' and '.join(map(repr, asked))}",
            hint=f"there are {quote(some)}" if some else "",
        )


def _newest(constraint: Constraint, texts: dict[str, str], previous: str | None) -> str | None:
    """The newest of the tags whose texts are versions that are wanted."""
    versions = {
        tag: version
        for tag, text in texts.items()
        if (version := Version.parse(text)) is not None and constraint.allows(version)
    }
    known = Version.parse(texts.get(previous, previous)) if previous is not None else None
    as_precise = [
        tag for tag, one in versions.items() if known and one.precision == known.precision
    ]
    # The same version may have two names, such as v1.2 and 1.2: then always the same one.
    return max(as_precise or versions, key=lambda tag: (versions[tag].age, tag), default=None)
