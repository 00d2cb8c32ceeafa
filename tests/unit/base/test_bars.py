from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixfetch_docker.base.bars import MIXED, Part, Segment, bar, scale_of, segments, texts, usable


def parts(*found: tuple[str, int]) -> list[Part]:
    return [Part(sign=sign, size=size) for sign, size in found]


@pytest.mark.parametrize(
    ("found", "drawn"),
    [
        pytest.param([], "", id="none"),
        pytest.param([("A", 20)], "AAAAAAA 20 B AAAAAAA", id="one"),
        pytest.param([("A", 10), (".", 10)], "AA 10 B AA.. 10 B ..", id="two"),
        pytest.param([("A", 4), (".", 4)], "AAAA....", id="no room for a size"),
        pytest.param([(".", 5), (".", 5)], ".....|.....", id="neighbours of one sign stand apart"),
        pytest.param([(".", 1), (".", 1), (".", 9)], "..|.. 9 B ..", id="narrow ones are one"),
        pytest.param([("A", 0), ("B", 0), ("A", 9)], "ABAA 9 B AA", id="each has a column"),
        pytest.param([("A", 20), (".", 1)], "AAAAAAA 20 B AAAAAA.", id="the widest gives columns"),
        pytest.param(
            [("A", 10), *[("B", 0), ("C", 0)] * 10, (".", 10)],
            f"AA 10 B A{MIXED}.. 10 B ..",
            id="many small ones",
        ),
    ],
)
def test_a_bar(found: list[tuple[str, int]], drawn: str) -> None:
    assert bar(parts(*found), scale=1, columns=20) == drawn


@given(
    st.lists(st.tuples(st.sampled_from("AB."), st.integers(0, 10**9)), max_size=40),
    st.integers(1, 60),
    st.integers(1, 10**8),
)
def test_every_byte_is_in_a_segment_and_the_columns_suffice(
    found: list[tuple[str, int]], columns: int, scale: int
) -> None:
    made = segments(parts(*found), scale=scale, columns=columns)
    assert sum(one.size for one in made) == sum(size for _, size in found)
    assert all(one.columns == len(one.text()) == len(one.text(" ")) >= 1 for one in made)
    assert sum(len(text) for _, text in texts(made)) <= columns
    assert {one.sign for one in made} <= {*"AB.", MIXED}


def test_a_bar_of_very_many_parts_takes_no_long_time() -> None:
    many = [("AB."[number % 3], number % 7) for number in range(30_000)]
    assert len(bar(parts(*many), scale=1, columns=200)) <= 200


def test_a_fill_keeps_the_sign_at_the_start() -> None:
    assert Segment(sign="A", size=12_000_000, columns=15).text(" ") == "A   12.0 MB    "
    assert Segment(sign="A", size=12_000_000, columns=3).text(" ") == "A  "


@pytest.mark.parametrize(("columns", "used"), [(0, 1), (1, 1), (40, 40), (999_999_999, 200)])
def test_the_columns_to_draw_into(columns: int, used: int) -> None:
    assert usable(columns) == used


def test_the_largest_whole_has_all_columns() -> None:
    assert scale_of([100, 400], 40) == 10
    assert scale_of([], 40) == 0
    assert bar(parts(("A", 0)), scale=scale_of([0], 40), columns=40) == "A"


@pytest.mark.parametrize(
    ("found", "scale", "columns", "drawn"),
    [
        pytest.param([("A", 2), ("A", 2)], 1, 20, "AA|AA", id="two columns are not narrow"),
        pytest.param([("A", 15), ("A", 15)], 10, 20, "AAA", id="by the columns, not the bytes"),
        pytest.param([("A", 3)], 0.5, 20, "AAAAAA", id="less than a byte a column"),
        pytest.param([("A", 1), ("B", 1)], 1, 2, "AB", id="just room enough"),
        pytest.param([("A", 9), ("B", 9)], 1, 1, MIXED, id="a column for both"),
        pytest.param([("B", 1), ("B", 2), ("B", 1)], 1, 4, "BBBB", id="small ones join by and by"),
    ],
)
def test_a_bar_to_a_scale(
    found: list[tuple[str, int]], scale: float, columns: int, drawn: str
) -> None:
    assert bar(parts(*found), scale=scale, columns=columns) == drawn


def test_a_size_stands_where_a_sign_has_room_on_both_sides() -> None:
    assert Segment(sign="A", size=7, columns=7).text() == "A 7 B A"
    assert Segment(sign="A", size=7, columns=6).text() == "AAAAAA"


def test_the_texts_of_a_bar_tell_what_each_is_of() -> None:
    found = segments(parts(("A", 4), ("A", 4), ("B", 4)), scale=1, columns=20)
    assert texts(found, "-") == [("A", "A---"), ("", "|"), ("A", "A---"), ("B", "B---")]
