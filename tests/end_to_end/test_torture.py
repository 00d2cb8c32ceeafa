"""A few rounds of `make torture`, so that it stays fit for many."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from support.nix import REPOSITORY
from support.process import run

KILLS = 20


def test_a_few_kills_tear_no_file() -> None:
    torture: list[str | Path] = [
        sys.executable,
        REPOSITORY / "scripts/torture.py",
        "--kills",
        str(KILLS),
    ]
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY / "tests")}
    done = run(torture, env=env)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert f": {KILLS} kills in " in done.stdout
