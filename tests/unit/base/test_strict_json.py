from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.builders import read_or_refused

from nixfetch_docker.base.strict_json import parse, parse_table
from nixfetch_docker.base.table import InvalidField
from nixfetch_docker.errors import NixfetchError

VALUES = st.recursive(
    st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(VALUES)
def test_json_is_read_back(value: object) -> None:
    assert parse(json.dumps(value)) == value


@given(st.binary())
def test_any_bytes_are_read_or_refused_in_one_line(data: bytes) -> None:
    read_or_refused(parse, data)


def test_a_null_counts_as_absent() -> None:
    assert parse('{"a": null, "b": [null, {"c": null}]}') == {"b": [None, {}]}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"\xff", "byte 0 is not UTF-8", id="not UTF-8"),
        pytest.param(b'{"a": secret}', "line 1, column 7: this is not JSON", id="not JSON"),
        pytest.param(b"[" * 9999, "its values are nested too deeply", id="deep"),
        pytest.param(b"1" * 9999, "it has a number that cannot be read", id="long number"),
        pytest.param(
            b'{"a": [{"b.c": 1, "d": 2, "b.c": 3}]}',
            'a[0]."b.c": this key is there twice; remove one of the two',
            id="duplicate key",
        ),
        pytest.param(
            b'{"a": 1, "a": null}', "a: this key is there twice; remove one of the two", id="null"
        ),
    ],
)
def test_ambiguous_or_broken_json_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(NixfetchError) as caught:
        parse(data)
    assert str(caught.value) == message


def test_duplicates_in_an_object_that_is_not_read_may_be_allowed() -> None:
    table = parse_table(
        b'{"mine": {"a": 1}, "theirs": {"b": 1, "b": 2}}', allow_duplicates_in_unread=True
    )
    assert table.table("mine").require("a", int) == 1
    with pytest.raises(NixfetchError) as caught:
        table.table("theirs")
    assert str(caught.value) == "theirs.b: this key is there twice; remove one of the two"


def test_a_value_that_is_not_an_object_is_named() -> None:
    with pytest.raises(NixfetchError) as caught:
        parse_table(b"[]", "--registries")
    assert str(caught.value) == "--registries: expected a table, found an array"


def test_text_and_bytes_have_the_same_value() -> None:
    assert parse('{"a": "é"}') == parse('{"a": "é"}'.encode())


def test_a_table_refuses_duplicates_that_are_not_read_unless_they_are_allowed() -> None:
    text = '{"a": {"b": 1, "b": 2}}'
    with pytest.raises(InvalidField, match=r"^a\.b: this key is there twice"):
        parse_table(text)
    assert "a" in parse_table(text, allow_duplicates_in_unread=True)


def test_other_encodings_than_utf_8_are_refused() -> None:
    with pytest.raises(NixfetchError, match=r"^byte 0 is not UTF-8$"):
        parse('{"a": 1}'.encode("utf-16"))


def test_a_place_in_an_array_begins_with_its_position() -> None:
    with pytest.raises(InvalidField, match=r"^\[0\]\.a: this key is there twice"):
        parse('[{"a": 1, "a": 2}]')
