from __future__ import annotations

import pytest

from nixfetch_docker.base import units


@pytest.mark.parametrize(
    ("number", "text"),
    [
        pytest.param(0, "0 B", id="nothing"),
        pytest.param(999, "999 B", id="largest in bytes"),
        pytest.param(1000, "1.0 kB", id="smallest in kilobytes"),
        pytest.param(3_642_247, "3.6 MB", id="layer"),
        pytest.param(999_949, "999.9 kB", id="largest in kilobytes"),
        pytest.param(999_950, "1.0 MB", id="rounded up to the next unit"),
        pytest.param(1_500_000_000, "1.5 GB", id="gigabytes"),
        pytest.param(999_949_999_999, "999.9 GB", id="largest in gigabytes"),
        pytest.param(2 * 10**12, "2.0 TB", id="terabytes"),
        pytest.param(10**16, "10000.0 TB", id="beyond the last unit"),
    ],
)
def test_sizes_are_decimal_with_at_most_four_digits(number: int, text: str) -> None:
    assert units.size(number) == text


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 layers"), (1, "1 layer"), (2, "2 layers")], ids=str
)
def test_a_count_has_its_noun_in_the_singular_or_plural(number: int, text: str) -> None:
    assert units.count(number, "layer") == text


@pytest.mark.parametrize(
    ("done", "whole", "text"),
    [
        pytest.param(300, 500, "300/500 B", id="bytes"),
        pytest.param(0, 0, "0/0 B", id="nothing"),
        pytest.param(999, 999, "999/999 B", id="most bytes"),
        pytest.param(500, 1000, "0.5/1.0 kB", id="fewest kilobytes"),
        pytest.param(999, 28_100_000, "0.0/28.1 MB", id="nearly none"),
        pytest.param(12_100_000, 28_100_000, "12.1/28.1 MB", id="some"),
        pytest.param(28_100_000, 28_100_000, "28.1/28.1 MB", id="all"),
    ],
)
def test_a_part_is_in_the_unit_of_the_whole(done: int, whole: int, text: str) -> None:
    assert units.part(done, whole) == text


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ("", ""),
        ("a", "a"),
        ("abc", "a, b, c"),
        ("abcd", "a, b, c and 1 more"),
        ("abcdefghij", "a, b, c and 7 more"),
    ],
)
def test_of_many_names_the_first_are_told_and_how_many_more(names: str, text: str) -> None:
    assert units.first(list(names), 3) == text
