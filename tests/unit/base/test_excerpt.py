"""A line of a document below a message, with a caret at the place."""

from __future__ import annotations

import pytest

from nixfetch_docker.base.excerpt import excerpt, has_secret

DIGEST = f"sha256:{'0' * 64}"


@pytest.mark.parametrize(
    ("line", "column", "shown"),
    [
        pytest.param("a = b", 1, ["    a = b", "    ^"], id="first column"),
        pytest.param("a = b", 5, ["    a = b", "        ^"], id="last column"),
        pytest.param("a = b", 6, ["    a = b", "         ^"], id="behind the line"),
        pytest.param("a = b", 60, ["    a = b", "         ^"], id="far behind it"),
        pytest.param("  a = b", 3, ["    a = b", "    ^"], id="indented"),
        pytest.param("\ta =\tb", 6, ["    a = b", "        ^"], id="tabs"),
        pytest.param("a\tb", 1, ["    a b", "    ^"], id="a tab behind the place"),
        pytest.param("a = b  ", 3, ["    a = b", "      ^"], id="spaces at the end"),
        pytest.param("   ", 2, ["", "    ^"], id="spaces alone"),
        pytest.param("a = \x1b", 5, ["    a = \\x1b", "        ^"], id="control character"),
        pytest.param("\x1b = b", 5, ["    \\x1b = b", "           ^"], id="one before the place"),
        pytest.param("é = b", 5, ["    é = b", "        ^"], id="one column"),
        pytest.param("e\u0301 = b", 6, ["    e\u0301 = b", "        ^"], id="combining"),
        pytest.param("像 = b", 5, ["    像 = b", "         ^"], id="wide"),
        pytest.param("\uff21 = b", 5, ["    \uff21 = b", "         ^"], id="fullwidth"),
        pytest.param("\uff71 = b", 5, ["    \uff71 = b", "        ^"], id="halfwidth"),
    ],
)
def test_a_caret_stands_below_the_column(line: str, column: int, shown: list[str]) -> None:
    assert list(excerpt(line, column)) == shown


NUMBERS = "".join(f"{number:04}" for number in range(100))


@pytest.mark.parametrize(
    ("length", "column", "shown", "place"),
    [
        pytest.param(74, 1, NUMBERS[:74], 0, id="whole"),
        pytest.param(74, 74, NUMBERS[:74], 73, id="whole, at its end"),
        pytest.param(75, 1, f"{NUMBERS[:74]}…", 0, id="its beginning"),
        pytest.param(75, 51, f"{NUMBERS[:74]}…", 50, id="the last place of it"),
        pytest.param(75, 52, f"…{NUMBERS[1:75]}", 51, id="its end"),
        pytest.param(76, 52, f"…{NUMBERS[1:75]}…", 51, id="its middle"),
        pytest.param(200, 100, f"…{NUMBERS[49:123]}…", 51, id="the middle of a long one"),
        pytest.param(200, 300, f"…{NUMBERS[150:200]}", 51, id="behind a long one"),
    ],
)
def test_of_a_long_line_a_part_is_shown(length: int, column: int, shown: str, place: int) -> None:
    assert excerpt(NUMBERS[:length], column) == (f"    {shown}", f"    {' ' * place}^")


@pytest.mark.parametrize(
    ("line", "is_secret"),
    [
        pytest.param('image = "redis:7"', False, id="reference"),
        pytest.param(f'image = "redis@{DIGEST}"', False, id="digest"),
        pytest.param(f'image = "redis%40{DIGEST}"', False, id="escaped digest"),
        pytest.param('image = "ann@host/redis"', True, id="user"),
        pytest.param('image = "ann:password@host/redis"', True, id="login"),
        pytest.param('image = "ann%40host/redis"', True, id="escaped"),
        pytest.param('image = "ann%252540host/redis"', True, id="escaped three times"),
        pytest.param(f'image = "ann@host/redis@{DIGEST}"', True, id="login and digest"),
        pytest.param('x = "Bearer abcdefgh"', True, id="token"),
        pytest.param('x = "https://host/?signature=1"', True, id="presigned"),
        pytest.param("a" * 500, False, id="long"),
        pytest.param("a" * 501, True, id="too long to tell"),
    ],
)
def test_a_line_with_a_secret_is_not_shown(line: str, is_secret: bool) -> None:
    assert has_secret(line) == is_secret
    assert (excerpt(line, 3) == ()) == is_secret
