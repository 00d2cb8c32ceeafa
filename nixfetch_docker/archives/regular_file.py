"""Opening a file that others may have made: a regular file, and where it is asked for.

Someone else may have written the directory of an image, or unpacked it from an archive. A link in
it could name any file of this machine, whose content would end in the Nix store, readable by every
user. A FIFO or a device could keep the reader waiting for ever.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from ..base.redact import quote
from ..base.units import size
from ..errors import NixfetchError

# More than any layer. A sparse file has any size at no cost, and reading it would never end.
_LARGEST = 10**12
_MOST_LINKS = 40
_DIRECTORY = os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY
# Without O_NONBLOCK, opening a FIFO that took the file's place waits for its writer.
_FILE = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY


class InvalidLocalImage(NixfetchError):
    """A file that is missing, holds no image, or does not hold the one asked for."""


def open_regular(path: Path) -> BinaryIO:
    """Open a file that a person named, links followed; raises `InvalidLocalImage` and `OSError`."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise _not_regular("it")
    return _checked(os.open(path, _FILE), "it")


def open_below(directory: Path, name: str) -> BinaryIO:
    """Open the regular file `name` below a directory.

    Links are followed as long as they stay in the directory: `docker save` before docker 25 writes
    a layer that occurs again as one. Raises `InvalidLocalImage`, and `OSError` for a file that is
    missing or cannot be opened.
    """
    with ExitStack() as stack:

        def enter(handle: int) -> int:
            stack.callback(os.close, handle)
            return handle

        # The directories from the outermost to the one that the walk is in.
        inside = [enter(os.open(directory, _DIRECTORY))]
        waiting = _parts(name)
        links = 0
        while waiting:
            part = waiting.pop()
            if part == "..":
                inside.pop()
                if not inside:
                    raise _leads_out(name)
                continue
            mode = os.stat(part, dir_fd=inside[-1], follow_symlinks=False).st_mode
            if stat.S_ISLNK(mode):
                links += 1
                target = os.readlink(part, dir_fd=inside[-1])
                if target.startswith("/"):
                    raise _leads_out(name)
                if links > _MOST_LINKS:
                    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
                waiting += _parts(target)
            elif waiting:
                # What a link has replaced meanwhile is refused by O_NOFOLLOW.
                inside.append(enter(os.open(part, _DIRECTORY | os.O_NOFOLLOW, dir_fd=inside[-1])))
            elif stat.S_ISREG(mode):
                handle = os.open(part, _FILE | os.O_NOFOLLOW, dir_fd=inside[-1])
                return _checked(handle, quote(name))
        raise _not_regular(quote(name))


def check_size(number: int, name: str) -> None:
    """Raise `InvalidLocalImage` for more bytes than are read of one file."""
    if number > _LARGEST:
        what = f"{name} has more than {size(_LARGEST)}"
        raise InvalidLocalImage(what, hint="is it the right file, and no sparse one?")


def _parts(path: str) -> list[str]:
    """The parts of a path, the last one first."""
    return [part for part in reversed(path.split("/")) if part not in {"", "."}]


def _checked(handle: int, name: str) -> BinaryIO:
    """The open file, once it is known to be a regular one; else it is closed."""
    file = os.fdopen(handle, "rb")
    status = os.fstat(handle)
    if stat.S_ISREG(status.st_mode) and status.st_size <= _LARGEST:
        return file
    file.close()
    check_size(status.st_size, name)
    raise _not_regular(name)


def _leads_out(name: str) -> InvalidLocalImage:
    return InvalidLocalImage(
        f"{quote(name)} leads out of the directory by a link",
        hint="put a copy of the file in the link's place",
    )


def _not_regular(name: str) -> InvalidLocalImage:
    return InvalidLocalImage(
        f"{name} is not a regular file", hint="a directory, a FIFO or a device has no bytes to lock"
    )
