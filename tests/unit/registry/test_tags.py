from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixfetch_docker.registry.tags import next_page


@pytest.mark.parametrize(
    ("lines", "target"),
    [
        pytest.param(['</v2/a/tags/list?last=x&n=2>; rel="next"'], "/v2/a/tags/list?last=x&n=2"),
        pytest.param(["<next>; rel=next"], "next", id="bare word"),
        pytest.param(["<next>;rel = NEXT"], "next", id="case and blanks"),
        pytest.param(['<next>; title="a, b; rel=x"; rel="next"'], "next", id="quoted separators"),
        pytest.param(['<next>; rel="last next"'], "next", id="one of several relations"),
        pytest.param(['<a>; rel="prev", <b>; rel="next"'], "b", id="second link"),
        pytest.param(['<a>; rel="prev"', '<b>; rel="next"'], "b", id="second line"),
        pytest.param(['<a,b;c>; rel="next"'], "a,b;c", id="separators in the target"),
        pytest.param(['<>; rel="next"'], "", id="empty target"),
        pytest.param(["<next>"], None, id="no relation"),
        pytest.param(['<next>; rel="next'], None, id="no closing quote"),
        pytest.param(["next; rel=next"], None, id="no brackets"),
        pytest.param(['<a>; rel="next" garbage <b>'], "a", id="garbage behind it"),
        pytest.param(['garbage, <b>; rel="next"'], None, id="garbage before it"),
        pytest.param([""], None, id="empty line"),
        pytest.param([], None, id="no line"),
    ],
)
def test_the_next_page_is_the_target_of_a_link(lines: list[str], target: str | None) -> None:
    assert next_page(lines) == target


@given(st.lists(st.text() | st.from_regex(r"<[^>]*>(; ?\w+=(\w*|\"[^\"]*\"))*", fullmatch=True)))
def test_no_header_breaks_anything(lines: list[str]) -> None:
    target = next_page(lines)
    assert target is None or any(f"<{target}>" in line for line in lines)


@pytest.mark.parametrize("text", ['<a>; x="' + '\\"' * 50_000, "<a>" + ";" * 50_000, "<" * 50_000])
def test_no_header_takes_long(text: str) -> None:
    started = time.process_time()
    assert next_page([text]) is None
    assert time.process_time() - started < 1
