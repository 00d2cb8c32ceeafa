from __future__ import annotations

import pytest

from nixfetch_docker.base.nearest import all_nearest, did_you_mean, nearest, with_question


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


def test_an_error_may_end_in_the_question() -> None:
    assert with_question("no rediss", "rediss", ["redis"]) == "no rediss; did you mean redis?"
    assert with_question("no x", "x", ["redis"]) == "no x"


def test_so_many_words_are_found_as_are_asked_for() -> None:
    known = [f"7.4{digit}" for digit in range(5)]
    assert [len(all_nearest("7.4", known, number)) for number in (1, 2, 4, 9)] == [1, 2, 4, 5]


def test_the_likeness_is_the_one_that_is_asked_for() -> None:
    assert nearest("7.4", ["7.45"], likeness=0.8) == "7.45"
    assert nearest("7.4", ["7.45"], likeness=0.9) is None


def test_the_first_thousand_words_are_looked_at() -> None:
    others = [str(number) for number in range(10_000, 11_000)]
    assert nearest("update", [*others[1:], "update"]) == "update"
    assert nearest("update", [*others, "update"]) is None
