"""Commits of the two files, and of nothing else."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from ..base.redact import quote
from ..errors import NixfetchError


class GitError(NixfetchError):
    """git is not there, or does not do what it is told."""


def commit(paths: Sequence[Path], message: str) -> None:
    """Commit these files as they are, whatever else is changed or staged; raises `GitError`."""
    directory = paths[0].parent
    names = [path.name for path in paths if path.exists()]
    # A new file must be known before it can be named.
    _run(directory, "add", "--intent-to-add", "--", *names)
    _run(directory, "commit", "--quiet", "--only", "--message", message, "--", *names)


def _run(directory: Path, *arguments: str) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - no shell
            ["git", *arguments],  # noqa: S607 - the person's own
            cwd=directory,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise GitError(
            f"git cannot be run ({error.strerror})", hint="install it, or commit by hand"
        ) from None
    if done.returncode != 0:
        said = quote((done.stderr or done.stdout).decode(errors="replace"))
        raise GitError(
            f"git {arguments[0]} failed ({said})", hint="the lock is written; commit it by hand"
        )
