from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.builders import read_or_refused

from nixfetch_docker.base.strict_json import Shape, as_struct, parse, parse_table
from nixfetch_docker.base.table import InvalidField, Table
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
        pytest.param(b"[" * 99_999, "its values are nested too deeply", id="deep"),
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


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param('{"a": {"x": 1, "x": 2}, "b": {"c": {}}}', "a.x", id="first of two"),
        pytest.param('{"b": {"c": {}}, "a": {"x": 1, "x": 2}}', "a.x", id="second of two"),
        pytest.param('{"a": {"b": {"c": 1, "c": 2}}}', "a.b.c", id="deep"),
        pytest.param('{"a": [[{"c": 1}], [{"c": 1, "c": 2}]]}', "a[1][0].c", id="in arrays"),
        pytest.param('{"a": null, "a": null}', "a", id="null twice"),
        pytest.param('{"b": 1, "a": null, "c": 2, "a": 1, "b": 2}', "a", id="two keys twice"),
    ],
)
def test_a_duplicate_key_is_named_with_its_place(text: str, place: str) -> None:
    with pytest.raises(InvalidField) as caught:
        parse(text)
    assert str(caught.value) == f"{place}: this key is there twice; remove one of the two"


# As Go has it: a struct with a struct, and with an array of structs that have one.
SHAPE: Shape = {"config": {}, "layers": {"platform": {}}}


@pytest.mark.parametrize(
    ("text", "place", "other"),
    [
        pytest.param('{"layers": [], "Layers": []}', "Layers", "layers", id="in the struct"),
        pytest.param('{"Layers": null, "layers": []}', "Layers", "layers", id="a null"),
        pytest.param('{"size": 1, "SIZE": 1}', "SIZE", "size", id="a key without a shape"),
        pytest.param('[{}, {"a": 1, "A": 1}]', "[1].A", "a", id="array of structs"),
        pytest.param('{"config": {"a": 1, "A": 1}}', "config.A", "a", id="in a struct inside"),
        pytest.param('{"config": {"a/b": 1, "A/b": 1}}', 'config."A/b"', "a/b", id="quoted"),
        pytest.param('{"layers": [{}, {"a": 1, "A": 1}]}', "layers[1].A", "a", id="in an array"),
        pytest.param(
            '{"layers": [{"platform": {"os": "", "oS": ""}}]}',
            "layers[0].platform.oS",
            "os",
            id="deep",
        ),
        pytest.param(
            '{"LAYERS": [{"Platform": {"os": "", "o\u017f": ""}}]}',
            'layers[0].platform."o\u017f"',
            "os",
            id="by way of keys in another case",
        ),
    ],
)
def test_keys_of_a_struct_that_go_takes_for_one_are_refused(
    text: str, place: str, other: str
) -> None:
    for read in (parse, parse_table) if text[0] == "{" else (parse,):
        assert read(text)
        with pytest.raises(InvalidField) as caught:
            read(text, shape=SHAPE)
        assert str(caught.value) == (
            f"{place}: container engines take this key and '{other}' for the same one; "
            "remove one of the two"
        )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"config": {"Labels": {"a": 1, "A": 2}}}', id="in a map"),
        pytest.param('{"layers": [[{"a": 1, "A": 2}]]}', id="in an array of arrays"),
        pytest.param('{"config": [7, {}], "layers": 7}', id="other types"),
        pytest.param("7", id="no struct"),
    ],
)
def test_keys_that_go_tells_apart_stay(text: str) -> None:
    assert parse(text, shape=SHAPE) == json.loads(text)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param('{"Config": {"size": 1}}', "Config", id="outside"),
        pytest.param('{"config": {"Size": 1}}', "config.Size", id="inside"),
    ],
)
def test_a_key_of_a_struct_in_another_case_is_not_passed_by(text: str, place: str) -> None:
    def read(table: Table) -> int | None:
        return table.table_or_empty("config").get("size", int)

    key = place.rpartition(".")[2].lower()
    with pytest.raises(InvalidField) as caught:
        read(parse_table(text, shape=SHAPE))
    assert str(caught.value) == (
        f"{place}: container engines take this key for '{key}'; write it as '{key}'"
    )
    assert read(parse_table(text)) is None


@pytest.mark.parametrize("text", ["{}", '{"Size": null}', '{"size": null}', '{"other": 1}'])
def test_a_key_of_a_struct_may_be_absent(text: str) -> None:
    assert parse_table(text, shape=SHAPE).get("size", int) is None


@pytest.mark.parametrize(
    ("text", "values"),
    [
        pytest.param('{"auths": 1, "x": 2}', {"auths": 1, "x": 2}, id="as it is"),
        pytest.param('{"AUTHS": 1, "X": 2}', {"auths": 1, "X": 2}, id="in another case"),
        pytest.param('{"Auths": null}', {}, id="null"),
        pytest.param('{"x": 1, "X": 2}', {"x": 1, "X": 2}, id="keys that are not of the struct"),
        pytest.param('{"a/B": 1}', {"A/b": 1}, id="a name in upper case"),
        pytest.param("{}", {}, id="empty"),
    ],
)
def test_a_struct_has_its_keys_in_any_case(text: str, values: dict[str, object]) -> None:
    assert as_struct(parse_table(text, "file"), "auths", "A/b") == Table(values, "file")


@pytest.mark.parametrize(
    ("text", "place", "other"),
    [
        pytest.param('{"auths": 1, "Auths": 2}', "file.Auths", "auths", id="two values"),
        pytest.param('{"AUTHS": 1, "Auths": 2}', "file.Auths", "AUTHS", id="both in another case"),
        pytest.param('{"auths": 1, "Auths": null}', "file.Auths", "auths", id="a null"),
        pytest.param('{"A/b": 1, "a/b": 1}', 'file."a/b"', "A/b", id="quoted"),
    ],
)
def test_two_keys_of_a_struct_for_one_name_are_refused(text: str, place: str, other: str) -> None:
    with pytest.raises(InvalidField) as caught:
        as_struct(parse_table(text, "file"), "auths", "A/b")
    assert str(caught.value) == (
        f"{place}: docker and podman take this key and '{other}' for the same one; "
        "remove one of the two"
    )


def test_a_table_that_no_json_was_is_a_struct_too() -> None:
    assert as_struct(Table({"AUTHS": 1}), "auths") == Table({"auths": 1})
