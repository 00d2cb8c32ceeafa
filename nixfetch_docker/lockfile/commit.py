"""Git commits of images.toml and its lock, and of no other file."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from ..base.redact import quote
from ..errors import NixfetchError


class GitError(NixfetchError):
    """Git is not installed, or a command of it failed."""


def commit(paths: Sequence[Path], message: str) -> None:
    """Commit those of these files that exist, as they are on disk.

    The files must be in one directory. Whatever else is changed or staged stays as it is. Raises
    `GitError`.
    """
    for arguments in git_commands([path.name for path in paths if path.exists()], message):
        _run(paths[0].parent, arguments)


def git_commands(names: Sequence[str], message: str) -> list[list[str]]:
    """The arguments of the git commands that commit the files `names`, in their order."""
    return [
        # `commit --only` refuses a file that git does not know yet.
        ["add", "--intent-to-add", "--", *names],
        ["commit", "--quiet", "--only", "--message", message, "--", *names],
    ]


def git_failure(arguments: Sequence[str], output: bytes) -> GitError:
    """The error for a git command that failed with this output."""
    said = quote(output.decode(errors="replace"))
    return GitError(
        f"git {arguments[0]} failed ({said})", hint="the lock is written; commit it by hand"
    )


def _run(directory: Path, arguments: Sequence[str]) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - no shell
            ["git", *arguments],  # noqa: S607 - the git that the person's PATH finds
            cwd=directory,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise GitError(
            f"git cannot be run ({error.strerror})",
            hint="install git, or commit the two files by hand",
        ) from None
    if done.returncode != 0:
        raise git_failure(arguments, done.stderr or done.stdout)
