"""The links of all pages, on the forge: each leads to a file of the repository, or a heading in it.

`make docs` checks the links of the site. It does not read the pages outside of docs/.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

TOP = Path(__file__).parents[2]
PAGES = sorted(
    page
    for folder, pattern in ((".", "*.md"), ("docs", "**/*.md"), ("templates", "**/*.md"))
    for page in (TOP / folder).glob(pattern)
)
_ELSEWHERE = re.compile(r"[a-z]+:|//")


def _tokens(text: str) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(text)


def _links(text: str) -> Iterator[str]:
    """What links and pictures of a page lead to, also those that are written in HTML."""
    for token in _tokens(text):
        if token.type == "html_block":
            yield from re.findall(r'(?:src|srcset|href)="([^"\s]+)"', token.content)
        for inner in token.children or ():
            if (target := inner.attrGet("href") or inner.attrGet("src")) is not None:
                yield str(target)


@cache
def _anchors(page: Path) -> frozenset[str]:
    """The names of the headings of a page, as the forge and the site make them."""
    tokens = _tokens(page.read_text(encoding="utf-8"))
    headings = [
        "".join(part.content for part in following.children or () if part.type != "softbreak")
        for token, following in pairwise(tokens)
        if token.type == "heading_open"
    ]
    return frozenset(
        re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings
    )


def _wrong(page: Path, top: Path = TOP) -> list[str]:
    """The links of a page that lead to no file below `top`, or to no heading."""
    wrong = []
    for link in _links(page.read_text(encoding="utf-8")):
        if _ELSEWHERE.match(link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        is_there = target.is_file() and target.is_relative_to(top)
        if not is_there or (anchor and anchor not in _anchors(target)):
            wrong.append(link)
    return wrong


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(TOP)))
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    assert _wrong(page) == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        pytest.param("[a](there.md) <https://a.test> [b](mailto:a@b.test)", [], id="right"),
        pytest.param("[a](gone.md)", ["gone.md"], id="no such file"),
        pytest.param("[a](there.md#two-words) [b](#here)\n# Here", [], id="headings"),
        pytest.param("[a](there.md#gone) [b](#gone)", ["there.md#gone", "#gone"], id="no heading"),
        pytest.param("| a |\n| --- |\n| [a](gone.md) |", ["gone.md"], id="in a table"),
        pytest.param('<img src="gone.svg">', ["gone.svg"], id="a picture in HTML"),
        pytest.param("`[a](gone.md)`\n\n```text\n[a](gone.md)\n```", [], id="code is no link"),
        pytest.param("[a](/etc/passwd)", ["/etc/passwd"], id="outside of the repository"),
    ],
)
def test_a_link_that_leads_nowhere_is_found(text: str, wrong: list[str], tmp_path: Path) -> None:
    (tmp_path / "there.md").write_text("# Two `words`\n")
    page = tmp_path / "page.md"
    page.write_text(text)
    assert _wrong(page, tmp_path) == wrong


@pytest.mark.parametrize("kind", ["how-to", "explanation", "answers", "reference"])
def test_every_page_of_a_folder_is_in_its_index(kind: str) -> None:
    folder = TOP / "docs" / kind
    index = folder / "index.md"
    linked = {
        (folder / link.partition("#")[0]).resolve()
        for link in _links(index.read_text(encoding="utf-8"))
    }
    assert {page for page in folder.glob("*.md") if page != index} <= linked


def test_the_readme_is_for_who_has_five_minutes() -> None:
    assert len((TOP / "README.md").read_text(encoding="utf-8").splitlines()) <= 150
