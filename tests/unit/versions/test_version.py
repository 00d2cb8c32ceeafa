from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixfetch_docker.versions.version import Version, by_version, natural


@pytest.mark.parametrize(
    "ordered",
    [
        pytest.param(["1.2", "1.9", "1.10", "2", "2.0", "10"], id="numbers"),
        pytest.param(["v1.9", "1.10", "v1.11"], id="with and without v"),
        pytest.param(["1.0-alpha", "1.0-beta.2", "1.0-rc.1", "1.0-rc.10", "1.0"], id="before"),
        pytest.param(["7.4", "7.4-alpine", "7.4-alpine3.9", "7.4-alpine3.20", "7.4.1"], id="after"),
        pytest.param(["alpine", "edge", "latest", "1.0"], id="names"),
        pytest.param(["1" * 40, "deadbeef", "2"], id="digests are names"),
        pytest.param(["20230101", "20240101"], id="dates"),
    ],
)
def test_the_newest_version_is_last(ordered: list[str]) -> None:
    shuffled = list(ordered)
    random.Random(1).shuffle(shuffled)  # noqa: S311 (no secret)
    assert by_version(shuffled) == ordered


@given(st.lists(st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}", fullmatch=True), unique=True))
def test_any_tags_have_an_order(tags: list[str]) -> None:
    ordered = by_version(tags)
    assert sorted(ordered) == sorted(tags)
    assert by_version(reversed(ordered)) == ordered


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        pytest.param("1.2", Version(numbers=(1, 2)), id="plain"),
        pytest.param("v1", Version(numbers=(1,)), id="leading v"),
        pytest.param("1.2-RC.1", Version(numbers=(1, 2), pre="rc.1"), id="pre-release"),
        pytest.param("1.2-rc", Version(numbers=(1, 2), pre="rc"), id="pre-release, no number"),
        pytest.param("1.2RC1", Version(numbers=(1, 2), pre="rc1"), id="pre-release, no hyphen"),
        pytest.param("1.2.Final", Version(numbers=(1, 2)), id="word of a release"),
        pytest.param(
            "1.2-rc.1-slim", Version(numbers=(1, 2), pre="rc.1", suffix="slim"), id="both"
        ),
        pytest.param(
            "21.0.5_11-jre", Version(numbers=(21, 0, 5), build="11", suffix="jre"), id="build"
        ),
        pytest.param("1.2-alpine", Version(numbers=(1, 2), suffix="alpine"), id="suffix"),
        pytest.param("1.2-abcdef1", Version(numbers=(1, 2), suffix="abcdef1"), id="hash behind it"),
        pytest.param("123456", Version(numbers=(123456,)), id="six digits"),
        pytest.param("1234567", None, id="seven digits: a counter"),
        pytest.param("1.12345678901234567890", Version(numbers=(1, 123456789012345678)), id="long"),
        pytest.param("abcdef1", None, id="hash"),
        pytest.param("1b234567", None, id="hash that reads as a version"),
        pytest.param("1b234567-slim", None, id="hash that reads as a version, with a suffix"),
        pytest.param(
            "1.2-1b234567", Version(numbers=(1, 2), suffix="1b234567"), id="hash at the end"
        ),
        pytest.param("9971482a-tensorrt", None, id="hash with a suffix"),
        pytest.param("2024-01-31", None, id="date"),
        pytest.param("v2024-01-31", None, id="date behind a v"),
        pytest.param("20240131", None, id="date without hyphens"),
        pytest.param("2024-13-31", Version(numbers=(2024,), suffix="13-31"), id="no date"),
        pytest.param("latest", None, id="name"),
        pytest.param("1.2word", None, id="word that is no pre-release"),
    ],
)
def test_a_tag_that_names_a_version_is_read(tag: str, expected: Version | None) -> None:
    assert Version.parse(tag) == expected


@pytest.mark.parametrize(
    "ordered",
    [
        pytest.param(["b", "1.0-rc.1", "0.9"], id="names, pre-releases, versions"),
        pytest.param(["3.0-rc.1", "1.0", "2.0"], id="a newer pre-release before all releases"),
        pytest.param(["a", "b", "c"], id="names alone"),
    ],
)
def test_names_come_first_and_then_pre_releases(ordered: list[str]) -> None:
    assert by_version(sorted(ordered)) == ordered
    assert by_version(sorted(ordered, reverse=True)) == ordered


@pytest.mark.parametrize(
    "ordered",
    [
        pytest.param(["", "9", "10", "10a", "a", "a9", "a10", "b"], id="numbers before letters"),
        pytest.param(["1", "1-"], id="what goes on comes later"),
        pytest.param(["9" * 5000, "1" + "0" * 5000], id="more digits than Python reads"),
    ],
)
def test_numbers_in_a_text_count_by_their_value(ordered: list[str]) -> None:
    assert sorted(sorted(ordered), key=natural) == ordered
    assert natural("a10") == natural("a010")
