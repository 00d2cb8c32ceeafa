"""The program as a process of this Python, for tests that may start no other program."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path


def command(*words: str, setup: str = "") -> list[str]:
    """`nixfetch-docker WORDS`, as its script starts it, after a setup in Python."""
    start = f"import sys\n{setup}\nfrom nixfetch_docker.cli import main\nsys.exit(main())"
    return [sys.executable, "-c", start, *words]


def start(
    directory: Path,
    *words: str,
    setup: str = "",
    env: Mapping[str, str] | None = None,
    stdout: int = subprocess.PIPE,
) -> subprocess.Popen[str]:
    """Start it in a directory, which is its home too. SIGINT ends it, whatever pytest does."""
    default = "import _signal\n_signal.signal(_signal.SIGINT, _signal.default_int_handler)\n"
    return subprocess.Popen(
        command(*words, setup=default + setup),
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        cwd=directory,
        env={"HOME": str(directory), **(env or {})},
    )


def run(
    directory: Path,
    *words: str,
    setup: str = "",
    env: Mapping[str, str] | None = None,
    stdout: int = subprocess.PIPE,
) -> subprocess.CompletedProcess[str]:
    """Run it to its end, whatever its exit status."""
    with start(directory, *words, setup=setup, env=env, stdout=stdout) as process:
        out, err = process.communicate(timeout=20)
    return subprocess.CompletedProcess(process.args, process.returncode, out or "", err)
