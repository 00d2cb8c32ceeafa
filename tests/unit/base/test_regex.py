"""Expressions that are compiled by their first use."""

from __future__ import annotations

import copy
import re

import pytest

from nixfetch_docker.base.regex import regex

WORD = r"(?P<word>[a-z]+)"


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        pytest.param("match", ("ab1",), id="match"),
        pytest.param("match", ("1ab", 1), id="from a position"),
        pytest.param("fullmatch", ("ab",), id="fullmatch"),
        pytest.param("search", ("1AB",), id="search with a flag"),
        pytest.param("fullmatch", ("1",), id="none"),
    ],
)
def test_it_matches_as_a_compiled_one(method: str, arguments: tuple[object, ...]) -> None:
    ours, theirs = regex(WORD, re.IGNORECASE), re.compile(WORD, re.IGNORECASE)
    for _ in range(2):
        match, expected = (getattr(one, method)(*arguments) for one in (ours, theirs))
        assert (match and (match.span(), match["word"])) == (
            expected and (expected.span(), expected["word"])
        )


def test_it_finds_and_replaces_as_a_compiled_one() -> None:
    assert regex("a").sub("b", "aa") == "bb"
    assert regex(rb"[,;]").split(b"1,2;3") == [b"1", b"2", b"3"]
    assert [match[0] for match in regex("[0-9]").finditer("1a2")] == ["1", "2"]
    assert (regex("a", re.DOTALL).pattern, regex("a").groups) == ("a", 0)


def test_nothing_is_compiled_before_it_is_used() -> None:
    unused = copy.copy(regex("("))
    assert not hasattr(unused, "unknown")
    with pytest.raises(re.error):
        unused.search("a")


def test_an_attribute_that_no_expression_has_is_named() -> None:
    with pytest.raises(AttributeError, match=r"^nothing$"):
        getattr(regex("a"), "nothing")  # noqa: B009 - mypy knows that it is none
