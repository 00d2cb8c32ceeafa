"""The two files of a project on disk: `images.toml`, and the lock beside it."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Self

from ..base import files
from ..base.userinfo import without_login
from ..base.values import dataclass
from ..errors import NixfetchError, UsageError, placed
from .images import Images
from .lock import Lock
from .search import find_images

_LOCK = [".lock", ".toml"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LockFile:
    """A lock, and the text that it was read from; None where there was no file.

    Git may have given its lines the ends of Windows, which Nix reads too.
    """

    lock: Lock
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedLock:
    """A lock after a change, and whether its text differs from the one before."""

    lock: Lock
    changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """The paths of the two files. Every error that its methods raise names the file."""

    images_path: Path

    @classmethod
    def at(cls, images_path: Path) -> Self:
        """The project whose `images.toml` is at `images_path`; raises `UsageError`."""
        if images_path.suffix != ".toml":
            shown = without_login(str(images_path))
            raise UsageError(f"{shown} does not end in .toml", hint="name an images.toml")
        if images_path.suffixes[-2:] == _LOCK:
            shown = without_login(str(images_path))
            raise UsageError(f"{shown} is a lock", hint="name the images.toml beside it")
        return cls(images_path=images_path)

    @property
    def directory(self) -> Path:
        """The directory that relative paths in images.toml start from."""
        return self.images_path.parent

    @property
    def lock_path(self) -> Path:
        """The path of the lock: `images.lock.toml` for `images.toml`."""
        return self.images_path.with_suffix(".lock.toml")

    def command(self, words: str) -> str:
        """`nixfetch-docker WORDS` for a hint, with `--file` where it would not find these files."""
        return f"`nixfetch-docker {words}{self._option('')}`"

    @property
    def update_command(self) -> str:
        """The command that writes the lock, and the app of a flake that does the same."""
        return f"{self.command('update')} (or `nix run .#update-images{self._option(' --')}`)"

    def _option(self, before: str) -> str:
        if self.images_path == find_images():
            return ""
        return f"{before} --file {shlex.quote(without_login(str(self.images_path)))}"

    def read_images(self) -> Images:
        """The contents of `images.toml`; raises `FileError` where there is none."""
        return self.parse_images(self.read_images_text())

    def read_images_text(self) -> str:
        """The text of `images.toml`; raises `FileError` where there is none."""
        with placed(self.images_path):
            try:
                return files.read(self.images_path)
            except FileNotFoundError:
                raise files.FileError(
                    "there is no such file",
                    hint=f"{self.command('init')} writes one; or name yours with --file",
                ) from None

    def read_images_text_if_any(self) -> str:
        """The text of `images.toml`, "" where there is no file."""
        with placed(self.images_path):
            try:
                return files.read(self.images_path)
            except FileNotFoundError:
                return ""

    def parse_images(self, text: str) -> Images:
        """Read a text of `images.toml`; raises `NixfetchError` with all of its faults."""
        with placed(self.images_path):
            return _parse(text)

    def new_images(self, text: str) -> Images:
        """Read a text that is to become that of `images.toml`: its lines are in no file yet."""
        with placed(self.images_path):
            return Images.parse(text)

    def write_images(self, text: str, *, instead_of: str) -> None:
        """Replace the text of `images.toml`.

        Raises `FileError` where it is not `instead_of` any more.
        """
        with files.alone_in(self.directory):
            if self.read_images_text_if_any() != instead_of:
                raise files.FileError("it was changed meanwhile", hint="run the command again").at(
                    str(self.images_path)
                )
            files.write(self.images_path, text)

    def read_lock(self) -> LockFile:
        """The lock, empty where there is no file."""
        with placed(self.lock_path):
            try:
                text = files.read(self.lock_path)
            except FileNotFoundError:
                return LockFile(lock=Lock(), text=None)
            return LockFile(lock=Lock.parse(text, update=self.update_command), text=text)

    def change_lock(
        self, change: Callable[[Lock], Lock], *, read: LockFile, dry_run: bool = False
    ) -> ChangedLock:
        """Replace the lock by the result of `change`, whole or not at all.

        Other processes wait meanwhile, and `change` gets the lock as it is now, which may be a
        later one than `read`: of two updates at once neither undoes the other. With `dry_run`
        nothing is written.
        """
        with files.alone_in(self.directory):
            current = self._read_again(read)
            lock = change(current.lock)
            text = lock.to_toml()
            changed = current.text is None or text != current.text.replace("\r\n", "\n")
            if changed and not dry_run:
                if current.text and current.text.endswith("\r\n"):
                    text = text.replace("\n", "\r\n")
                files.write(self.lock_path, text)
        return ChangedLock(lock=lock, changed=changed)

    def _read_again(self, read: LockFile) -> LockFile:
        """The lock as it is now, parsed only where its text differs from that of `read`."""
        with placed(self.lock_path):
            try:
                is_same = files.read(self.lock_path) == read.text
            except FileNotFoundError:
                is_same = read.text is None
        return read if is_same else self.read_lock()


def _parse(text: str) -> Images:
    """The contents of a text; raises `NixfetchError` with all of its faults, each with its line."""
    try:
        return Images.parse(text)
    except NixfetchError as error:
        from .images_faults import all_faults

        raise all_faults(text, error) from None
