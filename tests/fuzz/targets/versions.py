"""Targets of the room versions/: versions in tags, constraints, tag-patterns, the tag to follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fuzz.text import of, said

from nixfetch_docker.base import toml
from nixfetch_docker.versions.constraint import Constraint
from nixfetch_docker.versions.follow import Follow
from nixfetch_docker.versions.tag_pattern import TagPattern
from nixfetch_docker.versions.version import Version, by_version, natural

_TAGS = ("7.4.1-alpine3.20", "7.4", "v2.0.0-rc.1", "latest", "2024-01-31", "16-debian-12-r9")
_VERSIONS = tuple(one for tag in _TAGS if (one := Version.parse(tag)) is not None)


def version(data: bytes) -> None:
    """Tags can be sorted whatever they are, and the order is the same from any start."""
    # A registry's tags have at most 128 characters, whatever else is in its list.
    tags = [line[:128] for line in of(data).split("\n") if line][:200]
    for tag in tags:
        natural(tag)
        if (found := Version.parse(tag)) is not None:
            assert found.precision == len(found.numbers) > 0
            assert found.has_suffix(found.suffix)
    ordered = by_version(tags)
    assert by_version(reversed(tags)) == ordered
    assert sorted(tags) == sorted(ordered)


def constraint(data: bytes) -> None:
    """A constraint keeps its text, and can be asked about every version."""
    text = of(data)
    found = Constraint.parse(text)
    assert found.text == text
    assert Constraint.parse(found.text) == found
    for one in _VERSIONS:
        if found.allows(one):
            assert found.allows_in_any_variant(one)


def pattern(data: bytes) -> None:
    """A tag-pattern keeps its text."""
    text = of(data)
    assert TagPattern.parse(text).text == text


def follow(data: bytes) -> None:
    """The tag to follow is one of those there are, and the keys survive the lock."""
    table = toml.parse(data.decode(errors="replace"))
    tags = list(dict.fromkeys(table.strings("tags") or _TAGS))[:500]
    found = Follow.from_table(table)
    if found is None:
        return
    lines = "".join(f"{key} = {value}\n" for key, value in found.to_toml())
    assert Follow.from_table(toml.parse(lines)) == found
    if found.minimum_age is not None:
        # What an image says of its making.
        said(found.minimum_age.check, table.get("created", str), 1_795_780_800)
    candidates = said(found.candidates, tags, None, _find)
    assert candidates is None or set(candidates) <= set(tags)
    # The order of a registry's list must not choose the tag.
    assert said(found.candidates, tags[::-1], None, _find) == candidates
    assert found.choose(tags, table.get("previous", str), _find) in tags


def _find(_pattern: TagPattern, tags: Sequence[str]) -> Mapping[str, str]:
    """All digits and what follows: the expression itself is matched in a process of its own."""
    return {tag: tag.lstrip("v-abcdefghij") for tag in tags if tag[-1:].isalnum()}


TARGETS = {"version": version, "constraint": constraint, "tag-pattern": pattern, "follow": follow}
