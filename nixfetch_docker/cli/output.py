"""Results of commands, written to stdout or to a file that `--output` names."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ..base import files, printable
from ..base.regex import regex
from ..errors import UsageError
from . import console, options

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

STDOUT = options.STDIO
# Opening one of these by name would truncate the file that the descriptor is open for, and a file
# of its own in its place would not reach whoever passed the descriptor.
_STDOUT_NAMES = {"/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"}
_DESCRIPTOR = regex(r"/dev/fd/(\d{1,6})|/proc/self/fd/(\d{1,6})|/dev/stderr")


def add_output(parser: argparse.ArgumentParser) -> None:
    """Declare `--output`: the file for the result, stdout by default."""
    parser.add_argument(
        "--output",
        "-o",
        type=parse_path,
        default=STDOUT,
        metavar="FILE",
        help="the file to write, which appears once it is complete; - is stdout (default: stdout)",
    )


def parse_path(text: str) -> Path:
    """The path that an argument names, `STDOUT` for stdout."""
    return STDOUT if text in _STDOUT_NAMES else options.path_or_stdio(text)


def name(path: Path) -> str:
    """The output in words for people."""
    return "stdout" if path == STDOUT else str(path)


def is_stream(path: Path) -> bool:
    """Whether the output goes to stdout, an open descriptor, a pipe or a device.

    All of these are written through, and replaced by no file.
    """
    if path == STDOUT or _DESCRIPTOR.fullmatch(str(path)):
        return True
    return is_device(path)


@contextmanager
def opened(path: Path, *, is_text: bool = False) -> Iterator[BinaryIO]:
    """Stdout, or a new file that replaces `path` when the block ends without an error.

    Raises `UsageError` where stdout is a terminal and the output not `is_text`, and `FileError`.
    """
    if path == STDOUT:
        with _stdout(is_text=is_text) as out:
            yield out
    elif is_stream(path):
        try:
            with _opened_stream(path) as out:
                yield out
        except BrokenPipeError:
            raise
        except OSError as error:
            raise files.unwritable(path, error) from None
    else:
        with files.replacing(path) as out:
            yield out


def is_directory(path: Path) -> bool:
    """Whether `path` is a directory; not where the system does not tell."""
    return stat.S_ISDIR(_mode(path))


def is_device(path: Path) -> bool:
    """Whether `path` is a device, a pipe or the like, which is written to and not replaced."""
    mode = _mode(path)
    return bool(mode) and not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def _mode(path: Path) -> int:
    """The kind of a file as `stat` has it, 0 for none.

    Also 0 where the system does not tell, as in a directory that may not be searched: whoever
    opens the file gets the error.
    """
    try:
        return path.stat().st_mode
    except OSError:
        return 0


def write(data: bytes, path: Path = STDOUT) -> None:
    """Write text to a file or to stdout, a terminal too; raises `FileError`.

    The bytes stay as they are, but for a terminal, which shows what would control it.
    """
    if path == STDOUT and sys.stdout.isatty():
        data = printable.document(data.decode(errors="replace")).encode()
    with opened(path, is_text=True) as out:
        out.write(data)


@contextmanager
def _stdout(*, is_text: bool) -> Iterator[BinaryIO]:
    if not is_text and sys.stdout.isatty():
        raise UsageError(
            "the output is binary, and stdout is a terminal; pipe it, or write a file with -o"
        )
    with console.writing():
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()


def _opened_stream(path: Path) -> BinaryIO:
    """A pipe or a device, open for writing. Raises `FileError` and `OSError`."""
    if found := _DESCRIPTOR.fullmatch(str(path)):
        return os.fdopen(os.dup(int(found[1] or found[2] or 2)), "wb")
    # Not made where it is gone meanwhile, and no link where it was none.
    flags = os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.fdopen(os.open(files.followed(path), flags), "wb")
