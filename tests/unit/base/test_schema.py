"""The shape of a document, and all faults of a value that is held against it."""

from __future__ import annotations

from typing import Any

import pytest
import tomli

from nixfetch_docker.base.schema import (
    Fault,
    Flag,
    Group,
    Items,
    Named,
    Shape,
    Text,
    Texts,
    WrittenFloat,
)
from nixfetch_docker.base.table import InvalidField, Path, Table


def lower(text: str) -> str:
    if text != text.lower():
        raise InvalidField(f"{text} is not lower", hint="write it so")
    return text


def no_pair(table: Table) -> None:
    """A reader of a table that may not have two of its keys at once."""
    if "ice" in table and "fire" in table:
        raise InvalidField("it has ice", hint="remove one").at(table.where("fire"))
    if "all" in table and "fire" in table:
        raise InvalidField("no fire")
    if "all" in table and "ice" in table:
        raise InvalidField("no ice").at("inner").at(table.path)


NAME = Text(lower, "it")
LIST = Texts(lower, "it")
GROUP = Group(
    keys={"name": NAME, "list": LIST, "flag": Flag(), "ice": Text(), "fire": Text(), "all": Flag()},
    main="name",
    reader=no_pair,
    alone=("flag",),
)


def faults(shape: Shape, toml: str, path: Path = ("at",)) -> list[tuple[Path, str, str]]:
    """The place, what is wrong and the remedy of each fault of a value in TOML."""
    value: Any = tomli.loads(f"x = {toml}", parse_float=WrittenFloat)["x"]
    found = []
    for fault in shape.faults(value, path):
        assert fault.path[: len(path)] == path
        inner = fault.path[len(path) :]
        key = "" if inner and isinstance(inner[-1], int) else "k"
        found.append((inner, fault.what, fault.remedy(key)))
    return found


def one(what: str, remedy: str, *place: str | int) -> list[tuple[Path, str, str]]:
    return [(place, what, remedy)]


NO_TEXT = "expected a string, found"
NO_LIST = "expected an array, found"
NO_FLAG = "expected true or false, found"
NO_TABLE = "expected a table, found"


@pytest.mark.parametrize(
    ("shape", "value", "expected"),
    [
        pytest.param(NAME, "'a'", [], id="string"),
        pytest.param(NAME, "'A'", one("A is not lower", "write it so"), id="refused string"),
        pytest.param(NAME, "7", one(f"{NO_TEXT} an integer", 'write k = "7"'), id="integer"),
        pytest.param(NAME, "7.10", one(f"{NO_TEXT} a number", 'write k = "7.10"'), id="number"),
        pytest.param(NAME, "1_0.5", one(f"{NO_TEXT} a number", 'write k = "1_0.5"'), id="digits"),
        pytest.param(
            NAME, "true", one(f"{NO_TEXT} true or false", 'write k = "it"'), id="flag for a string"
        ),
        pytest.param(NAME, "['a']", one(f"{NO_TEXT} an array", 'write k = "a"'), id="array of one"),
        pytest.param(
            NAME, "['A']", one(f"{NO_TEXT} an array", 'write k = "it"'), id="array of a wrong one"
        ),
        pytest.param(
            NAME, "['a', 'b']", one(f"{NO_TEXT} an array", 'write k = "it"'), id="array of two"
        ),
        pytest.param(NAME, "[]", one(f"{NO_TEXT} an array", 'write k = "it"'), id="empty array"),
        pytest.param(NAME, "[7]", one(f"{NO_TEXT} an array", 'write k = "it"'), id="array of 7"),
        pytest.param(NAME, "{b='a'}", one(f"{NO_TEXT} a table", 'write k = "a"'), id="table"),
        pytest.param(Text(lower), "['A']", one(f"{NO_TEXT} an array", ""), id="without an example"),
        pytest.param(Text(), "'A'", [], id="any string"),
        pytest.param(LIST, "['a', 'b']", [], id="strings"),
        pytest.param(LIST, "[]", [], id="no strings"),
        pytest.param(
            LIST,
            "['a', 'B', 'C']",
            [((1,), "B is not lower", "write it so"), ((2,), "C is not lower", "write it so")],
            id="refused strings",
        ),
        pytest.param(
            LIST,
            "['a', 7]",
            one(f"{NO_TEXT} an integer", 'write "7"', 1),
            id="another item",
        ),
        pytest.param(
            LIST, "[true]", one(f"{NO_TEXT} true or false", 'write "it"', 0), id="item without text"
        ),
        pytest.param(LIST, "'a'", one(f"{NO_LIST} a string", 'write k = ["a"]'), id="a string"),
        pytest.param(
            LIST,
            "'a,b;c d'",
            one(f"{NO_LIST} a string", 'write k = ["a", "b", "c", "d"]'),
            id="list",
        ),
        pytest.param(
            LIST, "'a, B'", one(f"{NO_LIST} a string", 'write k = ["it"]'), id="one is refused"
        ),
        pytest.param(LIST, "', '", one(f"{NO_LIST} a string", 'write k = ["it"]'), id="no item"),
        pytest.param(LIST, "7", one(f"{NO_LIST} an integer", 'write k = ["7"]'), id="an integer"),
        pytest.param(
            LIST, "false", one(f"{NO_LIST} true or false", 'write k = ["it"]'), id="flag for a list"
        ),
        pytest.param(
            Texts(lower), "'A'", one(f"{NO_LIST} a string", 'write k = ["A"]'), id="no example"
        ),
        pytest.param(Texts(), "false", one(f"{NO_LIST} true or false", ""), id="nothing to write"),
        pytest.param(Flag(), "true", [], id="flag"),
        pytest.param(
            Flag(), "'Yes'", one(f"{NO_FLAG} a string", "write k = true"), id="another word"
        ),
        pytest.param(Flag(), "0", one(f"{NO_FLAG} an integer", "write k = false"), id="zero"),
        pytest.param(Flag(), "'x'", one(f"{NO_FLAG} a string", ""), id="no word of a flag"),
        pytest.param(GROUP, "{name='a', list=['b'], flag=true}", [], id="table of the group"),
        pytest.param(GROUP, "{}", [], id="empty table"),
        pytest.param(
            GROUP, "'a'", one(f"{NO_TABLE} a string", 'write k = { name = "a" }'), id="main key"
        ),
        pytest.param(
            GROUP,
            "7",
            one(f"{NO_TABLE} an integer", 'write k = { name = "7" }'),
            id="number",
        ),
        pytest.param(GROUP, "'A'", one(f"{NO_TABLE} a string", ""), id="refused main key"),
        pytest.param(GROUP, "[]", one(f"{NO_TABLE} an array", ""), id="no main key"),
        pytest.param(Group(keys={}), "'a'", one(f"{NO_TABLE} a string", ""), id="no keys"),
        pytest.param(
            GROUP, "{nam='a'}", one("unknown key", "did you mean 'name'?", "nam"), id="misspelt key"
        ),
        pytest.param(
            GROUP,
            "{zzz=1}",
            one("unknown key", "known are name, list, flag, ice, fire, all", "zzz"),
            id="unknown key",
        ),
        pytest.param(
            GROUP,
            "{name=7, flag=1, list='a'}",
            [
                (("name",), f"{NO_TEXT} an integer", 'write k = "7"'),
                (("flag",), f"{NO_FLAG} an integer", "write k = true"),
                (("list",), f"{NO_LIST} a string", 'write k = ["a"]'),
            ],
            id="a fault in each key",
        ),
        pytest.param(
            GROUP, "{ice='', fire=''}", one("it has ice", "remove one", "fire"), id="two keys"
        ),
        pytest.param(
            GROUP, "{ice='', all=true}", one("inner: no ice", ""), id="an error of the table itself"
        ),
        pytest.param(GROUP, "{fire='', all=true}", one("no fire", ""), id="no place"),
        pytest.param(
            GROUP,
            "{ice='', fire='', flag=1}",
            [
                (("flag",), f"{NO_FLAG} an integer", "write k = true"),
                (("fire",), "it has ice", "remove one"),
            ],
            id="two keys, and one that stands alone is wrong",
        ),
        pytest.param(
            GROUP,
            "{ice='', fire='', flag=1, zzz=1}",
            [
                (("flag",), f"{NO_FLAG} an integer", "write k = true"),
                (("zzz",), "unknown key", "known are name, list, flag, ice, fire, all"),
                (("fire",), "it has ice", "remove one"),
            ],
            id="two keys, an unknown one, and one that stands alone is wrong",
        ),
        pytest.param(
            GROUP,
            "{ice='', fire='', zzz=1}",
            [
                (("zzz",), "unknown key", "known are name, list, flag, ice, fire, all"),
                (("fire",), "it has ice", "remove one"),
            ],
            id="two keys, and an unknown one",
        ),
        pytest.param(
            GROUP,
            "{ice='', fire='', nam=''}",
            one("unknown key", "did you mean 'name'?", "nam"),
            id="two keys, and a misspelt one",
        ),
        pytest.param(
            GROUP,
            "{ice='', fire='', falg={}}",
            one("unknown key", "did you mean 'flag'?", "falg"),
            id="two keys, and a misspelt table",
        ),
        pytest.param(
            GROUP,
            "{ice='', fire='', falg=1}",
            [
                (("falg",), "unknown key", "did you mean 'flag'?"),
                (("fire",), "it has ice", "remove one"),
            ],
            id="two keys, and a misspelt one that stands alone",
        ),
        pytest.param(
            GROUP,
            "{ice='', fire=1}",
            one(f"{NO_TEXT} an integer", 'write k = "1"', "fire"),
            id="two keys, one of them wrong",
        ),
        pytest.param(Named(parser=lower, shape=Flag()), "{a=true, b=false}", [], id="names"),
        pytest.param(
            Named(parser=lower, shape=Flag()),
            "{a=1, B=2}",
            [
                (("a",), f"{NO_FLAG} an integer", "write k = true"),
                (("B",), "B is not lower", "write it so"),
                (("B",), f"{NO_FLAG} an integer", ""),
            ],
            id="a refused name, and wrong values",
        ),
        pytest.param(
            Named(parser=lower, shape=NAME), "7", one(f"{NO_TABLE} an integer", ""), id="no names"
        ),
    ],
)
def test_every_fault_has_its_path_and_its_remedy(
    shape: Shape, value: str, expected: list[tuple[Path, str, str]]
) -> None:
    assert faults(shape, value) == expected
    assert faults(shape, value, ()) == expected
    assert faults(shape, value, ("a b", 3)) == expected


@pytest.mark.parametrize(
    ("value", "of_keys"),
    [
        pytest.param("{zzz=1}", [True], id="unknown key"),
        pytest.param("{name=7}", [False], id="value"),
        pytest.param("{ice='', fire=''}", [False], id="one of two keys"),
        pytest.param("{ice='', all=true}", [True], id="the table itself"),
        pytest.param("7", [False], id="no table"),
    ],
)
def test_a_fault_is_of_a_key_or_of_its_value(value: str, of_keys: list[bool]) -> None:
    found = list(GROUP.faults(tomli.loads(f"x = {value}")["x"], ("at",)))
    assert [fault.is_of_key for fault in found] == of_keys


def test_a_refused_name_is_a_fault_of_a_key() -> None:
    (fault,) = Named(parser=lower, shape=Flag()).faults({"B": True}, ("at",))
    assert fault == Fault(
        path=("at", "B"), what="B is not lower", hint="write it so", is_of_key=True
    )


def test_examples_are_toml() -> None:
    assert Text(example='a "b"').example_text == r'"a \"b\""'
    assert Texts(example="a").example_text == '["a"]'


@pytest.mark.parametrize("text", ["7.10", "1_000.50", "1e3", "inf"])
def test_a_number_keeps_how_it_is_written(text: str) -> None:
    number = WrittenFloat(text)
    assert (number, number.text) == (float(text), text)


ITEMS = Items(text=NAME, table=GROUP)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param('["a", {name = "b"}]', [], id="right"),
        pytest.param("[]", [], id="none"),
        pytest.param(
            '"a"', [((), "expected an array, found a string", 'write k = ["a"]')], id="one text"
        ),
        pytest.param(
            '"A"',
            [((), "expected an array, found a string", 'write k = ["it"]')],
            id="one that is wrong",
        ),
        pytest.param(
            "1", [((), "expected an array, found an integer", 'write k = ["it"]')], id="a number"
        ),
        pytest.param(
            '["a", 1, "B"]',
            [
                ((1,), "expected a string or a table, found an integer", 'write "it"'),
                ((2,), "B is not lower", "write it so"),
            ],
            id="items",
        ),
        pytest.param(
            '[{name = "B"}]', [((0, "name"), "B is not lower", "write it so")], id="a table"
        ),
    ],
)
def test_an_array_of_strings_and_tables(value: str, expected: list[object]) -> None:
    assert faults(ITEMS, value) == expected
    assert ITEMS.example_text == '["it"]'
