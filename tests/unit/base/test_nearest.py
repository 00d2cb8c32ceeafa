from __future__ import annotations

import pytest

from nixfetch_docker.base.nearest import did_you_mean, nearest


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


def test_the_question_names_the_nearest_word() -> None:
    assert did_you_mean("rediss", ["web", "redis"]) == "did you mean redis?"
    assert did_you_mean("x", ["web", "redis"]) == ""
