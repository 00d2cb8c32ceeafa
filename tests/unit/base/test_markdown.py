from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from nixfetch_docker.base.markdown import code, fitting, html_code

# As forges render: with tables, HTML and bare links.
RENDERER = MarkdownIt("commonmark", {"html": True}).enable("table")


def tokens(text: str) -> list[Token]:
    """The inline tokens of a text in Markdown."""
    return [
        inner
        for block in RENDERER.parse(text)
        for inner in [block, *(block.children or [])]
        if inner.type not in {"inline", "softbreak"} and (inner.content or inner.nesting == 0)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "[a](https://evil.example)",
        "![a](https://evil.example/a.png)",
        "<img src=https://evil.example>",
        "<!-- a",
        "`[a](https://evil.example)`",
        "``` [a](https://evil.example)",
        "a` ``b` @mention `c",
        "a | b",
        "a \\| b \\",
        "\\`a",
        "a\n\n# b",
        "a\r\n| b | c |",
        "a\u2028b",
        "**a** _b_ ~~c~~",
        "https://evil.example www.evil.example",
        " ` ",
        "``",
        "&lt;b&gt;",
        "$`a`$",
    ],
)
def test_a_text_stays_in_its_span_in_a_list_and_in_a_cell(text: str) -> None:
    for around in ("- {}\n", "| a | b |\n| --- | --- |\n| {} | last |\n"):
        found = tokens(around.format(code(text)))
        spans = [one for one in found if one.type == "code_inline"]
        assert len(spans) == 1, found
        others = {one.content for one in found if one.type != "code_inline"}
        assert others <= {"a", "b", "last", ""}, found


def test_no_text_is_no_span() -> None:
    assert (code(""), code(" ")) == ("", "")


@given(st.text(alphabet="`|\\ \n[]()<>!*_a#@~&"))
def test_any_text_is_one_span(text: str) -> None:
    made = code(text)
    assert re.fullmatch(r"(`[^`|\n]*[^`|\n ][^`|\n]*`)?", made)


@pytest.mark.parametrize(
    ("text", "harmless"),
    [
        ("[skip ci]", "(skip ci)"),
        ("[CI SKIP]", "(CI SKIP)"),
        ("[no ci]", "(no ci)"),
        ("[skip azurepipelines] [vercel skip]", "(skip azurepipelines) (vercel skip)"),
        ("***NO_CI***", "* * *NO_CI* * *"),
        ("a --skip-ci", "a - -skip-ci"),
        ("skip-checks: true", "skip checks: true"),
        ("@ann and @org/team", "@ ann and @ org/team"),
        ("Fixes #1", "Fixes # 1"),
        ("closes org/repo#1, !2", "closes … org/repo# 1, ! 2"),
        ("fixes GH-1", "fixes … GH-1"),
        ("Resolved: https://github.com/a/b/issues/1", "Resolved … https://github.com/a/b/issues/1"),
        ("implements  PROJ-1", "implements …  PROJ-1"),
    ],
)
def test_what_a_forge_acts_on_in_a_commit_is_broken(text: str, harmless: str) -> None:
    assert code(text) == f"`{harmless}`"


@pytest.mark.parametrize(
    "text",
    [
        'write platforms = ["linux/amd64"] for it',
        "redis@sha256:0123",
        "https://a.b/web#readme",
        "nothing fixes that",
        "images.web.layers[2]",
    ],
)
def test_other_text_stays(text: str) -> None:
    assert code(text) == f"`{text}`"


def test_a_long_text_is_cut() -> None:
    assert len(code("a" * 100_000)) < 1010


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("a" * 1000, "a" * 1000, id="as long as may be"),
        pytest.param("a" * 1001, "a" * 1000 + "…", id="one longer"),
        pytest.param("a" * 998 + "`|b", "a" * 998 + "'/…", id="marks at the end"),
        pytest.param("a`b|c", "a'b/c", id="marks"),
    ],
)
def test_a_text_is_cut_at_1000_characters(text: str, shown: str) -> None:
    assert code(text) == f"`{shown}`"


@pytest.mark.parametrize(
    ("lines", "room", "text"),
    [
        pytest.param(["aa", "bb", "cc"], 6, "aabbcc", id="all"),
        pytest.param(["aa", "bb", "cc"], 5, "aabband 1 more", id="a byte too few"),
        pytest.param(["aa", "bb", "cc"], 2, "aaand 2 more", id="one"),
        pytest.param(["aa", "bb", "cc"], 0, "and 3 more", id="none"),
        pytest.param(["aa", "bbbb", "cc"], 4, "aaccand 1 more", id="a shorter one behind"),
        pytest.param(["é", "é"], 3, "éand 1 more", id="bytes, not letters"),
        pytest.param([], 0, "", id="nothing to say"),
    ],
)
def test_lines_fit_into_bytes_with_the_number_of_the_others(
    lines: list[str], room: int, text: str
) -> None:
    def rest(number: int) -> str:
        return f"and {number} more"

    # So much is kept for the rest, whatever its number will be.
    room += len(rest(10**9))
    assert fitting(lines, room, rest) == text
    assert len(text.encode()) <= room


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a.b", "<code>a.b</code>"),
        ("<a> & b", "<code>&lt;a&gt; &amp; b</code>"),
        ("X b X", "<code>X b X</code>"),
        ("", "<code></code>"),
    ],
)
def test_code_within_html_has_no_marks_of_markdown(text: str, found: str) -> None:
    assert html_code(text) == found
