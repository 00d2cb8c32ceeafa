"""Temporary directories: those of processes that were killed are removed by the next process."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX = "nixfetch-docker-"


def parent() -> Path:
    """The directory for temporary files.

    Python's `tempfile.gettempdir` would write a file to try it, which a kill leaves behind.
    """
    return Path(os.environ.get("TMPDIR") or "/tmp")  # noqa: S108


@contextmanager
def directory() -> Iterator[Path]:
    """A new directory below the one for temporary files, which is removed at the end of the block.

    First, the directories of this user's processes that were killed are removed. A process holds
    a lock on its directory, which ends with it. Raises `OSError`.
    """
    for entry in os.scandir(parent()):
        if entry.name.startswith(_PREFIX):
            with suppress(OSError):  # another user's, or another process removes it now
                _remove_abandoned(Path(entry))
    made, lock = _locked()
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
        os.close(lock)


def _locked() -> tuple[Path, int]:
    while True:
        made = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent()))
        # Until it is locked, another process may take it for abandoned.
        with suppress(FileNotFoundError):
            lock = os.open(made, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
                made.stat()
            except BaseException:
                os.close(lock)
                raise
            return made, lock


def _remove_abandoned(path: Path) -> None:
    lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        found = os.fstat(lock)
        if found.st_uid == os.geteuid() and stat.S_ISDIR(found.st_mode):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path)
    finally:
        os.close(lock)
