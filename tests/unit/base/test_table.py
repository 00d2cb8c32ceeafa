from __future__ import annotations

import datetime
from typing import Any

import pytest

from nixfetch_docker.base.table import InvalidField, Table
from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.oci.digest import Digest, InvalidDigest
from nixfetch_docker.oci.platform import Platform

TABLE = Table(
    {
        "name": "redis",
        "size": 7,
        "flag": True,
        "names": ["a", "b"],
        "inner": {"x": 1},
        "rows": [{"x": 1}, {"x": 2}],
    },
    "images.redis",
)


def test_values_are_read_by_their_types() -> None:
    assert TABLE.get("name", str) == "redis"
    assert TABLE.get("flag", bool) is True
    assert TABLE.require("size", int) == 7
    assert TABLE.size("size") == 7
    assert TABLE.strings("names") == ["a", "b"]
    assert TABLE.table("inner") == Table({"x": 1}, "images.redis.inner")
    assert TABLE.tables("rows") == [
        Table({"x": 1}, "images.redis.rows[0]"),
        Table({"x": 2}, "images.redis.rows[1]"),
    ]
    assert "name" in TABLE


def test_a_missing_value_is_none_or_empty() -> None:
    assert TABLE.get("other", str) is None
    assert TABLE.strings("other") is None
    assert TABLE.table_or_empty("other") == Table({}, "images.redis.other")
    assert TABLE.tables_or_empty("other") == []
    assert "other" not in TABLE


@pytest.mark.parametrize(
    ("key", "path"),
    [
        pytest.param("name", "images.redis.name", id="letters"),
        pytest.param("media-type_2", "images.redis.media-type_2", id="hyphen, underscore, digit"),
        pytest.param("linux/amd64", 'images.redis."linux/amd64"', id="slash"),
        pytest.param("docker.io", 'images.redis."docker.io"', id="dot"),
        pytest.param("", 'images.redis.""', id="empty"),
        pytest.param("é", 'images.redis."é"', id="letter that is not ASCII"),
        pytest.param('a"b', r'images.redis."a\"b"', id="quote"),
        pytest.param("a\nb", r'images.redis."a\nb"', id="newline"),
    ],
)
def test_a_path_quotes_a_key_as_toml_does(key: str, path: str) -> None:
    assert TABLE.where(key) == path


def test_the_path_of_a_documents_key_is_the_key() -> None:
    assert Table({}).where("version") == "version"


@pytest.mark.parametrize(
    ("value", "found"),
    [
        pytest.param(7, "an integer", id="integer"),
        pytest.param(True, "true or false", id="boolean"),
        pytest.param(["a"], "an array", id="array"),
        pytest.param({"a": 1}, "a table", id="table"),
    ],
)
def test_a_wrong_type_is_refused_in_toml_words(value: object, found: str) -> None:
    with pytest.raises(InvalidField) as caught:
        Table({"name": value}, "images").get("name", str)
    assert str(caught.value) == f"images.name: expected a string, found {found}"


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        pytest.param(int, "7", "x: expected an integer, found a string", id="string as integer"),
        pytest.param(
            int, True, "x: expected an integer, found true or false", id="bool as integer"
        ),
        pytest.param(bool, 1, "x: expected true or false, found an integer", id="integer as bool"),
    ],
)
def test_types_are_never_converted(kind: type[Any], value: object, message: str) -> None:
    with pytest.raises(InvalidField) as caught:
        Table({"x": value}).require("x", kind)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("table", "place"),
    [
        pytest.param(Table({}, "images.redis"), "images.redis", id="table"),
        pytest.param(Table({}), "the document", id="document"),
    ],
)
def test_a_missing_value_is_named_with_its_table(table: Table, place: str) -> None:
    with pytest.raises(InvalidField) as caught:
        table.require("image", str, hint="write one")
    assert str(caught.value) == f"{place}: 'image' is missing; write one"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        pytest.param(-1, "x: -1 is negative", id="negative"),
        pytest.param("1", "x: expected an integer, found a string", id="string"),
        pytest.param(False, "x: expected an integer, found true or false", id="boolean"),
    ],
)
def test_a_size_is_a_natural_number(value: object, message: str) -> None:
    with pytest.raises(InvalidField) as caught:
        Table({"x": value}).size("x")
    assert str(caught.value) == message


@pytest.mark.parametrize("value", [1.5, None], ids=["fraction", "null"])
def test_a_size_is_neither_a_fraction_nor_null(value: object) -> None:
    with pytest.raises(InvalidField):
        Table({"x": value}).size("x")


def test_an_item_of_an_array_is_named_by_its_position() -> None:
    with pytest.raises(InvalidField) as caught:
        Table({"names": ["a", 2]}, "defaults").strings("names")
    assert str(caught.value) == "defaults.names[1]: expected a string, found an integer"
    with pytest.raises(InvalidField) as caught:
        Table({"layers": [{}, "x"]}).tables("layers")
    assert str(caught.value) == "layers[1]: expected a table, found a string"


def test_a_string_is_not_an_array() -> None:
    with pytest.raises(InvalidField) as caught:
        Table({"platforms": "linux/amd64"}).strings("platforms")
    assert str(caught.value) == "platforms: expected an array, found a string"


def test_a_whole_document_may_be_of_the_wrong_type() -> None:
    with pytest.raises(InvalidField) as caught:
        Table.of(["a"])
    assert str(caught.value) == "the document: expected a table, found an array"


def test_a_parsed_value_is_what_the_parser_makes_of_it() -> None:
    table = Table({"digest": str(Digest.of(b""))})
    assert table.parse("digest", Digest.parse) == Digest.of(b"")


def test_a_parsers_error_gets_its_place() -> None:
    with pytest.raises(InvalidDigest) as caught:
        Table({"digest": "md5:0"}, "images.redis").parse("digest", Digest.parse)
    assert str(caught.value) == (
        "images.redis.digest: 'md5:0' is not a digest; "
        "a digest is sha256:… or sha512:…, in hexadecimal"
    )


def test_subtables_come_in_order_under_their_parsed_keys() -> None:
    table = Table({"linux/x86_64": {"a": 1}, "linux/arm64": {}}, "p")
    assert list(table.subtables(Platform.parse)) == [
        (Platform.parse("linux/amd64"), Table({"a": 1}, 'p."linux/x86_64"')),
        (Platform.parse("linux/arm64"), Table({}, 'p."linux/arm64"')),
    ]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        pytest.param(
            {"linux": {}},
            "p.linux: 'linux' is not a platform; write it as linux/amd64 or linux/arm/v7",
            id="key",
        ),
        pytest.param(
            {"linux/amd64": 1}, 'p."linux/amd64": expected a table, found an integer', id="value"
        ),
    ],
)
def test_a_bad_subtable_is_named(values: dict[str, object], message: str) -> None:
    with pytest.raises(NixfetchError) as caught:
        list(Table(values, "p").subtables(Platform.parse))
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("key", "message"),
    [
        pytest.param("imgae", "t.imgae: unknown key; did you mean 'image'?", id="misspelt"),
        pytest.param("x", "t.x: unknown key; known are image, platforms", id="like none"),
    ],
)
def test_an_unknown_key_is_refused_with_a_suggestion(key: str, message: str) -> None:
    with pytest.raises(InvalidField) as caught:
        Table({"image": "redis", key: 1}, "t").only("image", "platforms")
    assert str(caught.value) == message


def test_known_keys_pass() -> None:
    Table({"image": "redis"}).only("image", "platforms")


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (-1, "-1 is negative"),
        (2**63, "it is more than 2"),
        (10**400, "it is more than"),
    ],
)
def test_a_size_fits_into_64_bits(value: int, what: str) -> None:
    with pytest.raises(InvalidField, match=f"layer.size: {what}"):
        Table({"size": value}, "layer").size("size")
    assert Table({"size": 2**63 - 1}, "layer").size("size") == 2**63 - 1


@pytest.mark.parametrize(
    "document",
    [
        pytest.param({"k" * 100_000: 1}, id="one key"),
        pytest.param({"k" * 100_000: {"a": 1}}, id="a key inside"),
        pytest.param({"\u2028\x1b[31m\u202e": 1}, id="characters that nobody sees"),
    ],
)
def test_a_message_about_a_foreign_key_is_one_short_line(document: dict[str, object]) -> None:
    with pytest.raises(InvalidField) as caught:
        Table(document).only("a")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 600


def test_a_path_of_many_keys_keeps_its_ends() -> None:
    table = Table({}, "first")
    for _ in range(500):
        table = Table({}, table.where("inner"))
    where = table.where("last")
    assert len(where) <= 401
    assert where.startswith("first.inner.")
    assert where.endswith(".inner.last")
    assert "…" in where


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (datetime.date(2026, 1, 2), "a date"),
        (1.5, "a number"),
        (None, "null"),
        (True, "true or false"),
        ([], "an array"),
    ],
)
def test_a_value_of_another_type_is_named(value: object, found: str) -> None:
    with pytest.raises(InvalidField, match=rf"^a: expected a string, found {found}$"):
        Table({"a": value}).require("a", str)


def test_a_missing_value_has_the_hint_that_is_given() -> None:
    with pytest.raises(InvalidField) as caught:
        Table({}, "images.web").parse("image", str, hint="write one")
    assert str(caught.value) == "images.web: 'image' is missing; write one"
    with pytest.raises(InvalidField) as caught:
        Table({}, "images.web").require("image", str)
    assert str(caught.value) == "images.web: 'image' is missing"


@pytest.mark.parametrize(
    ("size", "message"),
    [
        (-1, "size: -1 is negative"),
        (2**63, r"size: it is more than 2\^63 - 1 bytes"),
    ],
)
def test_a_size_has_bounds(size: int, message: str) -> None:
    with pytest.raises(InvalidField, match=rf"^{message}$"):
        Table({"size": size}).size("size")
    assert [Table({"size": one}).size("size") for one in (0, 1, 2**63 - 1)] == [0, 1, 2**63 - 1]


def test_what_is_missing_is_named() -> None:
    table = Table({"a": "x", "b": {"c": [{"d": 1}]}}, "p")
    for read in (table.table, table.tables):
        with pytest.raises(InvalidField) as caught:
            read("z")
        assert str(caught.value) == "p: 'z' is missing"
    with pytest.raises(InvalidField) as caught:
        Table({}).parse("z", str)
    assert str(caught.value) == "the document: 'z' is missing"
    with pytest.raises(InvalidField) as caught:
        table.tables("a")
    assert str(caught.value) == "p.a: expected an array, found a string"


def test_a_table_that_may_be_missing_is_read_where_it_is_there() -> None:
    table = Table({"b": {"c": [{"d": 1}]}}, "p")
    assert table.table_or_empty("b") == Table({"c": [{"d": 1}]}, "p.b")
    assert table.table_or_empty("z") == Table({}, "p.z")
    assert table.table("b").tables_or_empty("c") == [Table({"d": 1}, "p.b.c[0]")]
    assert table.tables_or_empty("z") == []


@pytest.mark.parametrize(("length", "shown"), [(400, 400), (401, 401), (1000, 401)])
def test_a_long_path_keeps_both_ends(length: int, shown: int) -> None:
    key = "k" * (length // 2) + "e" * (length - length // 2)
    where = Table({}).where(key)
    assert len(where) == shown
    assert where == (key if length == 400 else f"{'k' * 200}…{'e' * 200}")
