"""What the program prints: results to stdout, prose to stderr."""

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


class _Level:
    """What is printed beside results and errors."""

    quiet = False
    verbose = False


def set_level(*, quiet: bool, verbose: bool) -> None:
    """Print no notes, or also details."""
    _Level.quiet, _Level.verbose = quiet, verbose


@contextmanager
def writing() -> Iterator[None]:
    """What writes to stdout: raises `FileError` where that is full, or cannot be written."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        # What is still in the buffer cannot be written at the end either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise unwritable("stdout", error) from None


def result(text: str) -> None:
    """Print a line of what was asked for; raises `FileError`."""
    with writing():
        print(text, flush=True)


def note(text: str) -> None:
    """Print a line about what goes on, unless nobody wants to know."""
    if not _Level.quiet:
        print(text, file=sys.stderr, flush=True)


def detail(text: str) -> None:
    """Print a line that only the curious want to see."""
    if _Level.verbose:
        print(text, file=sys.stderr, flush=True)


def error(text: object) -> None:
    """Print the one line that says what is wrong."""
    print(f"{PROGRAM}: {text}", file=sys.stderr, flush=True)


class Counter:
    """How many of how many are done: a line on a terminal's stderr that gives way to others."""

    def __init__(self, total: int, noun: str) -> None:
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
        """One more is done, and the block prints about it."""
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


class Progress:
    """A bar for each thing under way and one for the whole, on a terminal's stderr alone."""

    def __init__(self, total: int, name: str = "all") -> None:
        """`total` in bytes, and what the whole is called."""
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
            self._tasks["all"] = self._bars.add_task(self._name, total=self._total)
        return self

    def __exit__(self, *_: object) -> None:
        if self._bars is not None:
            self._bars.stop()

    def advance(self, number: int) -> None:
        """So many more bytes of the whole are done. Safe to call from any thread."""
        if self._bars is not None:
            self._bars.advance(self._tasks["all"], number)

    def show(self, done: int, under_way: Mapping[str, tuple[int, int]]) -> None:
        """`done` bytes of the whole; of each thing under way, how many of how many."""
        if self._bars is None:
            return
        for name in self._tasks.keys() - under_way.keys() - {"all"}:
            self._bars.remove_task(self._tasks.pop(name))
        for name, (received, size) in under_way.items():
            if name not in self._tasks:
                self._tasks[name] = self._bars.add_task(name, total=size)
            self._bars.update(self._tasks[name], completed=received)
        self._bars.update(self._tasks["all"], completed=done)


def table(rows: Sequence[tuple[str, ...]]) -> None:
    """Print rows in columns, the first row being their heads; raises `FileError`."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    # In a pipe or a file no row may wrap, however narrow the terminal is.
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
