from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixfetch_docker.imports.nix_lexer import InvalidNix, Token, tokens_of
from nixfetch_docker.nix.expression import string


def only_token(text: str) -> Token:
    (token,) = tokens_of(text)
    return token


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param('"b"', "b", id="plain"),
        pytest.param(r'"\"\\\n\r\t\x\${b}"', '"\\\n\r\tx${b}', id="escapes"),
        pytest.param('"$${b}$"', "$${b}$", id="dollars"),
        pytest.param("''b''", "b", id="indented"),
        pytest.param("''\n    b\n      c\n  ''", "b\n  c\n", id="indentation"),
        pytest.param("''\n\tb\n\n   \n  c''", "\tb\n\n   \n  c", id="tabs do not indent"),
        pytest.param("''   \n    b\n      \n   c''", " b\n   \nc", id="blank lines"),
        pytest.param("''  ''\\tb\n  c  ''", "\tb\nc  ", id="escapes do not indent"),
        pytest.param("''''${b}'''''\\n''", "${b}''\n", id="indented escapes"),
        pytest.param("https://x.org/y?z=1", "https://x.org/y?z=1", id="URL"),
    ],
)
def test_a_string_has_the_value_that_nix_gives_it(text: str, value: str) -> None:
    assert only_token(text) == Token(kind="string", text=value, line=1)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        pytest.param('"${b}"', ("", "b", ""), id="a name alone"),
        pytest.param('"1${b}2${c}"', ("1", "b", "2", "c", ""), id="names in text"),
        pytest.param('"${b}${c}"', ("", "b", "", "c", ""), id="names in a row"),
    ],
)
def test_a_string_that_interpolates_names_is_a_template(text: str, pieces: tuple[str, ...]) -> None:
    assert only_token(text) == Token(kind="template", text="", line=1, pieces=pieces)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('"${b.c}"', id="path"),
        pytest.param('"a${b}${f { c = "}"; }}"', id="call"),
        pytest.param("''${b}''", id="indented"),
    ],
)
def test_a_string_with_another_expression_is_computed(text: str) -> None:
    assert only_token(text).kind == "computed"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        pytest.param("a-b'", "name", id="name"),
        pytest.param("inherit", "name", id="keyword"),
        pytest.param("./a/b.nix", "other", id="path"),
        pytest.param("<nixpkgs/lib>", "other", id="look-up path"),
        pytest.param("1.5e3", "other", id="number"),
        pytest.param("//", "sign", id="operator"),
    ],
)
def test_a_token_has_a_kind(text: str, kind: str) -> None:
    assert (only_token(text).kind, only_token(text).text) == (kind, text)


def test_comments_are_skipped_and_lines_counted() -> None:
    tokens = list(tokens_of('# a\n/* b\n */ c\n"d\n" e'))
    assert [(token.text, token.line) for token in tokens] == [("c", 3), ("d\n", 4), ("e", 5)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param('\n"a', "line 2: this string has no end", id="string"),
        pytest.param("''a'", "line 1: this string has no end", id="indented string"),
        pytest.param('"${a', "line 1: this string has no end", id="interpolation"),
        pytest.param("a /* b", "line 1: this comment has no end; close it with */", id="comment"),
    ],
)
def test_an_open_string_or_comment_is_refused(text: str, message: str) -> None:
    with pytest.raises(InvalidNix) as caught:
        list(tokens_of(text))
    assert str(caught.value).startswith(message)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_a_string_that_is_written_is_read_back(text: str) -> None:
    assert only_token(string(text)).text == text
