"""The messages that docs/answers quotes are those that the program prints."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from support.answers import images_toml, other_files, pages, registries, tags
from support.answers.pages import Quote
from support.answers.scene import CASES, Scene

# Each has a part of the cases.
MODULES = (images_toml, other_files, registries, tags)


@pytest.fixture
def scene(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Scene]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    # What the machine has of its own must not be heard.
    for name in [*os.environ]:
        if name not in {"PATH", "HOME", "PYTEST_CURRENT_TEST"}:
            monkeypatch.delenv(name)
    with ExitStack() as at_end:
        yield Scene(directory=tmp_path, monkeypatch=monkeypatch, capsys=capsys, at_end=at_end)


@pytest.mark.parametrize("quote", pages.quotes("said"), ids=str)
def test_a_page_quotes_what_the_program_prints(quote: Quote, scene: Scene) -> None:
    CASES[quote.source](scene)
    assert not quote.lacks(scene.printed), scene.printed


def test_each_case_is_on_a_page() -> None:
    assert sorted(quote.source for quote in pages.quotes("said")) == sorted(CASES)


@pytest.mark.parametrize("quote", pages.quotes("written"), ids=str)
def test_a_page_quotes_what_a_file_has(quote: Quote) -> None:
    assert quote.in_source
    text = pages.source_text(quote.source)
    assert [part for part in quote.in_source if part not in text] == []


@pytest.mark.parametrize("page", pages.pages(), ids=lambda page: page.stem)
def test_a_page_says_what_is_seen_why_and_what_to_do(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert re.findall("^## (.+)$", text, re.MULTILINE)[-2:] == ["Why", "What to do"]
    assert re.findall("^<!-- part: (.+) -->$", text, re.MULTILINE)[0] in pages.PARTS


def test_each_block_of_text_says_where_it_comes_from() -> None:
    known = {"said", "evaluated", "written"}
    assert [str(quote) for quote in pages.quotes() if quote.kind not in known] == []
    assert [str(quote) for quote in pages.quotes() if not quote.text] == []


def test_the_index_has_every_page() -> None:
    path = pages.ANSWERS / "index.md"
    head, mark, _ = path.read_text(encoding="utf-8").partition("<!-- the pages -->\n")
    new = pages.index_text(head + mark)
    nav = path.with_name(".nav.yml")
    if os.environ.get("RENEW_GOLDEN"):
        path.write_text(new, encoding="utf-8")
        nav.write_text(pages.nav_text(), encoding="utf-8")
    assert path.read_text(encoding="utf-8") == new
    assert nav.read_text(encoding="utf-8") == pages.nav_text()
    assert all(f"]({page.name})" in new for page in pages.pages())
