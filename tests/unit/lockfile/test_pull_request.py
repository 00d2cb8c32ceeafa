from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from support.builders import locked_image

from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.lockfile.change import Change
from nixfetch_docker.lockfile.pull_request import markdown
from nixfetch_docker.lockfile.report import Report
from nixfetch_docker.oci.labels import Origin

ORIGIN = Origin(source="https://a.b/web", revision="1a2b3c4", created="2026-01-02T03:04:05Z")
OLD = locked_image(content="old")
NEW = locked_image(content="new")
HAD = {blob.digest for blob in OLD.blobs()}
OWN_SIZE = len("manifest linux/amd64new" + "config linux/amd64new" + "layer linux/amd64new")
WHOLE_SIZE = OWN_SIZE + len("base")
PIN, NEW_PIN = f"7 {OLD.digest.short}", f"7 {NEW.digest.short}"
RENDERER = MarkdownIt("commonmark", {"html": True}).enable("table")


def made(*changes: Change) -> str:
    return markdown(
        Report(change=change, had=HAD if change.before is not None else ()) for change in changes
    )


def test_markdown_has_a_row_for_every_image_that_changed() -> None:
    assert made(
        Change(name="updated", before=OLD, after=NEW, origin=ORIGIN),
        Change(name="added", after=NEW),
        Change(name="unchanged", before=OLD, after=OLD),
        Change(name="removed", before=OLD),
        Change(name="failed", before=OLD, after=OLD, error=NixfetchError("no")),
        Change(name="new", error=NixfetchError("no", hint="try again")),
    ).splitlines() == [
        "| image | before | after | to fetch | from |",
        "| --- | --- | --- | --- | --- |",
        f"| `added` |  | `{NEW_PIN}` "
        f"| `linux/amd64: 2 of 2 layers new, {WHOLE_SIZE} B to fetch` |  |",
        f"| `removed` | `{PIN}` | removed |  |  |",
        f"| `updated` | `{PIN}` | `{NEW_PIN}` "
        f"| `linux/amd64: 1 of 2 layers new, {OWN_SIZE} B to fetch` | `{ORIGIN.text}` |",
        "",
        "These images keep the pins that they had:",
        "",
        "- `failed: no`",
        "- `new: no; try again`",
    ]


def test_markdown_says_that_nothing_changed() -> None:
    assert made(Change(name="web", before=OLD, after=OLD)) == "Nothing changed.\n"


def test_a_tag_that_was_passed_by_is_told() -> None:
    note = "1.3 is passed by: no arm64"
    assert made(Change(name="web", before=OLD, after=OLD, notes=(note,))) == (
        "Nothing changed.\n\nNewer tags of these images were passed by:\n\n"
        "- `web: 1.3 is passed by: no arm64`\n"
    )
    assert f"<br>`{note}`" in made(Change(name="web", before=OLD, after=NEW, notes=(note,)))


HOSTILE = [
    "[a](https://evil.example)",
    "![a](https://evil.example/a.png)",
    "<img src=https://evil.example/a.png>",
    "<a href=https://evil.example>a</a>",
    "https://evil.example",
    "a` <b>c</b> `",
    "``` ``",
    "a | b |\n| c",
    "a \\| <b>",
    "\n\n# a\n\n/merge\n@ann",
    "\r- [ ] a",
    "</td></table><script>",
    "[a]: https://evil.example\n[a]",
    "\u2028[a](https://evil.example)",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_stranger_writes_no_link_image_html_or_line(text: str) -> None:
    check(text)


@given(st.text(alphabet="[]()<>`|\\!#@\n\r -_*:/a1"))
def test_no_text_of_a_stranger_renders(text: str) -> None:
    check(text)


def check(text: str) -> None:
    """Check a report whose foreign texts are all `text`."""
    tokens = RENDERER.parse(
        made(
            Change(
                name="web",
                before=OLD,
                after=NEW,
                origin=Origin(source=text, revision=text, created=text),
                notes=(text,),
            ),
            Change(name="old", before=OLD, after=OLD, notes=(text,)),
            Change(name="failed", before=OLD, after=OLD, error=NixfetchError(text, hint=text)),
        )
    )
    inner = [one for block in tokens for one in block.children or ()]
    assert {one.type for one in inner} <= {"text", "code_inline", "html_inline"}
    assert {one.content for one in inner if one.type == "html_inline"} == {"<br>"} or not text
    assert {one.content for one in inner if one.type == "text"} <= {
        *("image", "before", "after", "to fetch", "from", ""),
        "Newer tags of these images were passed by:",
        "These images keep the pins that they had:",
    }
    # A head and one row, and one item in each list.
    assert [one.type for one in tokens].count("tr_open") == 2
    assert [one.type for one in tokens].count("td_open") == 5
    assert [one.type for one in tokens].count("list_item_open") <= 2
    assert {one.type for one in tokens if one.nesting == 1} <= {
        *("table_open", "thead_open", "tbody_open", "tr_open", "th_open", "td_open"),
        *("paragraph_open", "bullet_list_open", "list_item_open"),
    }
