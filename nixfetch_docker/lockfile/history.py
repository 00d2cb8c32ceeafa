"""The locks that git has in its commits, and the commit that brought a pin."""

from __future__ import annotations

import os
from pathlib import Path

from ..base.redact import quote
from ..base.values import dataclass
from ..errors import NixfetchError, placed
from .git import FSCK, GitError, content, run_git, try_git
from .lock import InvalidLock, Lock, LockedImage
from .project import Project

_OTHER_REVISION = "name another revision"


class NoCommit(GitError):
    """A revision that git does not have."""


def committed_lock(project: Project, revision: str) -> Lock | None:
    """The lock of a project as git has it in a revision; None where it has none there.

    Raises `GitError`, and the errors of the lock.
    """
    real = Path(os.path.realpath(project.lock_path))
    try:
        prefix = run_git(real.parent, "rev-parse", "--show-prefix").rstrip("\n")
    except GitError as error:
        error.hint = (
            "this command compares with what git has: install git, and run it in a work tree"
        )
        raise
    # A revision that starts with "-" would be an option.
    asked = ("rev-parse", "--quiet", "--verify", f"{revision}^{{commit}}")
    found = None if revision.startswith("-") else try_git(real.parent, *asked)
    if found is None or found.returncode != 0:
        what = f"git has no commit {quote(repr(revision))}"
        if try_git(real.parent, "rev-parse", "--quiet", "--verify", "HEAD").returncode != 0:
            raise NoCommit(f"{what}: nothing is committed yet", hint="commit both files first")
        raise NoCommit(what, hint="git log lists those that there are")
    commit = found.stdout.decode().strip()
    path = f"{commit}:{prefix}{real.name}"
    with placed(f"{project.lock_path} in {revision}"):
        data = content(real.parent, path)
        try:
            return Lock.parse(data.decode()) if data is not None else None
        except UnicodeDecodeError:
            raise GitError("it is not UTF-8", hint=_OTHER_REVISION) from None
        except InvalidLock:
            raise
        except NixfetchError as error:
            # The advice is for the lock on disk, which another update writes anew.
            error.hint = _OTHER_REVISION
            raise


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A commit of git: its hash, the date of its committer as in ISO 8601, and its subject."""

    revision: str
    date: str
    subject: str

    @property
    def document(self) -> dict[str, str]:
        """The commit for programs."""
        return {"commit": self.revision, "date": self.date, "subject": self.subject}


def commit_that_locked(project: Project, name: str, image: LockedImage) -> Commit | None:
    """The commit since which an image is locked at its digest; None where none has it.

    Raises `GitError`, also without git, outside of a repository, and where a shallow clone does not
    have that commit.
    """
    real = Path(os.path.realpath(project.lock_path))
    now = committed_lock(project, "HEAD")
    if not _has_pin(now, name, image):
        return None
    # A commit before which the lock had this digest as often as after it is none of these.
    path = f":(literal){real.name}"  # There may be a "*" or a ":" in it.
    # Settings of git could run a program for each commit, put lines among these, or change letters.
    plain = ("--no-show-signature", "--no-textconv", "--no-ext-diff", "--encoding=UTF-8")
    asked = ("log", *plain, "--format=%H%x00%cI%x00%s", f"-S{image.digest}", "--", path)
    for line in run_git(real.parent, *asked, hint=FSCK).split("\n")[:-1]:
        revision, date, subject = line.split("\0", 2)
        try:
            before = committed_lock(project, f"{revision}^")
        except NoCommit:
            _check_first(real.parent, revision)
            before = None
        if not _has_pin(before, name, image):
            return Commit(revision=revision, date=date, subject=quote(subject))
    return None


def _check_first(directory: Path, revision: str) -> None:
    """Raise `GitError` for a commit without a parent that has one outside of a shallow clone."""
    head = run_git(directory, "cat-file", "commit", revision, hint=FSCK).partition("\n\n")[0]
    if "\nparent " in head:
        raise GitError(
            "the first commit of this shallow clone has the pin already",
            hint="git fetch --unshallow gets the others",
        )


def _has_pin(lock: Lock | None, name: str, image: LockedImage) -> bool:
    pin = lock.images.get(name) if lock is not None else None
    return pin is not None and (pin.tag, pin.digest) == (image.tag, image.digest)
