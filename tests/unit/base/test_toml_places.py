"""The lines and columns of keys and values by their paths."""

from __future__ import annotations

import pytest

from nixfetch_docker.base.table import Path
from nixfetch_docker.base.toml_places import Places

TEXT = """x = 1
[a]
b = 2
  c.d = "v" # c
"e f" = 3

[ g . h ]
i = { j = 4, "k" = 5 }
[a.l]
m = ["n", 'o',
  # comment, with commas
  [1, [2]], { p = 6 }, "q",
]
[[r]]
s = 7
[a.c.t]
"""


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        pytest.param(("x",), (1, 1), (1, 5), id="first line"),
        pytest.param(("a", "b"), (3, 1), (3, 5), id="key"),
        pytest.param(("a", "c", "d"), (4, 3), (4, 9), id="dotted key"),
        pytest.param(("a", "c"), (4, 3), (4, 3), id="table of a dotted key"),
        pytest.param(("a", "e f"), (5, 1), (5, 9), id="quoted key"),
        pytest.param(("a",), (2, 1), (2, 1), id="header"),
        pytest.param(("g",), (7, 1), (7, 1), id="table of a header"),
        pytest.param(("g", "h", "i"), (8, 1), (8, 5), id="inline table"),
        pytest.param(("g", "h", "i", "j"), (8, 7), (8, 11), id="first key in it"),
        pytest.param(("g", "h", "i", "k"), (8, 14), (8, 20), id="second key in it"),
        pytest.param(("a", "l", "m"), (10, 1), (10, 5), id="array"),
        pytest.param(("a", "l", "m", 0), (10, 1), (10, 6), id="first item"),
        pytest.param(("a", "l", "m", 1), (10, 1), (10, 11), id="second item"),
        pytest.param(("a", "l", "m", 2), (10, 1), (12, 3), id="item in another line"),
        pytest.param(("a", "l", "m", 3), (10, 1), (12, 13), id="item behind arrays"),
        pytest.param(("a", "l", "m", 3, "p"), (10, 1), (12, 13), id="key in an item"),
        pytest.param(("a", "l", "m", 4), (10, 1), (12, 24), id="item behind a table"),
        pytest.param(("a", "l", "m", 5), (10, 1), (10, 5), id="item that is not there"),
        pytest.param(("r", 0, "s"), (14, 1), (14, 1), id="array of tables"),
        pytest.param(("a", "b", "z"), (3, 1), (3, 5), id="below a value"),
        pytest.param(("a", "z"), (2, 1), (2, 1), id="key that is not there"),
        pytest.param(("z", "b"), (1, 1), (1, 1), id="table that is not there"),
        pytest.param((), (1, 1), (1, 1), id="document"),
    ],
)
def test_a_path_has_a_line_and_a_column(
    path: Path, key: tuple[int, int], value: tuple[int, int]
) -> None:
    places = Places(TEXT)
    assert places.find(path, is_of_key=True) == key
    assert places.find(path, is_of_key=False) == value


def test_a_line_break_that_begins_the_document_counts() -> None:
    places = Places("\nx = 1\n")
    assert places.find(("x",), is_of_key=True) == (2, 1)
    assert places.find(("z",), is_of_key=True) == (1, 1)
    assert places.find((), is_of_key=True) == (1, 1)


@pytest.mark.parametrize(
    ("path", "written"),
    [
        pytest.param(("x",), "x", id="bare"),
        pytest.param(("a", "c", "d"), "c.d", id="dotted"),
        pytest.param(("a", "e f"), '"e f"', id="quoted"),
        pytest.param(("g", "h", "i", "k"), '"k"', id="in quotation marks that it does not need"),
        pytest.param(("a", "c"), "c", id="part of a dotted key"),
        pytest.param(("a", "l"), "l", id="header"),
        pytest.param(("a", "y z"), '"y z"', id="not there"),
        pytest.param(("a", "l", "m", 0), "", id="item"),
        pytest.param((), "", id="document"),
    ],
)
def test_a_key_is_written_as_the_document_has_it(path: Path, written: str) -> None:
    assert Places(TEXT).key(path) == written


def test_an_equals_sign_in_a_key_is_a_part_of_it() -> None:
    assert Places('"a=b" = "c=d"\n').key(("a=b",)) == '"a=b"'


@pytest.mark.parametrize(
    ("path", "header"),
    [
        pytest.param(("a",), "[a]", id="table"),
        pytest.param(("g",), "[ g . h ]", id="table around a table"),
        pytest.param(("r",), "[[r]]", id="array of tables"),
        pytest.param(("a", "b"), "", id="key"),
        pytest.param(("a", "c"), "", id="named by a dotted key first"),
        pytest.param(("z",), "", id="not there"),
    ],
)
def test_a_table_has_a_header(path: Path, header: str) -> None:
    assert Places(TEXT).header(path) == header


def test_other_headers_come_in_their_places() -> None:
    text = "[a]\nx = 1\n  [b.c] # d\n[[e]]\n"
    headers: dict[Path, str] = {
        ("e",): "[longer.than.before]",
        ("a",): "[another]",
        ("b", "c"): "[f]",
    }
    assert Places(text).with_headers(headers) == (
        "[another]\nx = 1\n  [f] # d\n[longer.than.before]\n"
    )
    assert Places(text).with_headers({}) == text


def test_two_paths_of_one_header_change_it_once() -> None:
    assert Places("[a.b]\n").with_headers({("a",): "[c]", ("a", "b"): "[c]"}) == "[c]\n"
