from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixfetch_docker.imports.compose.interpolation import InvalidTemplate, interpolate

VALUES = {"TAG": "7.4", "EMPTY": "", "ORG": "acme", "_X1": "x", "DOLLAR": "$TAG"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("redis:7", "redis:7", id="none"),
        pytest.param("redis:${TAG}", "redis:7.4", id="braces"),
        pytest.param("redis:$TAG", "redis:7.4", id="no braces"),
        pytest.param("$ORG/web:$TAG-alpine", "acme/web:7.4-alpine", id="several"),
        pytest.param("$_X1-$ORG.io", "x-acme.io", id="a name ends with its letters"),
        pytest.param("$$TAG", "$TAG", id="escaped"),
        pytest.param("$$$TAG", "$7.4", id="escaped, then a variable"),
        pytest.param("$$$$", "$$", id="escaped twice"),
        pytest.param("${TAG:-1}", "7.4", id=":- with a value"),
        pytest.param("${NO:-1}", "1", id=":- without a value"),
        pytest.param("${EMPTY:-1}", "1", id=":- with nothing"),
        pytest.param("${NO:-}", "", id=":- and nothing"),
        pytest.param("${TAG-1}", "7.4", id="- with a value"),
        pytest.param("${NO-1}", "1", id="- without a value"),
        pytest.param("${EMPTY-1}", "", id="- with nothing"),
        pytest.param("${NO-:1}", ":1", id="- and a colon"),
        pytest.param("${NO:--1}", "-1", id=":- and a hyphen"),
        pytest.param("${TAG:?say}", "7.4", id=":? with a value"),
        pytest.param("${EMPTY?say}", "", id="? with nothing"),
        pytest.param("${TAG:+is}", "is", id=":+ with a value"),
        pytest.param("${EMPTY:+is}", "", id=":+ with nothing"),
        pytest.param("${EMPTY+is}", "is", id="+ with nothing"),
        pytest.param("${NO+is}", "", id="+ without a value"),
        pytest.param("${NO:-$TAG}", "7.4", id="a default is a variable"),
        pytest.param("${NO:-${TAG}}", "7.4", id="a default in braces"),
        pytest.param("${NO:-${NO2:-a}-b}/c", "a-b/c", id="nested"),
        pytest.param("${NO:-${NO2:-${NO3:-${ORG}}}}", "acme", id="nested deeper"),
        pytest.param("${NO:-a$${b}", "a${b", id="escaped in a default"),
        pytest.param("${TAG:-${NO}}", "7.4", id="a default that is not needed"),
        pytest.param("${TAG+${ORG}}", "acme", id="a replacement is a variable"),
        pytest.param("$DOLLAR", "$TAG", id="a value is not read again"),
        pytest.param("${EMPTY}", "", id="nothing is a value"),
        pytest.param("a}b{c", "a}b{c", id="braces alone"),
    ],
)
def test_variables_have_their_values(text: str, expected: str) -> None:
    found = interpolate(text, VALUES.get)
    assert (found.text, found.missing) == (expected, {})


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        pytest.param("web:${NO}", {"NO": ""}, id="braces"),
        pytest.param("web:$NO", {"NO": ""}, id="no braces"),
        pytest.param("$A/$B:$A", {"A": "", "B": ""}, id="several"),
        pytest.param("${A:-${B}}", {"B": ""}, id="a default"),
        pytest.param("${EMPTY:-${B}}", {"B": ""}, id="a default for nothing"),
        pytest.param("${TAG:+${B}}", {"B": ""}, id="a replacement"),
        pytest.param("${NO:?set the tag}", {"NO": "set the tag"}, id=":? without a value"),
        pytest.param("${EMPTY:?set it}", {"EMPTY": "set it"}, id=":? with nothing"),
        pytest.param("${NO?see $TAG}", {"NO": "see 7.4"}, id="? with a variable"),
        pytest.param("${NO:?}", {"NO": "it is required"}, id=":? and nothing"),
    ],
)
def test_variables_without_a_value_are_named(text: str, missing: dict[str, str]) -> None:
    assert interpolate(text, VALUES.get).missing == missing


@pytest.mark.parametrize(
    "text",
    ["web:$", "$1", "${", "${}", "${TAG", "${ TAG }", "${TAG/a/b}", "${TAG:1}", "${NO:-${}}", "$-"],
)
def test_a_dollar_that_begins_no_variable_is_refused(text: str) -> None:
    with pytest.raises(InvalidTemplate) as caught:
        interpolate(text, VALUES.get)
    assert str(caught.value) == f"{text!r} has a '$' that begins no variable; write '$$' for a '$'"


def test_what_is_nested_too_deeply_is_refused() -> None:
    with pytest.raises(InvalidTemplate, match="nested more than 100 deep"):
        interpolate("${A:-" * 5000 + "}" * 5000, VALUES.get)


@given(st.lists(st.sampled_from(["$", "{", "}", "A", ":", "-", "?", "+", "$$", "${B:-"])))
def test_any_text_is_read_or_refused(parts: list[str]) -> None:
    text = "".join(parts)
    try:
        found = interpolate(text, {"B": "b"}.get)
    except InvalidTemplate:
        assert "$" in text
    else:
        assert found.text == text or "$" in text
