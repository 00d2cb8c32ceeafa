"""The newer tags that an image does not follow, each with the rule that it does not fit."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pytest

from nixfetch_docker.base import toml
from nixfetch_docker.versions.follow import Follow
from nixfetch_docker.versions.passed_by import newer_tags
from nixfetch_docker.versions.tag_pattern import TagPattern


def find(pattern: TagPattern, tags: Sequence[str]) -> Mapping[str, str]:
    matches = {tag: re.search(pattern.text, tag) for tag in tags}
    return {tag: match["version"] for tag, match in matches.items() if match}


def follow(text: str) -> Follow:
    found = Follow.from_table(toml.parse(text))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("asked", "locked", "tag", "reason"),
    [
        pytest.param('version = "^7"', "7.4.1", "8.0.1", "it is not in version '^7'", id="too new"),
        pytest.param('version = "^7"', "7.4.1", "7.5.0-rc1", "it is a pre-release", id="pre"),
        pytest.param(
            'version = "^7-alpine"',
            "7.4.1-alpine",
            "7.5.0-bookworm",
            "it does not have the suffix 'alpine'",
            id="other suffix",
        ),
        pytest.param(
            'version = "^7-alpine"',
            "7.4.1-alpine",
            "7.5.0",
            "it does not have the suffix 'alpine'",
            id="no suffix",
        ),
        pytest.param(
            'version = "^7"',
            "7.4.1",
            "7.5.0-alpine",
            "it has the suffix 'alpine', and none is asked for",
            id="a suffix",
        ),
        pytest.param(
            'version = "^7"',
            "7.4.1",
            "7.5",
            "the locked tag has 3 numbers, and this has 2",
            id="numbers",
        ),
        pytest.param(
            'version = "*"\nignore = ["8.*"]', "7.4.1", "8.0.1", "ignore has '8.*'", id="ignored"
        ),
        pytest.param(
            "version = '*'\ntag-pattern = '^v(?P<version>.+)$'",
            "v7.4.1",
            "8.0.1",
            "it is not in the tag-pattern",
            id="pattern",
        ),
        pytest.param(
            "version = '^7'\ntag-pattern = '^r_(?P<version>.+)$'",
            "r_7.4.1",
            "r_8.0.1",
            "it is not in version '^7'",
            id="in the pattern",
        ),
        pytest.param(
            'version = "^9"', "7.4.1", "8.0.1", "it is not in version '^9'", id="none fits"
        ),
        pytest.param(
            'version = "^7-alpine"',
            "7.4.1-alpine",
            "7.5.0-alpine3.20",
            "its suffix is 'alpine3.20', and a tag with the very suffix comes first",
            id="longer suffix",
        ),
        pytest.param(
            'version = "^7, !=7.5"', "7.4.1", "7.5.0", "it is not in version '^7, !=7.5'", id="not"
        ),
    ],
)
def test_a_newer_tag_has_the_reason_why_it_is_not_taken(
    asked: str, locked: str, tag: str, reason: str
) -> None:
    tags = ["latest", "1.0.0", "7.4.0", locked, tag]
    for offered in (tags, tags[::-1]):
        newer = newer_tags(follow(asked), offered, locked, find)
        assert [(one.tag, one.reason) for one in newer.passed_by] == [(tag, reason)]
        assert newer.wanted == ()


def test_newer_tags_that_are_wanted_are_apart_and_the_newest_is_first() -> None:
    tags = ["7.4.1", "7.5.0", "7.10.0", "8.0.0", "9.0.0", "6.0.0"]
    newer = newer_tags(follow('version = "^7"'), tags, "7.4.1", find)
    assert newer.wanted == ("7.10.0", "7.5.0")
    assert [one.tag for one in newer.passed_by] == ["9.0.0", "8.0.0"]


def test_a_tag_that_is_gone_is_compared_all_the_same() -> None:
    newer = newer_tags(follow('version = "^7"'), ["7.3.0", "8.0.0"], "7.4.1", find)
    assert [one.tag for one in newer.passed_by] == ["8.0.0"]


def test_counters_are_wanted_or_nothing() -> None:
    asked = follow("tag-pattern = '^build-(?P<version>\\d+)$'")
    newer = newer_tags(asked, ["build-10000001", "build-10000002", "x"], "build-10000001", find)
    assert (newer.wanted, newer.passed_by) == (("build-10000002",), ())


@pytest.mark.parametrize(
    ("locked", "tag", "is_newer"),
    [
        ("7.5.0-rc1", "7.5.0-alpine", True),
        ("7.5.0", "7.5.0-rc1", False),
        ("7.5.0", "7.5.0-alpine", False),
        ("7.5.0-rc1", "7.5.0-rc2-alpine", False),
        ("7.5.0", "7.5.1-rc1", True),
    ],
)
def test_a_release_is_newer_than_its_pre_releases(locked: str, tag: str, is_newer: bool) -> None:
    newer = newer_tags(follow('version = "^7"'), [locked, tag], locked, find)
    assert [one.tag for one in newer.passed_by] == [tag] * is_newer


def test_the_newest_comes_first_by_its_numbers_and_then_by_its_name() -> None:
    tags = ["9.0.0", "8.0.0", "10.0.0", "v8.0.0", "7.4.1"]
    newer = newer_tags(follow('version = "^7"'), tags, "7.4.1", find)
    assert [one.tag for one in newer.passed_by] == ["10.0.0", "9.0.0", "v8.0.0", "8.0.0"]
