"""Where bytes go that were asked for: to a file, or to stdout as they are."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ..base import files
from ..errors import UsageError
from . import console, options

STDOUT = options.STDIO
# Opened by its name, a file that stdout goes to would lose what is in it.
_STDOUT_NAMES = {"/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"}


def add_output(parser: argparse.ArgumentParser, what: str = "FILE") -> None:
    """`--output`: where the result goes, stdout where it does not say."""
    parser.add_argument(
        "--output",
        "-o",
        type=target,
        default=STDOUT,
        metavar=what,
        help="where to write it, whole or not at all; - is stdout (default: stdout)",
    )


def target(text: str) -> Path:
    """Where to write, as an argument names it."""
    return STDOUT if text in _STDOUT_NAMES else options.path_or_stdio(text)


@contextmanager
def opened(path: Path, *, text: bool = False) -> Iterator[BinaryIO]:
    """A file to write to, which takes its place at the end, or stdout.

    What is not `text` is kept from a terminal. Raises `UsageError` there, and `FileError`.
    """
    if path == STDOUT:
        with _stdout(text=text) as out:
            yield out
    elif path.exists() and not path.is_file() and not path.is_dir():
        # A device or a pipe is written to; another file in its place would be a loss.
        try:
            with path.open("wb") as out:
                yield out
        except BrokenPipeError:
            raise
        except OSError as error:
            raise files.unwritable(path, error) from None
    else:
        with files.replacing(path) as out:
            yield out


def write(data: bytes, path: Path = STDOUT) -> None:
    """Write text, which may go to a terminal; raises `FileError`."""
    with opened(path, text=True) as out:
        out.write(data)


@contextmanager
def _stdout(*, text: bool) -> Iterator[BinaryIO]:
    if not text and sys.stdout.isatty():
        raise UsageError("this is not for a terminal; write it to a file with -o, or pipe it")
    with console.writing():
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
