from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from support.builders import fleet_lock, locked_image

from nixfetch_docker.base.values import replace
from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.lockfile.change import Change
from nixfetch_docker.lockfile.lock import LockedImage
from nixfetch_docker.lockfile.pull_request import LARGEST, markdown
from nixfetch_docker.lockfile.report import Report
from nixfetch_docker.oci.labels import Origin
from nixfetch_docker.oci.platform import Platform

ORIGIN = Origin(source="https://a.b/web", revision="1a2b3c4", created="2026-01-02T03:04:05Z")
AMD64 = Platform.parse("linux/amd64")
OLD = locked_image(content="old")
NEW = locked_image(content="new")
HAD = {blob.digest for blob in OLD.blobs()}
OLD_LAYER, NEW_LAYER = (image.platforms[AMD64].layers[1] for image in (OLD, NEW))
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
        "<details><summary><code>updated</code>: layers before and after</summary>",
        "",
        "`linux/amd64`: `=` stays, `-` is gone, `+` is new",
        "",
        "```text",
        "before == 4 B ===---------------------- 20 B ---------------------- 24 B",
        "after  == 4 B ===++++++++++++++++++++++ 20 B ++++++++++++++++++++++ 24 B",
        "```",
        "",
        "| | layer | digest | size |",
        "| --- | --- | --- | --- |",
        f"| gone | 2 | `{OLD_LAYER.digest.short}` | {OLD_LAYER.size} B |",
        f"| new | 2 | `{NEW_LAYER.digest.short}` | {NEW_LAYER.size} B |",
        "",
        "</details>",
        "",
        "These images keep the pins that they had:",
        "",
        "- `failed: no`",
        "- `new: no; try again`",
    ]


def many_layers(content: str, number: int = 127) -> LockedImage:
    layers = {f"{content} {n}": 1000 + n for n in range(number)}
    return fleet_lock({"web": layers}).images["web"]


@pytest.mark.parametrize("largest", [LARGEST, 8000, 2000])
@pytest.mark.parametrize("number", [3, 150])
def test_the_body_is_within_what_a_forge_takes(largest: int, number: int) -> None:
    reports = [
        Report(
            change=Change(name=f"web-{n:03}", before=OLD, after=many_layers(f"{n}"), notes=("n",)),
            had=HAD,
        )
        for n in range(number)
    ]
    reports += [
        Report(
            change=Change(name=f"old-{n}", before=OLD, after=OLD, notes=("\U0001f409" * 999,)),
            had=HAD,
        )
        for n in range(number)
    ]
    reports += [
        Report(change=Change(name=f"bad-{n}", error=NixfetchError(f"{n} " + "x" * 900)), had=HAD)
        for n in range(number)
    ]
    body = markdown(reports, largest=largest)
    assert len(body.encode()) <= largest
    assert body.count("<details>") == body.count("</details>")
    # What is left out is counted.
    rows = body.count("\n| `web-")
    assert rows == number or f"| and {number - rows} more images |" in body
    folded = body.count("<details>")
    assert (
        folded == number or f"no room here for the layers of {number - folded} more image" in body
    )
    for name in ("old", "bad"):
        items = body.count(f"\n- `{name}-")
        assert items == number or f"\n- and {number - items} more\n" in body
    if (largest, number) == (LARGEST, 3):
        assert (rows, folded) == (3, 3)


def test_one_image_that_finds_no_room_is_one() -> None:
    reports = [Report(change=Change(name="web", before=OLD, after=many_layers("web")), had=HAD)]
    assert "\nThere is no room here for the layers of 1 more image.\n" in markdown(
        reports, largest=800
    )
    assert "\n| and 1 more image |" in markdown(reports, largest=300)


def test_only_the_first_of_many_layers_stand_in_the_table() -> None:
    body = made(Change(name="web", before=OLD, after=many_layers("web", 30)))
    assert body.count("| new |") + body.count("| gone |") == 20
    assert "12 more layers gone or new" in body


def test_an_update_that_keeps_the_layers_has_no_details() -> None:
    after = replace(OLD, digest=NEW.digest)
    assert "<details>" not in made(Change(name="web", before=OLD, after=after))


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
        *(": ", " stays, ", " is gone, ", " is new"),
        *("layer", "digest", "size", "gone", "new", "2"),
        *(f"{layer.size} B" for layer in (OLD_LAYER, NEW_LAYER)),
    }
    blocks = [one.content for one in tokens if one.type == "html_block"]
    assert blocks == [
        "<details><summary><code>web</code>: layers before and after</summary>\n",
        "</details>\n",
    ]
    # Two heads, a row of the image and two of its layers, and one item in each list.
    assert [one.type for one in tokens].count("tr_open") == 5
    assert [one.type for one in tokens].count("td_open") == 5 + 2 * 4
    assert [one.type for one in tokens].count("list_item_open") <= 2
    assert {one.type for one in tokens if one.nesting == 1} <= {
        *("table_open", "thead_open", "tbody_open", "tr_open", "th_open", "td_open"),
        *("paragraph_open", "bullet_list_open", "list_item_open"),
    }
