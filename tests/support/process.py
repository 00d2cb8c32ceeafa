"""Programs that a test runs, with their output in the error where they fail."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from .nix_warnings import warnings


def run(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    data: bytes | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, whatever its exit status; `data` is its stdin, never a terminal.

    A program of Nix must print no warning.
    """
    done = subprocess.run(
        list(map(str, command)),
        env=env,
        cwd=cwd,
        input=data or b"",
        capture_output=True,
        check=False,
    )
    stderr = done.stderr.decode()
    printed = warnings(done.args[0], stderr)
    assert not printed, f"{done.args} printed warnings:\n{stderr}"
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), stderr)


def output(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    data: bytes | None = None,
) -> str:
    """The stdout of a command that must succeed."""
    done = run(command, env=env, cwd=cwd, data=data)
    assert done.returncode == 0, f"{done.args}\n{done.stdout}\n{done.stderr}"
    return done.stdout
