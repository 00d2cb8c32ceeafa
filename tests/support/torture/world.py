"""The files around a command, each whole: what they were, are, and are to become."""

from __future__ import annotations

import hashlib
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

# A fingerprint of each file and of each directory with all that is in it.
State = dict[Path, str]

_OF_NIX = re.compile(r"nixfetch-docker-[0-9]+")
_SECONDS = 20


class World:
    """The entries of some directories, where a home directory does not count."""

    def __init__(self, *directories: Path) -> None:
        self._directories: Sequence[Path] = directories

    def state(self) -> State:
        """What is there now, once no Nix adds blobs any more behind the end of an update."""
        self._wait_for_nix()
        return {path: _fingerprint(path) for path in self._paths()}

    def paths(self) -> set[Path]:
        """The names alone, which is faster."""
        return set(self._paths())

    def save(self, copy: Path) -> None:
        """Keep a copy of all that is there."""
        for number, directory in enumerate(self._directories):
            (copy / str(number)).mkdir(parents=True)
            for path in self._entries(directory):
                _copy(path, copy / str(number) / path.name)

    def restore(self, copy: Path) -> None:
        """Make all as it was when `save` made the copy."""
        self._wait_for_nix()
        for number, directory in enumerate(self._directories):
            directory.mkdir(parents=True, exist_ok=True)
            for path in list(self._entries(directory)):
                _remove(path)
            for path in (copy / str(number)).iterdir():
                _copy(path, directory / path.name)

    def _wait_for_nix(self) -> None:
        end = time.monotonic() + _SECONDS
        while any(_OF_NIX.fullmatch(path.name) for path in self._paths()):
            if time.monotonic() > end:
                return
            time.sleep(0.01)

    def _paths(self) -> Iterator[Path]:
        for directory in self._directories:
            yield from self._entries(directory)

    @staticmethod
    def _entries(directory: Path) -> Iterator[Path]:
        if directory.exists():
            yield from (path for path in directory.iterdir() if path.name != "home")


def _fingerprint(path: Path) -> str:
    hasher = hashlib.sha256()
    try:
        if not path.is_dir():
            hasher.update(path.read_bytes())
            return f"file {hasher.hexdigest()}"
        for each in sorted(path.rglob("*")):
            hasher.update(f"{each.relative_to(path)}\0{each.is_dir()}\0".encode())
            if not each.is_dir():
                hasher.update(hashlib.sha256(each.read_bytes()).digest())
    except FileNotFoundError:  # a process that is not ended yet has removed it
        return "gone"
    return f"directory {hasher.hexdigest()}"


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy2(source, target)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
