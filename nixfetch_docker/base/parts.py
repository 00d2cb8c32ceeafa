"""Parts: files and directories that grow beside their place, and are renamed to it at the end.

A part is locked as long as the process that writes it lives. One without a lock is what a killed
process left, and the next run for the same place removes it. A temporary directory is a part that
is never renamed.
"""

from __future__ import annotations

import fcntl
import os
import re
import stat
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from .destination import may_follow

# Locks of flock(2) may mean nothing on a network's file system, where another machine writes.
_OLD_SECONDS = 24 * 3600
# A name has at most 255 bytes on the usual file systems, and a part's is longer than its place's.
_LONGEST = 200
_READ = os.O_NONBLOCK | os.O_NOFOLLOW


def make_file(path: Path, at_end: ExitStack) -> tuple[Path, int]:
    """A new file beside `path`, and a descriptor that is open for writing it and keeps its lock.

    `at_end` removes the file, unless it has been renamed by then. It knows of the file before that
    is made, so that a signal in between leaves nothing. Raises `OSError`.
    """
    while True:
        part = _new_name(path)
        at_end.callback(part.unlink, missing_ok=True)
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        if _is_held(part, handle):
            return part, handle
        os.close(handle)


def make_directory(path: Path, at_end: ExitStack, mode: int = 0o777) -> tuple[Path, int]:
    """A new directory beside `path`, and a descriptor that keeps its lock.

    The umask takes permissions from `mode`. `at_end` and the errors are those of `make_file`.
    """
    import shutil

    while True:
        part = _new_name(path)
        at_end.callback(shutil.rmtree, part, ignore_errors=True)
        part.mkdir(mode)
        try:
            handle = os.open(part, _READ | os.O_DIRECTORY)
        except FileNotFoundError:
            continue
        if _is_held(part, handle):
            return part, handle
        os.close(handle)


def temporary_parent() -> Path:
    """The directory for temporary files.

    Python's `tempfile.gettempdir` would write a file to try it, which a kill leaves behind.
    """
    return Path(os.environ.get("TMPDIR") or "/tmp")  # noqa: S108


@contextmanager
def temporary_directory() -> Iterator[Path]:
    """A new directory for this user below `temporary_parent`, removed at the end of the block.

    Before it, those of killed processes are removed. Raises `OSError`.
    """
    place = temporary_parent() / "nixfetch-docker"
    remove_leftovers(place)
    with ExitStack() as at_end:
        made, held = make_directory(place, at_end, 0o700)
        at_end.callback(os.close, held)
        yield made


def leftovers(path: Path) -> list[Path]:
    """The parts for `path` that are there, of processes that live or do not."""
    name = re.compile(re.escape(_prefix(path)) + r"(?:[0-9a-f]{8}){1,2}\.part")
    try:
        return [one for one in path.parent.iterdir() if name.fullmatch(one.name)]
    except OSError:
        return []


def remove_leftovers(path: Path) -> None:
    """Remove the parts for `path` of killed processes; what cannot be removed stays."""
    for part in leftovers(path):
        with suppress(OSError):
            _remove_dead(part)


def _remove_dead(part: Path) -> None:
    handle = os.open(part, _READ)
    try:
        status = os.fstat(handle)
        # Also root removes nothing that another user put into a directory such as /tmp.
        user = os.geteuid()
        if user not in (0, status.st_uid) or not may_follow(status, part.parent.stat(), user):
            return
        is_sure = part.name.split(".")[-2].startswith(_machine())
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        except OSError:
            is_sure = False
        if not is_sure and time.time() - status.st_mtime < _OLD_SECONDS:
            return
        if stat.S_ISDIR(status.st_mode):
            import shutil

            shutil.rmtree(part)
        elif stat.S_ISREG(status.st_mode):
            part.unlink()
    finally:
        os.close(handle)


def _is_held(part: Path, handle: int) -> bool:
    """Whether a new part is locked now; not where another process took it for a dead one's."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # This file system has no locks.
    return os.path.lexists(part)


def _new_name(path: Path) -> Path:
    return path.with_name(f"{_prefix(path)}{_machine()}{os.urandom(4).hex()}.part")


def _prefix(path: Path) -> str:
    return f".{os.fsdecode(os.fsencode(path.name)[:_LONGEST])}."


def _machine() -> str:
    """Eight digits that differ between machines."""
    from binascii import crc32

    return f"{crc32(os.fsencode(os.uname().nodename)):08x}"
