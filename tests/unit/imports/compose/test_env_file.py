from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.builders import read_or_refused

from nixfetch_docker.imports.compose.env_file import InvalidEnvFile, parse_env_file
from nixfetch_docker.imports.compose.interpolation import interpolate

OUTSIDE = {"HOST": "here", "TAG": "outside", "BACK": r"a\nb"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("V=1", "1", id="bare"),
        pytest.param("V=1\r\nW=2\r\n", "1", id="line breaks of Windows"),
        pytest.param("\ufeffV=1", "1", id="byte order mark"),
        pytest.param("# c\n\n  # d\nV=1", "1", id="comments"),
        pytest.param("  V = 1  \n", "1", id="spaces"),
        pytest.param("export V=1", "1", id="export"),
        pytest.param("V: 1", "1", id="colon"),
        pytest.param("V=", "", id="nothing"),
        pytest.param("V=\nW=2", "", id="nothing, then a line"),
        pytest.param("V= # c", "", id="nothing but a comment"),
        pytest.param("V=a b  # c", "a b", id="comment"),
        pytest.param("V=a# b", "a# b", id="no comment without a space"),
        pytest.param("V=a=b", "a=b", id="equals sign"),
        pytest.param("V='a # b' # c", "a # b", id="single quotation marks"),
        pytest.param("V='$HOST ${HOST}'", "$HOST ${HOST}", id="no variable in them"),
        pytest.param(r"V='a\nb'", r"a\nb", id="no escape in them"),
        pytest.param(r"V='Let\'s'", "Let's", id="but that of a quotation mark"),
        pytest.param("V='a\nb'\nW=1", "a\nb", id="several lines"),
        pytest.param('V="a # b" # c', "a # b", id="double quotation marks"),
        pytest.param(r'V="a\tb\"c\\d"', 'a\tb"c\\d', id="escapes in them"),
        pytest.param('V="$HOST-${HOST}"', "here-here", id="variables in them"),
        pytest.param(r'V="\$HOST"', "$HOST", id="an escaped dollar"),
        pytest.param('V="$BACK"', r"a\nb", id="no escapes in the value of a variable"),
        pytest.param("V=$HOST:${NO:-1}", "here:1", id="variables without quotation marks"),
        pytest.param("W=2\nV=$W-alpine", "2-alpine", id="a line above"),
        pytest.param("TAG=1\nV=$TAG", "outside", id="the environment goes before a line above"),
        pytest.param("V=1\nV=2", "2", id="the last one"),
        pytest.param("HOST\nV=1", "1", id="a name alone before it"),
        pytest.param("NO\nV=1", "1", id="a name alone that has no value"),
    ],
)
def test_a_line_sets_a_variable(text: str, expected: str) -> None:
    assert parse_env_file(text, OUTSIDE.get)["V"] == expected


@pytest.mark.parametrize(
    "text", ["V=$NO", "V=1$NO", 'V="a-${NO}"', "W=$NO\nV=2$W", 'W=$NO\nV="${W:-2}"', "V=${NO:?x}"]
)
def test_what_needs_a_variable_without_a_value_has_none_either(text: str) -> None:
    variables = parse_env_file(text, OUTSIDE.get)
    for template in ("$V", "${V}", "${V:-latest}", "${V-latest}", "${V:+1}", "${V:?x}"):
        assert interpolate(template, variables.get).missing == {"NO": ""}


def test_a_name_alone_has_the_value_outside() -> None:
    assert parse_env_file("HOST\nNO\n", OUTSIDE.get) == {"HOST": "here"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("A=1\npa55word\u00e4", "line 2: this is no NAME=VALUE", id="no variable"),
        pytest.param("=pa55word", "line 1: this is no NAME=VALUE", id="no name"),
        pytest.param('A=1\n\nB="pa55word', "line 3: its quotation marks have no end", id="no end"),
        pytest.param("B='x' pa55word", "line 1: this is no NAME=VALUE", id="text behind"),
        pytest.param("B=pa55word$", "line 1: its '$' is no variable", id="a dollar alone"),
    ],
)
def test_another_line_is_refused_without_its_text(text: str, message: str) -> None:
    with pytest.raises(InvalidEnvFile) as caught:
        parse_env_file(text, OUTSIDE.get)
    assert caught.value.cause == message
    assert "pa55word" not in str(caught.value)


@given(
    st.lists(
        st.sampled_from(
            ["A", "=", "\n", " ", "#", "'", '"', "\\", "$A", "${", "}", ":-", "export ", ":"]
        )
    ).map("".join)
)
def test_any_text_is_read_or_refused(text: str) -> None:
    read_or_refused(lambda one: parse_env_file(one, OUTSIDE.get), text)
