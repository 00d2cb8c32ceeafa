from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixfetch_docker.imports.nix_language.lexer import InvalidNix, Token, tokens_of
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
    ("text", "parts"),
    [
        pytest.param('"${b}"', ["b"], id="a name alone"),
        pytest.param('"1${b}2${c}"', ["1", "b", "2", "c"], id="names in text"),
        pytest.param('"${b}${c}"', ["b", "c"], id="names in a row"),
        pytest.param('"${b.c}"', ["b.c"], id="path"),
        pytest.param('"a${f { c = "}"; }}"', ["a", "f{c=};}"], id="call"),
        pytest.param("''${b}''", ["b"], id="indented"),
        pytest.param("''\n    1${b}\n      2''", ["1", "b", "\n  2"], id="indentation"),
    ],
)
def test_a_string_that_interpolates_has_the_tokens_of_expressions(
    text: str, parts: list[str]
) -> None:
    token = only_token(text)
    assert token.kind == "interpolated"
    assert parts == [
        part if isinstance(part, str) else "".join(one.text for one in part) for part in token.parts
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        pytest.param("a-b'", "name", id="name"),
        pytest.param("inherit", "name", id="keyword"),
        pytest.param("./a/b.nix", "path", id="path"),
        pytest.param("<nixpkgs/lib>", "path", id="look-up path"),
        pytest.param("1.5e3", "number", id="number"),
        pytest.param("//", "sign", id="operator"),
    ],
)
def test_a_token_has_a_kind(text: str, kind: str) -> None:
    assert (only_token(text).kind, only_token(text).text) == (kind, text)


@pytest.mark.parametrize("text", ["./a/${b}.nix", "./${a}/b", "/${a}", "./a${b}c/d${e}/f.nix"])
def test_a_path_that_interpolates_is_one_token(text: str) -> None:
    assert only_token(text).kind == "path"


def test_comments_are_skipped_and_lines_counted() -> None:
    tokens = list(tokens_of('# a\n/* b\n */ c\n"d\n" e'))
    assert [(token.text, token.line) for token in tokens] == [("c", 3), ("d\n", 4), ("e", 5)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param('\n"a', "line 2: this string has no end", id="string"),
        pytest.param("''a'", "line 1: this string has no end", id="indented string"),
        pytest.param('"${a', "line 1: this string has no end", id="interpolation"),
        pytest.param("a \0", "it has a NUL character; save it as text", id="NUL"),
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
