from __future__ import annotations

from types import SimpleNamespace

import pytest
import site_pages

FORGE = "https://forge.test/acme/web"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "[a](../reference/b.md#c)", "[a](../reference/b.md#c)", id="to another folder"
        ),
        pytest.param(
            "[a](../../SECURITY.md)", f"[a]({FORGE}/blob/main/SECURITY.md)", id="out of docs/"
        ),
        pytest.param("[a](b.md) ../../c", "[a](b.md) ../../c", id="no link that goes up"),
        pytest.param(r"| `a \| b` | c |", "| `a | b` | c |", id="a bar in code in a table"),
        pytest.param(r"`a \| b`", r"`a \| b`", id="a bar in code elsewhere"),
        pytest.param(r"| a \| b |", r"| a \| b |", id="a bar in a cell, not in code"),
    ],
)
def test_a_page_for_the_site(text: str, expected: str) -> None:
    page = SimpleNamespace(file=SimpleNamespace(src_uri="how-to/a.md"))
    config = {"extra": {"forge": FORGE}}
    assert site_pages.on_page_markdown(text, page=page, config=config) == expected
