"""`make demo`, and that the pictures of it in docs/pictures/ are those of a run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from demo import Demo
from picture import THEMES
from support.svg import lines_of

LOADED = "== The image's stream | podman load"
PICTURES = Path(__file__).parents[2] / "docs/pictures"


def test_the_committed_pictures_are_of_this_demo(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    demo = Demo()
    demo.run()
    assert f"{LOADED}\n" in capsys.readouterr().out
    demo.picture.write(tmp_path, "demo")
    for kind in THEMES:
        drawn, committed = (
            lines_of((directory / f"demo-{kind}.svg").read_text("utf-8"))
            for directory in (tmp_path, PICTURES)
        )
        # podman loads the image for this machine, and the pictures are of an amd64 one.
        end = None if os.uname().machine == "x86_64" else drawn.index(LOADED)
        assert drawn[:end] == committed[:end], "renew it: make pictures"
