"""The console: results go to stdout; notes, errors and progress go to stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from ..base import units
from ..base.files import unwritable

if TYPE_CHECKING:
    import rich.progress

PROGRAM = "nixfetch-docker"
# The key of the bar for all blobs; no blob has this label.
_ALL = ""


class _Level:
    """The choice of lines to print beside results and errors."""

    quiet = False
    verbose = False


def set_level(*, quiet: bool, verbose: bool) -> None:
    """Set which lines `note` and `detail` print: with `quiet` none, with `verbose` all."""
    _Level.quiet, _Level.verbose = quiet, verbose


@contextmanager
def writing() -> Iterator[None]:
    """A block that writes to stdout: raises `FileError` where the system refuses that.

    `BrokenPipeError` passes, as the reader may stop early.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        # Python flushes the buffer once more at exit, which would fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise unwritable("stdout", error) from None


def result(text: str) -> None:
    """Print a line of the result to stdout; raises `FileError`."""
    with writing():
        print(text, flush=True)


def note(text: str) -> None:
    """Print a line about the progress of the work to stderr, unless `--quiet` is given."""
    if not _Level.quiet:
        print(text, file=sys.stderr, flush=True)


def detail(text: str) -> None:
    """Print a line to stderr where `--verbose` is given."""
    if _Level.verbose:
        print(text, file=sys.stderr, flush=True)


def error(text: object) -> None:
    """Print an error to stderr, after the name of the program."""
    print(f"{PROGRAM}: {text}", file=sys.stderr, flush=True)


class StepCounter:
    """A line "3 of 12 images" on stderr, below all other lines, where that is a terminal."""

    def __init__(self, total: int, noun: str) -> None:
        """`noun` is the singular of the things that are counted."""
        self._text = f"of {units.count(total, noun)}"
        self._done = 0
        self._is_shown = sys.stderr.isatty() and not _Level.quiet

    def __enter__(self) -> Self:
        self._show()
        return self

    def __exit__(self, *_: object) -> None:
        self._clear()

    @contextmanager
    def step(self) -> Iterator[None]:
        """Count one more, around a block that prints about it."""
        self._done += 1
        self._clear()
        yield
        self._show()

    def _show(self) -> None:
        if self._is_shown:
            print(f"{self._done} {self._text}", end="", file=sys.stderr, flush=True)

    def _clear(self) -> None:
        if self._is_shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


class ProgressBars:
    """A bar for each blob under way and one for all, on stderr where that is a terminal."""

    def __init__(self, total: int, name: str = "all") -> None:
        """`total` is the bytes of all blobs, and `name` the label of their bar."""
        self._total = total
        self._name = name
        self._bars: rich.progress.Progress | None = None
        self._tasks: dict[str, rich.progress.TaskID] = {}

    def __enter__(self) -> Self:
        if sys.stderr.isatty() and not _Level.quiet:
            from rich.console import Console
            from rich.progress import BarColumn, DownloadColumn, Progress, TransferSpeedColumn

            columns = ("{task.description}", BarColumn(), DownloadColumn(), TransferSpeedColumn())
            console = Console(stderr=True, highlight=False, markup=False, emoji=False)
            self._bars = Progress(*columns, console=console, transient=True)
            self._bars.start()
            self._tasks[_ALL] = self._bars.add_task(self._name, total=self._total)
        return self

    def __exit__(self, *_: object) -> None:
        if self._bars is not None:
            self._bars.stop()

    def advance(self, number: int) -> None:
        """Add `number` bytes to the bar for all. Safe to call from any thread."""
        if self._bars is not None:
            self._bars.advance(self._tasks[_ALL], number)

    def show(self, done: int, under_way: Mapping[str, tuple[int, int]]) -> None:
        """Show all bars anew.

        `done` is the bytes of the blobs that are not under way any more; `under_way` has for each
        label of a blob the bytes that have come and its size. The bar for all shows the sum.
        """
        if self._bars is None:
            return
        for name in self._tasks.keys() - under_way.keys() - {_ALL}:
            self._bars.remove_task(self._tasks.pop(name))
        for name, (received, size) in under_way.items():
            if name not in self._tasks:
                self._tasks[name] = self._bars.add_task(name, total=size)
            self._bars.update(self._tasks[name], completed=received)
        all_received = sum(received for received, _ in under_way.values())
        self._bars.update(self._tasks[_ALL], completed=done + all_received)


def table(rows: Sequence[tuple[str, ...]]) -> None:
    """Print rows in columns to stdout; the first row has the heads. Raises `FileError`."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    # In a pipe or a file every row is one line, however narrow the terminal is.
    console = Console(
        width=None if sys.stdout.isatty() else 500, highlight=False, markup=False, emoji=False
    )
    grid = Table(box=box.SIMPLE_HEAD if console.is_terminal else None, pad_edge=False)
    for head in rows[0]:
        grid.add_column(head, no_wrap=not console.is_terminal)
    for row in rows[1:]:
        grid.add_row(*row)
    with writing():
        console.print(grid)
