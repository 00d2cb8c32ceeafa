"""Git: its commands, their errors, and the content of what it has."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..base.redact import quote
from ..errors import NixfetchError

BY_HAND = "the lock is written; commit it by hand"
WITHOUT = "or leave out --commit"
FSCK = "git fsck tells more"
# As for a file. A branch may come from a stranger, and its lock may be of any size.
_LARGEST = 64 * 1024 * 1024


class GitError(NixfetchError):
    """Git is not installed, or a command of it failed."""


def content(directory: Path, name: str) -> bytes | None:
    """The content of the blob that git has under a name such as `HEAD:images.lock.toml`.

    None where there is none, or a directory. Raises `GitError`, also for more than 64 MiB, and for
    one that is named and cannot be read.
    """
    found = try_git(directory, "rev-parse", "--quiet", "--verify", name)
    if found.returncode != 0:
        return None
    blob = found.stdout.decode().strip()
    size = int(run_git(directory, "cat-file", "-s", blob, hint=FSCK))
    if size > _LARGEST:
        what = f"{quote(name)} has {size} bytes, and {_LARGEST} are read at most"
        raise GitError(what, hint="name another revision")
    done = try_git(directory, "cat-file", "blob", blob)
    if done.returncode != 0:
        if try_git(directory, "cat-file", "-t", blob).stdout.strip() == b"tree":
            return None
        raise git_failure(("cat-file",), done.stderr, FSCK)
    return done.stdout


def git_failure(arguments: Sequence[str], output: bytes, hint: str = BY_HAND) -> GitError:
    """The error for a git command that failed with this output."""
    said = quote(output.decode(errors="replace"))
    return GitError(f"git {arguments[0]} failed ({said})", hint=hint)


def run_git(
    directory: Path,
    *arguments: str,
    data: bytes | None = None,
    env: Mapping[str, str] | None = None,
    hint: str = BY_HAND,
) -> str:
    """The output of a git command; raises `GitError` where it fails."""
    done = try_git(directory, *arguments, data=data, env=env)
    if done.returncode != 0:
        raise git_failure(arguments, done.stderr or done.stdout, hint)
    return os.fsdecode(done.stdout)


def try_git(
    directory: Path,
    *arguments: str,
    data: bytes | None = None,
    env: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """A git command that has ended, whatever its status; raises `GitError` without git."""
    try:
        return subprocess.run(  # noqa: S603 - no shell
            ["git", *arguments],  # noqa: S607 - the git that the person's PATH finds
            cwd=directory,
            env={**os.environ, **(env or {})},
            input=data or b"",
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise GitError(
            f"git cannot be run ({error.strerror})", hint=f"install git, {WITHOUT}"
        ) from None
