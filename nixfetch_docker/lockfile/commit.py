"""Git commits of what one run changed in the lock, and of nothing else.

A commit is made in an index of its own, by `git commit`, so that hooks and signatures work as
usual. What else is staged, edited or not committed in the two files stays as it is.
"""

from __future__ import annotations

import os
import posixpath
import shutil
import subprocess
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Self

from ..base import parts
from ..base.redact import quote
from ..base.values import dataclass
from ..errors import NixfetchError, placed
from .change import Change, apply
from .images import Images
from .lock import Lock, LockedImage
from .project import Project

_BY_HAND = "the lock is written; commit it by hand"
_WITHOUT = "or leave out --commit"
# https://git-scm.com/docs/gitrevisions: each is there while such a command waits for a person.
_UNDER_WAY = {"MERGE_HEAD": "merge", "CHERRY_PICK_HEAD": "cherry-pick", "REVERT_HEAD": "revert"}


class GitError(NixfetchError):
    """Git is not installed, or a command of it failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """The git repository of a project's lock, which is known to take a commit.

    `prefix` is the path of the lock's `directory` in it, "" or ending in a slash. `edited` are the
    images whose entry in images.toml is not the one that is committed.
    """

    project: Project
    directory: Path
    prefix: str
    edited: frozenset[str]

    @classmethod
    def of(cls, project: Project, images: Images, names: Collection[str] | None) -> Self:
        """The repository for a run that is about the images `names`, None for all.

        Raises `GitError` where no commit can be made: before the work, not behind it.
        """
        directory = Path(os.path.realpath(project.lock_path)).parent
        asked = ("rev-parse", "--is-inside-work-tree", "--show-prefix")
        is_inside, prefix, *_ = _git(directory, *asked, hint=f"run git init, {_WITHOUT}").split(
            "\n"
        )
        if is_inside != "true":
            raise GitError(f"{directory} is no work tree of git", hint=f"make one, {_WITHOUT}")
        made = cls(project=project, directory=directory, prefix=prefix, edited=frozenset())
        made._check_files()
        for head, command in _UNDER_WAY.items():
            if _try_git(directory, "rev-parse", "--quiet", "--verify", head).returncode == 0:
                raise GitError(
                    f"a {command} is under way in the repository",
                    hint=f"end it by git {command} --continue or --abort, {_WITHOUT}",
                )
        for ident in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
            _git(directory, "var", ident, hint=f"set user.name and user.email, {_WITHOUT}")
        edited = made._edited(images)
        others = sorted(edited - set(names or edited))
        if others and edited & set(names or ()):
            raise GitError(
                f"{project.images_path} has edits of {', '.join(others)} that are not committed, "
                "and this run is about other images",
                hint=f"commit them first, {_WITHOUT}",
            )
        return cls(project=project, directory=directory, prefix=made.prefix, edited=edited)

    def commit(self, changes: Sequence[Change], lock: Lock, message: str) -> bool:
        """Commit these changes; returns whether there was anything to commit.

        A lock that git does not have yet is committed whole: `lock`. images.toml is committed with
        it where a changed image is asked for in another way than in the last commit. Raises
        `GitError`.
        """
        head = self._has_head()
        files = {self._lock_path: self._lock_text(self._committed(self._lock_path), changes, lock)}
        images_path = self._images_path
        if images_path and self.edited & {change.name for change in changes if change.is_real}:
            files[images_path] = self.project.images_path.read_bytes()
        with parts.temporary_directory() as temporary:
            index = temporary / "index"
            own = Path(self.directory, self._git("rev-parse", "--git-path", "index").strip())
            if own.exists():
                # With what git knows of the files it need not read all of them again.
                shutil.copyfile(own, index)
            env = {"GIT_INDEX_FILE": str(index)}
            tree = ("--reset", "HEAD") if head else ("--empty",)
            self._git("read-tree", *tree, env=env)
            for path, content in files.items():
                self._stage(path, content, env=env)
            same = ("diff-index", "--cached", "--quiet", "HEAD")
            if head and _try_git(self.directory, *same, env=env).returncode == 0:
                return False
            staged = self._staged_after(files, changes)
            self._git("commit", "--quiet", "--file=-", data=message.encode(), env=env)
        for path, content in staged.items():
            self._stage(path, content)
        return True

    @property
    def _lock_path(self) -> str:
        """The path of the lock in the repository."""
        return self.prefix + Path(os.path.realpath(self.project.lock_path)).name

    @property
    def _images_path(self) -> str:
        """The path of images.toml in the repository, "" where it is elsewhere."""
        real = os.path.realpath(self.project.images_path)
        path = posixpath.normpath(self.prefix + os.path.relpath(real, self.directory))
        return "" if path.startswith("../") else path

    def _check_files(self) -> None:
        for path in filter(None, [self._lock_path, self._images_path]):
            done = _try_git(self.directory, "check-ignore", "--quiet", f":/{path}")
            if done.returncode == 0:
                raise GitError(
                    f"git ignores {path}",
                    hint=f"git check-ignore -v {path} shows where; remove that, {_WITHOUT}",
                )

    def _edited(self, images: Images) -> frozenset[str]:
        """The images whose request is not the one that is committed; all where none is readable."""
        text = self._committed(self._images_path) if self._images_path else None
        try:
            before = Images.parse(text.decode()).requests if text is not None else {}
        except (NixfetchError, UnicodeDecodeError):
            before = {}
        names = before.keys() | images.requests.keys()
        return frozenset(name for name in names if before.get(name) != images.requests.get(name))

    def _lock_text(self, base: bytes | None, changes: Sequence[Change], lock: Lock) -> bytes:
        """The text `base` of a lock with the changes made to it; that of `lock` for None."""
        if base is None:
            return lock.to_toml().encode()
        try:
            return apply(Lock.parse(base.decode()), changes).to_toml().encode()
        except (NixfetchError, UnicodeDecodeError) as error:
            raise GitError(
                f"the lock that is committed or staged cannot be read ({error})", hint=_BY_HAND
            ) from None

    def _staged_after(
        self, files: Mapping[str, bytes], changes: Sequence[Change]
    ) -> dict[str, bytes]:
        """What is staged after the commit: these files, and what else was staged of the lock."""
        staged = dict(files)
        own = self._blob(":0:", self._lock_path)
        if own is not None and own != self._committed(self._lock_path):
            staged[self._lock_path] = self._lock_text(own, changes, Lock())
        return staged

    def _stage(self, path: str, content: bytes, env: Mapping[str, str] | None = None) -> None:
        name = posixpath.basename(path)
        blob = self._git("hash-object", "-w", "--stdin", "--path", name, data=content).strip()
        self._git("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}", env=env)

    def _has_head(self) -> bool:
        done = _try_git(self.directory, "rev-parse", "--quiet", "--verify", "HEAD")
        return done.returncode == 0

    def _committed(self, path: str) -> bytes | None:
        return self._blob("HEAD:", path)

    def _blob(self, revision: str, path: str) -> bytes | None:
        """The content of a file in a revision, None where it is not there."""
        done = _try_git(self.directory, "cat-file", "blob", f"{revision}{path}")
        return done.stdout if done.returncode == 0 else None

    def _git(
        self, *arguments: str, data: bytes | None = None, env: Mapping[str, str] | None = None
    ) -> str:
        return _git(self.directory, *arguments, data=data, env=env)


def committed_lock(project: Project, revision: str) -> Lock | None:
    """The lock of a project as git has it in a revision; None where it has none there.

    Raises `GitError`, and the errors of the lock.
    """
    real = Path(os.path.realpath(project.lock_path))
    try:
        prefix = _git(real.parent, "rev-parse", "--show-prefix").rstrip("\n")
    except GitError as error:
        error.hint = (
            "this command compares with what git has: install git, and run it in a work tree"
        )
        raise
    # A revision that starts with "-" would be an option.
    asked = ("rev-parse", "--quiet", "--verify", f"{revision}^{{commit}}")
    found = None if revision.startswith("-") else _try_git(real.parent, *asked)
    if found is None or found.returncode != 0:
        what = f"git has no commit {quote(repr(revision))}"
        if _try_git(real.parent, "rev-parse", "--quiet", "--verify", "HEAD").returncode != 0:
            raise GitError(f"{what}: nothing is committed yet", hint="commit both files first")
        raise GitError(what, hint="git log lists those that there are")
    commit = found.stdout.decode().strip()
    path = f"{commit}:{prefix}{real.name}"
    if _try_git(real.parent, "cat-file", "-e", path).returncode != 0:
        return None
    text = _git(real.parent, "cat-file", "blob", path, hint="git fsck tells more")
    with placed(f"{project.lock_path} in {revision}"):
        return Lock.parse(text)


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

    Raises `GitError`, also without git or outside of a repository.
    """
    real = Path(os.path.realpath(project.lock_path))
    now = committed_lock(project, "HEAD")
    if not _has_pin(now, name, image):
        return None
    # A commit before which the lock had this digest as often as after it is none of these.
    asked = ("log", "--format=%H%x00%cI%x00%s", f"-S{image.digest}", "--", real.name)
    for line in _git(real.parent, *asked, hint="git fsck tells more").split("\n")[:-1]:
        revision, date, subject = line.split("\0", 2)
        try:
            before = committed_lock(project, f"{revision}^")
        except GitError:
            before = None  # It is the first commit.
        if not _has_pin(before, name, image):
            return Commit(revision=revision, date=date, subject=quote(subject))
    return None


def _has_pin(lock: Lock | None, name: str, image: LockedImage) -> bool:
    pin = lock.images.get(name) if lock is not None else None
    return pin is not None and (pin.tag, pin.digest) == (image.tag, image.digest)


def git_failure(arguments: Sequence[str], output: bytes, hint: str = _BY_HAND) -> GitError:
    """The error for a git command that failed with this output."""
    said = quote(output.decode(errors="replace"))
    return GitError(f"git {arguments[0]} failed ({said})", hint=hint)


def _git(
    directory: Path,
    *arguments: str,
    data: bytes | None = None,
    env: Mapping[str, str] | None = None,
    hint: str = _BY_HAND,
) -> str:
    """The output of a git command; raises `GitError` where it fails."""
    done = _try_git(directory, *arguments, data=data, env=env)
    if done.returncode != 0:
        raise git_failure(arguments, done.stderr or done.stdout, hint)
    return os.fsdecode(done.stdout)


def _try_git(
    directory: Path,
    *arguments: str,
    data: bytes | None = None,
    env: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
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
            f"git cannot be run ({error.strerror})", hint=f"install git, {_WITHOUT}"
        ) from None
