from __future__ import annotations

import pytest

from nixfetch_docker.base.nearest import all_nearest, did_you_mean, nearest


@pytest.mark.parametrize(
    ("word", "found"),
    [
        pytest.param("updaet", "update", id="swapped letters"),
        pytest.param("updat", "update", id="a missing letter"),
        pytest.param("upate" * 1000, None, id="a long word"),
        pytest.param("zzz", None, id="nothing like it"),
        pytest.param("", None, id="no word"),
    ],
)
def test_the_nearest_word(word: str, found: str | None) -> None:
    assert nearest(word, ["lock", "update", "add"]) == found


def test_the_best_of_several_come_first() -> None:
    known = ["7.2", "7.4-alpine", "7.4-slim", "7.4"]
    assert all_nearest("7.4-alpin", known, 2) == ["7.4-alpine", "7.4-slim"]
    assert all_nearest("7.4", known, 3, likeness=1) == ["7.4"]
    assert all_nearest("zzz", known, 3) == []


def test_the_question_names_the_nearest_word() -> None:
    assert did_you_mean("rediss", ["web", "redis"]) == "did you mean redis?"
    assert did_you_mean("x", ["web", "redis"]) == ""
