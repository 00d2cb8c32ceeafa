"""Files that are replaced whole or not at all, and locks on directories."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from ..errors import NixfetchError

_LARGEST = 64 * 1024 * 1024
# What a shell hands over by <(…) or a pipe: its writer is there.
_INHERITED = ("/dev/fd/", "/dev/stdin", "/proc/self/fd/")


class FileError(NixfetchError):
    """A file that cannot be read or written."""


def unreadable(path: Path, error: OSError, *, hint: str = "") -> FileError:
    """The error for a file or directory that cannot be read, placed at its path."""
    return _failed("read", error, hint).at(str(path))


def unwritable(path: Path | str, error: OSError, *, hint: str = "") -> FileError:
    """The error for a file or directory that cannot be written, placed at its path."""
    return _failed("written", error, hint).at(str(path))


def read(path: Path, *, is_named: bool = False) -> str:
    """The text of a UTF-8 file, with the line breaks that it has.

    The errors and `is_named` are those of `read_bytes`, but for `OSError`, which is a `FileError`
    without a place here.
    """
    try:
        data = read_bytes(path, is_named=is_named)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise _failed("read", error) from None
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        what = f"{_place(data, error.start)} is not UTF-8"
        raise FileError(what, hint="save it as UTF-8") from None


def read_bytes(path: Path, *, is_named: bool = False) -> bytes:
    """The content of a regular file, at most 64 MiB, or of a pipe that the shell made for it.

    Another pipe or a device may never end, and is read only where `is_named`: where a person named
    this path for this very run. Raises `FileError` without a place for it, which the caller names
    in its own way, and for a file that is larger; and `OSError`.
    """
    may_wait = is_named or str(path).startswith(_INHERITED)
    if not may_wait:
        _check_regular(path.stat())
    with os.fdopen(os.open(path, os.O_RDONLY if may_wait else os.O_NONBLOCK), "rb") as file:
        if not may_wait:
            _check_regular(os.fstat(file.fileno()))
        data = file.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise FileError(f"it is larger than {_LARGEST} bytes", hint="name another file")
    return data


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

    It grows beside `path`, follows a symbolic link, and keeps the owner, group, permissions and
    access list of the old file. What killed processes left beside it is removed. Raises `FileError`
    before the block where `path` cannot be replaced, as a directory, a device or a mount point.
    """
    from . import parts
    from .destination import Destination, Irreplaceable

    try:
        destination = Destination.of(path)
        path = destination.path
        destination.check_file()
        parts.remove_leftovers(path)
        with ExitStack() as at_end:
            part, held = parts.make_file(path, at_end)
            at_end.callback(os.close, held)
            if destination.old is not None:
                os.fchmod(held, 0o600)  # It may be secret, and gets its permissions at the end.
            # A close may report what no write did, so it comes before the rename. The other
            # descriptor keeps the lock meanwhile.
            with os.fdopen(os.dup(held), "wb") as file:
                yield file
                file.flush()
                destination.keep_attributes(held)
                file.close()
                part.replace(path)
    except Irreplaceable as error:
        raise _irreplaceable(error) from None
    except OSError as error:
        raise unwritable(path, error) from None


def followed(path: Path) -> Path:
    """`path` without its symbolic links; raises `FileError` where another user planted one."""
    from .destination import Destination, Irreplaceable

    try:
        return Destination.of(path).path
    except Irreplaceable as error:
        raise _irreplaceable(error) from None
    except OSError as error:
        raise unwritable(path, error) from None


@contextmanager
def making_directory(path: Path) -> Iterator[Path]:
    """A directory whose entries are those of `path` at the end of the block, unless it raises.

    `path` may be new; then it appears whole. Or it is an empty directory, which gets the entries
    one after another, and stays the same directory. What killed processes left is removed. Raises
    `FileError`, before the block where `path` is anything else.
    """
    from . import parts
    from .destination import Destination, Irreplaceable

    try:
        destination = Destination.of(path)
        path = destination.path
        is_new = destination.old is None
        # In an empty directory the part is inside: also a file system that is mounted there has it.
        place = path if is_new else path / "image"
        parts.remove_leftovers(place)
        if not is_new and (not path.is_dir() or any(path.iterdir())):
            raise FileError("it exists already", hint="name a new or an empty directory").at(
                str(path)
            )
        with ExitStack() as at_end:
            part, held = parts.make_directory(place, at_end)
            at_end.callback(os.close, held)
            yield part
            if is_new:
                part.rename(path)
            else:
                _move_entries(part, path)
    except Irreplaceable as error:
        raise _irreplaceable(error) from None
    except OSError as error:
        raise unwritable(path, error) from None


@contextmanager
def alone_in(directory: Path, on_wait: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold a lock on a directory, which keeps out other processes that ask for the same.

    `on_wait` is called before a wait for another process. Nothing is written into the directory.
    Where the file system has no such locks, as NFS has none on directories, there is none. Raises
    `FileError`.
    """
    try:
        handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise unreadable(directory, error) from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_wait()
            fcntl.flock(handle, fcntl.LOCK_EX)
        except OSError:
            pass
        yield
    finally:
        os.close(handle)


def _failed(verb: str, error: OSError, hint: str = "") -> FileError:
    return FileError(f"cannot be {verb} ({error.strerror})", hint=hint)


def _irreplaceable(error: NixfetchError) -> FileError:
    return FileError(error.what, hint=error.hint).at(error.places[0])


def _place(data: bytes, position: int) -> str:
    """The place of the first byte that is not UTF-8, as messages name it."""
    before = data[:position].decode()
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return f"byte {position} (line {line}, column {column})"


def _check_regular(status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(status.st_mode):
        kinds = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
        what = kinds.get(stat.S_IFMT(status.st_mode), "a device")
        raise FileError(f"it is {what}, which may never end", hint="name a regular file")


def _move_entries(part: Path, path: Path) -> None:
    """Rename the entries of `part` into `path`: all, or none where one cannot be renamed."""
    moved: list[Path] = []
    try:
        # Directories first: the files of a layout say that it is one.
        for entry in sorted(part.iterdir(), key=lambda entry: (not entry.is_dir(), entry.name)):
            entry.rename(path / entry.name)
            moved.append(path / entry.name)
    except BaseException:
        for entry in moved:
            if entry.is_dir():
                import shutil

                shutil.rmtree(entry, ignore_errors=True)
            else:
                entry.unlink(missing_ok=True)
        raise
