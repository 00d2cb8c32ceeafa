"""Files that are replaced whole or not at all, and locks on directories."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from ..errors import NixfetchError


class FileError(NixfetchError):
    """A file that cannot be read or written."""


def unreadable(path: Path, error: OSError, *, hint: str = "") -> FileError:
    """The error for a file or directory that cannot be read, placed at its path."""
    return _failed("read", error, hint).at(str(path))


def unwritable(path: Path | str, error: OSError, *, hint: str = "") -> FileError:
    """The error for a file or directory that cannot be written, placed at its path."""
    return _failed("written", error, hint).at(str(path))


def read(path: Path) -> str:
    """The text of a UTF-8 file, with the line breaks that it has.

    Raises `FileError` without a place, which the caller names in its own way, and
    `FileNotFoundError` where there is no file.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise
    except UnicodeDecodeError as error:
        raise FileError(f"byte {error.start} is not UTF-8", hint="save it as UTF-8") from None
    except OSError as error:
        raise _failed("read", error) from None


def write(path: Path, text: str) -> None:
    """Replace a file's text by `text`, as UTF-8; raises `FileError`.

    After a crash the file has the old text or the new one, never a part.
    """
    with replacing(path) as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A new file that replaces `path` at the end of the block, unless the block raises.

    It grows beside `path`, follows a symbolic link, and keeps the permissions of the old file.
    Raises `FileError`.
    """
    path = Path(os.path.realpath(path))
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        part = beside(path)
        # In this order, because a signal may interrupt between the two.
        with _removed_at_last(part), part.open("xb") as file:
            yield file
            file.close()
            if path.exists():
                shutil.copymode(path, part)
            part.replace(path)
    except OSError as error:
        raise unwritable(path, error) from None


def beside(path: Path) -> Path:
    """A new name beside `path`, for the file that will replace it."""
    return path.with_name(f".{path.name}.{os.urandom(4).hex()}.part")


@contextmanager
def alone_in(directory: Path, on_wait: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold a lock on a directory, which keeps out other processes that ask for the same.

    `on_wait` is called before a wait for another process. Nothing is written into the directory.
    Raises `FileError`.
    """
    try:
        handle = os.open(directory, os.O_RDONLY)
    except OSError as error:
        raise unreadable(directory, error) from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_wait()
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _failed(verb: str, error: OSError, hint: str = "") -> FileError:
    return FileError(f"cannot be {verb} ({error.strerror})", hint=hint)


@contextmanager
def _removed_at_last(part: Path) -> Iterator[None]:
    """Remove `part` at the end of the block, unless the block has renamed it."""
    try:
        yield
    finally:
        with suppress(FileNotFoundError):
            part.unlink()
