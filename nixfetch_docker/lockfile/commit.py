"""Git commits of what one run changed in the lock, and of nothing else.

A commit is made in an index of its own, by `git commit`, so that hooks and signatures work as
usual. What else is staged, edited or not committed in the two files stays as it is.
"""

from __future__ import annotations

import os
import posixpath
import shutil
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Self

from ..base import parts
from ..base.values import dataclass
from ..errors import NixfetchError
from .change import Change, apply
from .git import BY_HAND, WITHOUT, GitError, content, run_git, try_git
from .images import Images
from .lock import Lock
from .project import Project

_STATUS = "what this run changed is written and committed; run git status"
# https://git-scm.com/docs/gitrevisions: each is there while such a command waits for a person.
_UNDER_WAY = {"MERGE_HEAD": "merge", "CHERRY_PICK_HEAD": "cherry-pick", "REVERT_HEAD": "revert"}


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
        is_inside, prefix, *_ = run_git(directory, *asked, hint=f"run git init, {WITHOUT}").split(
            "\n"
        )
        if is_inside != "true":
            raise GitError(f"{directory} is no work tree of git", hint=f"make one, {WITHOUT}")
        made = cls(project=project, directory=directory, prefix=prefix, edited=frozenset())
        made._check_files()
        for head, command in _UNDER_WAY.items():
            if try_git(directory, "rev-parse", "--quiet", "--verify", head).returncode == 0:
                raise GitError(
                    f"a {command} is under way in the repository",
                    hint=f"end it by git {command} --continue or --abort, {WITHOUT}",
                )
        for ident in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
            run_git(directory, "var", ident, hint=f"set user.name and user.email, {WITHOUT}")
        made._check_index(f"try again once it has ended, {WITHOUT}")
        edited = made._edited(images)
        others = sorted(edited - set(names or edited))
        if others and edited & set(names or ()):
            raise GitError(
                f"{project.images_path} has edits of {', '.join(others)} that are not committed, "
                "and this run is about other images",
                hint=f"commit them first, {WITHOUT}",
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
            own = Path(self.directory, self._index_path)
            if own.exists():
                # With what git knows of the files it need not read all of them again.
                shutil.copyfile(own, index)
            env = {"GIT_INDEX_FILE": str(index)}
            tree = ("--reset", "HEAD") if head else ("--empty",)
            self._git("read-tree", *tree, env=env)
            for path, content in files.items():
                self._stage(path, content, env=env)
            same = ("diff-index", "--cached", "--quiet", "HEAD")
            if head and try_git(self.directory, *same, env=env).returncode == 0:
                return False
            staged = self._staged_after(files, changes)
            self._check_index(BY_HAND)
            self._git("commit", "--quiet", "--file=-", data=message.encode(), env=env)
        for path, content in staged.items():
            try:
                self._stage(path, content)
            except GitError as error:
                error.hint = (
                    f"the commit is made, and {path} as it was before is staged: git add it"
                )
                raise
        return True

    def uncommitted(self) -> list[str]:
        """Which of the two files are not as the last commit has them, images.toml first."""
        asked = ("status", "--porcelain", "--untracked-files=all", "--")
        paths = (
            (self._images_path, self.project.images_path),
            (self._lock_path, self.project.lock_path),
        )
        env = {"GIT_LITERAL_PATHSPECS": "1"}
        return [
            str(file)
            for path, file in paths
            if path and run_git(self.directory, *asked, self._near(path), env=env, hint=_STATUS)
        ]

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

    def _check_index(self, hint: str) -> None:
        """Raise `GitError` where another git, such as one with an open editor, holds the index."""
        lock = Path(self.directory, f"{self._index_path}.lock")
        if lock.exists():
            raise GitError(f"another git command is under way: it holds {lock}", hint=hint)

    @property
    def _index_path(self) -> str:
        return self._git("rev-parse", "--git-path", "index").strip()

    def _near(self, path: str) -> str:
        """A path in the repository, for commands that run in `directory`."""
        # A ":" at its start would mean something else.
        return f"./{posixpath.relpath(path, self.prefix or '.')}"

    def _check_files(self) -> None:
        for path in filter(None, [self._lock_path, self._images_path]):
            done = try_git(self.directory, "check-ignore", "--quiet", "--", self._near(path))
            if done.returncode == 0:
                raise GitError(
                    f"git ignores {path}",
                    hint=f"git check-ignore -v {path} shows where; remove that, {WITHOUT}",
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
                f"the lock that is committed or staged cannot be read ({error})", hint=BY_HAND
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
        done = try_git(self.directory, "rev-parse", "--quiet", "--verify", "HEAD")
        return done.returncode == 0

    def _committed(self, path: str) -> bytes | None:
        return self._blob("HEAD:", path)

    def _blob(self, revision: str, path: str) -> bytes | None:
        """The content of a file in a revision, None where it is not there."""
        return content(self.directory, f"{revision}{path}")

    def _git(
        self, *arguments: str, data: bytes | None = None, env: Mapping[str, str] | None = None
    ) -> str:
        return run_git(self.directory, *arguments, data=data, env=env)
