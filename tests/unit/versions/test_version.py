from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixfetch_docker.versions.version import by_version


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
