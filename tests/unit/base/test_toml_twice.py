"""Other names for tables that are there twice, and the first of two values."""

from __future__ import annotations

import pytest
import tomli

from nixfetch_docker.base.toml_twice import first_value, renamed


@pytest.mark.parametrize(
    ("header", "name", "line"),
    [
        pytest.param("[x.a]", "a", "[x.a-2]", id="bare"),
        pytest.param("  [ x . a ] # [x.b]", "a", "  [ x . a-2 ] # [x.b]", id="spaces and comment"),
        pytest.param("[x.a]\r", "a", "[x.a-2]\r", id="CRLF"),
        pytest.param('[x."a"]', "a", "[x.a-2]", id="needless quotation marks"),
        pytest.param('[x."a b"]', "a b", '[x."a b-2"]', id="space"),
        pytest.param("[x.'a.b']", "a.b", '[x."a.b-2"]', id="dot"),
        pytest.param('[x."a]b"]', "a]b", '[x."a]b-2"]', id="bracket"),
        pytest.param('[x."]"]', "]", '[x."]-2"]', id="bracket alone"),
        pytest.param('[x."a#b"]', "a#b", '[x."a#b-2"]', id="number sign"),
        pytest.param(r'[x."a\"b"]', 'a"b', r'[x."a\"b-2"]', id="quotation mark"),
        pytest.param(r'[x."\u0061"]', "a", "[x.a-2]", id="escape"),
        pytest.param("[x.aX]", "aX", "[x.aX-2]", id="a name that ends in a capital"),
        pytest.param("[a.a]", "a", "[a.a-2]", id="the same name twice in the path"),
        pytest.param("['a]'.'a]']", "a]", "['a]'.\"a]-2\"]", id="the same with a bracket"),
    ],
)
def test_another_name_is_written_in_the_header(header: str, name: str, line: str) -> None:
    text = f"{header}\n{header}\ny = 1\n"
    assert renamed(text, 2, name) == (f"{name}-2", line)
    assert renamed(text.removesuffix("\ny = 1\n"), 2, name) == (f"{name}-2", line)
    tomli.loads(text.replace(f"\n{header}", f"\n{line}"))


@pytest.mark.parametrize(
    ("others", "name"),
    [
        (["a"], "a-2"),
        (["a-2"], "a-3"),
        (["a-2", "a-3", "a-5"], "a-4"),
        ([f"a-{number}" for number in range(2, 99)], "a-99"),
        ([f"a-{number}" for number in range(2, 100)], None),
    ],
)
def test_the_name_is_one_that_the_document_does_not_have(
    others: list[str], name: str | None
) -> None:
    text = "[a]\n[a]\n" + "".join(f"[{other}]\n" for other in others)
    found = renamed(text, 2, "a")
    assert (found and found[0]) == name


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[a]\nb = 1\n", id="key"),
        pytest.param("[a]\n# [a]\n", id="comment"),
        pytest.param("[a]\n[a] '\n", id="another fault in the line"),
    ],
)
def test_a_line_without_a_header_has_no_other_name(text: str) -> None:
    assert renamed(text, 2, "a") is None


@pytest.mark.parametrize(
    ("text", "number", "first"),
    [
        pytest.param("a = 1\na = 2", 2, "line 1, column 1", id="key"),
        pytest.param("b = 0\n  a = 1\n\n'a' = 2\na = 3", 4, "line 2, column 3", id="quoted"),
        pytest.param("[a]\nb = 1\n[c]\nb = 2\nb = 3", 5, "line 4, column 1", id="in its table"),
        pytest.param("a = {}\n[b]\na = 1\na = 2", 4, "line 3, column 1", id="not in another"),
        pytest.param("a = 1\nb = 2", 2, "", id="another key"),
        pytest.param("a = 1\n[a]", 2, "", id="header"),
        pytest.param("a = 1\na = '", 2, "", id="another fault in the line"),
    ],
)
def test_the_first_of_two_values_has_a_place(text: str, number: int, first: str) -> None:
    assert first_value(text, number) == first
