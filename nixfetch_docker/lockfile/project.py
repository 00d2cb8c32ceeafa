"""The pair of files on disk: `images.toml` and the lock beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ..base import files
from ..errors import NixfetchError, UsageError
from .images import Images
from .lock import Lock


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Where the two files are."""

    images_path: Path

    @classmethod
    def at(cls, images_path: Path) -> Self:
        """The project whose `images.toml` is at `images_path`; raises `UsageError`."""
        if images_path.suffix != ".toml":
            raise UsageError(f"{images_path} does not end in .toml")
        return cls(images_path=images_path)

    @property
    def lock_path(self) -> Path:
        """`images.lock.toml` for `images.toml`."""
        return self.images_path.with_suffix(".lock.toml")

    def read_images_text(self) -> str:
        """The text of `images.toml`, empty where there is none; every error names the file."""
        try:
            return files.read(self.images_path)
        except FileNotFoundError:
            return ""
        except NixfetchError as error:
            raise error.at(str(self.images_path)) from None

    def parse_images(self, text: str) -> Images:
        """The images of a text for `images.toml`; every error names the file."""
        try:
            return Images.parse(text)
        except NixfetchError as error:
            raise error.at(str(self.images_path)) from None

    def write_images(self, text: str, *, instead_of: str) -> None:
        """Replace `images.toml`; raises `FileError` where it is another one than before."""
        with files.alone_in(self.images_path.parent):
            if self.read_images_text() != instead_of:
                raise files.FileError("it was changed meanwhile", hint="run it again").at(
                    str(self.images_path)
                )
            files.write(self.images_path, text)

    def read_images(self) -> Images:
        """The images asked for; every error names the file."""
        try:
            return Images.parse(files.read(self.images_path))
        except FileNotFoundError:
            raise files.FileError(
                "there is no such file",
                hint="write one, as in the README, or name yours with --file",
            ).at(str(self.images_path)) from None
        except NixfetchError as error:
            raise error.at(str(self.images_path)) from None

    def read_lock(self) -> tuple[Lock, str]:
        """The lock and its text, both empty where there is no file; every error names it."""
        try:
            text = files.read(self.lock_path)
            return Lock.parse(text), text
        except FileNotFoundError:
            return Lock(), ""
        except NixfetchError as error:
            raise error.at(str(self.lock_path)) from None

    def change_lock(self, change: Callable[[Lock], Lock]) -> Lock:
        """Replace the lock by what `change` makes of it, whole or not at all; gives the new one.

        It is read anew for that, and others wait meanwhile, so that of two updates at once neither
        undoes what the other did. Every error names the file.
        """
        with files.alone_in(self.lock_path.parent):
            lock, old = self.read_lock()
            new = change(lock)
            if new.to_toml() != old:
                files.write(self.lock_path, new.to_toml())
        return new
