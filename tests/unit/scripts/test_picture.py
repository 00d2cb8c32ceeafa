"""Pictures of what a program printed; the committed ones are of a run of `make pictures`."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from picture import COLUMNS, MOST_LINES, THEMES, Picture
from support.svg import lines_of

PICTURES = Path(__file__).parents[3] / "docs/pictures"
HOSTILE = "<script>alert(1)</script> & ]]> {x} [bold]not a style[/bold]"


def check(svg: str) -> None:
    """Check that an SVG loads nothing, runs nothing, and is no large file."""
    assert len(svg.encode()) < 100_000
    assert re.findall(r"https?://[^\"<]*", svg) == ["http://www.w3.org/2000/svg"]
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own
    assert not [one for one in root.iter() if one.tag.endswith(("script", "image", "use"))]
    assert not re.search("@font-face|@import|javascript:", svg)


def test_a_picture_has_every_step_in_both_colours(tmp_path: Path) -> None:
    picture = Picture("make demo")
    picture.step("First", f"one\n{HOSTILE}\n")
    picture.step("Second", "\n".join(f"line {n}" for n in range(40)))
    picture.write(tmp_path, "demo")
    texts = []
    for kind in THEMES:
        svg = (tmp_path / f"demo-{kind}.svg").read_text("utf-8")
        check(svg.replace("javascript:", ""))
        texts.append(lines_of(svg))
    light, dark = texts
    assert light == dark
    for line in ("$ make demo", "== First", f"   {HOSTILE}", f"   line {MOST_LINES - 1}"):
        assert line in light
    assert f"   … and {40 - MOST_LINES} more lines" in light
    assert f"   line {MOST_LINES}" not in light


def test_a_line_that_is_too_long_ends_in_a_sign_for_that(tmp_path: Path) -> None:
    picture = Picture("make demo")
    picture.step("Long", "x" * 200)
    picture.write(tmp_path, "long")
    lines = lines_of((tmp_path / "long-light.svg").read_text("utf-8"))
    assert lines[-1] == f"   {'x' * (COLUMNS - 4)}\u2026"


@pytest.mark.parametrize("kind", THEMES)
def test_the_committed_pictures_are_whole_and_of_no_machine(kind: str) -> None:
    svg = (PICTURES / f"demo-{kind}.svg").read_text("utf-8")
    check(svg)
    shown = "\n".join(lines_of(svg))
    for step in ("images.toml", "nixfetch-docker update", "nix-build", "podman load"):
        assert step in shown
    assert not re.search(r"127\.0\.0\.1|/tmp|/root|/home|/work", shown)
