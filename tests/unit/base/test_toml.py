from __future__ import annotations

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st
from support.builders import read_or_refused

from nixfetch_docker.base import toml
from nixfetch_docker.base.table import Table
from nixfetch_docker.base.toml import InvalidDocument


def test_a_document_is_a_table() -> None:
    assert toml.parse("a = 1\n[b]\nc = true\n") == Table({"a": 1, "b": {"c": True}})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "[images.redis]\nimage = redis:7\n",
            "line 2, column 9: Invalid value; correct the TOML there",
            id="unquoted value",
        ),
        pytest.param(
            "[images.redis",
            "end of document: Expected ']' at the end of a table declaration; "
            "correct the TOML there",
            id="end of the document",
        ),
        pytest.param(
            '[images.redis]\nimage = "a"\n[images.redis]\nimage = "b"\n',
            "line 3, column 14: the table images.redis is there twice; "
            "write all of its keys below one header",
            id="table twice",
        ),
        pytest.param(
            "[images.redis]\n<<<<<<< HEAD\n",
            "line 2, column 1: Invalid statement; resolve the merge conflict in it",
            id="merge conflict",
        ),
        pytest.param(
            f"a = {'[' * 5000}", "its values are nested too deeply", id="nested too deeply"
        ),
    ],
)
def test_an_error_names_the_line_and_the_column(text: str, message: str) -> None:
    with pytest.raises(InvalidDocument) as caught:
        toml.parse(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"a = {'1' * 5000}", id="integer longer than Python converts"),
        pytest.param("a = 2021-02-30", id="date that is none"),
        pytest.param("a = 'x\n", id="open string"),
        pytest.param("a = 1\na = 2", id="key twice"),
        pytest.param("a = 1\x00", id="control character"),
    ],
)
def test_no_document_breaks_the_reader(text: str) -> None:
    with pytest.raises(InvalidDocument):
        toml.parse(text)


@given(st.text())
def test_any_text_is_a_table_or_refused_in_one_line(text: str) -> None:
    document = read_or_refused(toml.parse, text)
    assert document is None or document.values == tomli.loads(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "a = 1\na = 2\n",
            "line 2, column 6: this is the second value of its name; remove one of the two",
            id="a value twice",
        ),
        pytest.param(
            '["a (at b"]\nx=1\n["a (at b"]\n',
            'line 3, column 11: the table "a (at b" is there twice; '
            "write all of its keys below one header",
            id="a key that looks like a place",
        ),
    ],
)
def test_a_name_twice_is_an_error_at_its_place(text: str, message: str) -> None:
    with pytest.raises(InvalidDocument) as caught:
        toml.parse(text)
    assert str(caught.value) == message
    assert not caught.value.is_conflict


def test_a_conflict_is_known_as_one() -> None:
    with pytest.raises(InvalidDocument) as caught:
        toml.parse("<<<<<<< a\nb = 1\n")
    assert caught.value.is_conflict
    assert caught.value.hint == "resolve the merge conflict in it"


def test_a_number_without_end_is_an_error() -> None:
    with pytest.raises(InvalidDocument, match=r"^it has a value that cannot be read \("):
        toml.parse(f"a = {'9' * 5000}")


KEYS = [
    pytest.param("web", "web", id="bare"),
    pytest.param('"a b"', "a b", id="space"),
    pytest.param("'a.b'", "a.b", id="dot"),
    pytest.param('"a]b"', "a]b", id="bracket"),
    pytest.param('"[a"', "[a", id="opening bracket"),
    pytest.param('"a#b"', "a#b", id="number sign"),
    pytest.param("\"a, 'b'\"", "a, 'b'", id="both quotation marks"),
    pytest.param("'a\\\"b'", 'a\\"b', id="backslash"),
    pytest.param('"\\u0041\\tb"', "A\tb", id="escapes"),
    pytest.param("\"('a',) twice\"", "('a',) twice", id="like what tomli says"),
    pytest.param('""', "", id="empty"),
    pytest.param('"🐋"', "🐋", id="whale"),
]


@pytest.mark.parametrize(("written", "name"), KEYS)
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[x.{0}]\n[x.{0}]\n", id="header"),
        pytest.param("[x]\n{0} = {{}}\n[x.{0}]", id="behind an inline table"),
        pytest.param("[x.{0}]\n[x]\n{0}.a = 1", id="dotted key"),
    ],
)
def test_a_second_table_is_named_as_it_is_meant(text: str, written: str, name: str) -> None:
    with pytest.raises(InvalidDocument) as caught:
        toml.parse(text.format(written))
    assert caught.value.second == ("x", name)
    assert caught.value.what == f"the table {Table({}, 'x').where(name)} is there twice"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        pytest.param("a.b = {}\na.b.c = 1", "Cannot mutate immutable namespace a.b", id="inline"),
        pytest.param(
            "'a b' = []\n[['a b']]", 'Cannot mutate immutable namespace "a b"', id="array"
        ),
        pytest.param("a = 1\na = 2", "this is the second value of its name", id="value"),
        pytest.param("a = Cannot", "Invalid value", id="another fault"),
    ],
)
def test_what_is_no_table_is_no_second_one(text: str, what: str) -> None:
    with pytest.raises(InvalidDocument) as caught:
        toml.parse(text)
    assert (caught.value.what, caught.value.second) == (what, ())
    assert caught.value.is_second_value == (what == "this is the second value of its name")
