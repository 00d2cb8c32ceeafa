"""The console: results go to stdout; notes, errors and progress go to stderr.

No line of these moves the cursor of a terminal or is a command of a CI, whatever a stranger has
written into it: `base/printable` says how.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Self, TextIO

from ..base import printable, units
from ..base.files import FileError, unwritable
from . import short_form

if TYPE_CHECKING:
    import rich.progress

PROGRAM = "nixfetch-docker"
# The key of the bar for all blobs; no blob has this label.
_ALL = ""


class _Level:
    """The choice of lines to print beside results and errors."""

    quiet = False
    verbose = False


class _Typed:
    """The words of the command line, whose logins no line repeats."""

    words: Sequence[str] = ()


def hide_logins_of(words: Sequence[str]) -> None:
    """Print no login that is in one of these words, such as "ann:pw" of "ann:pw@host"."""
    _Typed.words = words


def set_level(*, quiet: bool, verbose: bool) -> None:
    """Set which lines `note` and `detail` print: with `quiet` none, with `verbose` all."""
    _Level.quiet, _Level.verbose = quiet, verbose
    short_form.set_form(verbose=verbose)


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
        drop_results()
        raise unwritable("stdout", error) from None


def result(text: str, *, word: str = "", colour: str = "") -> None:
    """Print lines to stdout about work that is done; raises `FileError`.

    On a terminal with colours, the first `word` of the text has the `colour`, an SGR parameter.

    A reader that has left, as `head` does, ends no work: the line is dropped. What a command is
    run for, such as a manifest, is written by `output.write` instead.
    """
    try:
        with writing():
            text = printable.lines(text)
            if word and _has_colours():
                text = text.replace(f" {word}", f" \x1b[{colour}m{word}\x1b[0m", 1)
            print(text, flush=True)
    except BrokenPipeError:
        drop_results()


def width() -> int:
    """The columns of the terminal that stdout is, or 80 for a pipe or a file."""
    return shutil.get_terminal_size((80, 24)).columns if sys.stdout.isatty() else 80


def _has_colours() -> bool:
    """Whether stdout is a terminal with colours, and https://no-color.org does not forbid them."""
    return (
        sys.stdout.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM", "dumb") != "dumb"
    )


def help_text(text: str) -> None:
    """Print a whole text to stdout; raises `FileError` and `BrokenPipeError`."""
    with writing():
        print(text, end="", flush=True)


def drop_results() -> None:
    """Write all that goes to stdout from now on, and what is in its buffer, to /dev/null.

    Python flushes the buffer once more at exit, which would fail again.
    """
    _open_null(sys.stdout)


def _open_null(stream: TextIO) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def flush_result() -> bool:
    """Whether stdout took all that was printed; where it did not, an error is printed.

    Nothing is printed where the reader has left.
    """
    try:
        with writing():
            sys.stdout.flush()
    except BrokenPipeError:
        drop_results()
        return False
    except FileError as failure:
        error(failure)
        return False
    return True


def note(text: str) -> None:
    """Print a line about the progress of the work to stderr, unless `--quiet` is given."""
    if not _Level.quiet:
        _print_aside(printable.one_line(short_form.shown(text)))


def detail(text: str) -> None:
    """Print a line to stderr where `--verbose` is given."""
    if _Level.verbose:
        _print_aside(printable.one_line(text))


def next_step(command: str) -> None:
    """Print what to do next to stderr, where that is a terminal, unless `--quiet` is given."""
    if sys.stderr.isatty():
        note(f"next: {command}")


def error(text: object) -> None:
    """Print an error to stderr, after the name of the program.

    With `NIXFETCH_DEBUG` in the environment, the traceback of an error's cause comes before it.
    """
    cause = text.__cause__ if isinstance(text, BaseException) else None
    if cause is not None and os.environ.get("NIXFETCH_DEBUG"):
        traceback(cause)
    _print_aside(printable.one_line(f"{PROGRAM}: {short_form.shown(text)}"))


def traceback(error: BaseException) -> None:
    """Print where an error comes from to stderr."""
    from traceback import format_exception

    _print_aside(printable.lines("".join(format_exception(error))), end="")


def usage(text: str) -> None:
    """Print a whole text about wrong usage to stderr."""
    _print_aside(printable.lines(text), end="")


def _print_aside(text: str, end: str = "\n") -> None:
    """Print to stderr, without logins. Where nobody reads that, the work goes on."""
    if any("@" in one or "%" in one for one in (text, *_Typed.words)):
        from ..base import userinfo

        text = userinfo.hide_logins(text)
        text = userinfo.strike_typed(text, userinfo.typed_logins(_Typed.words))
    try:
        print(text, end=end, file=sys.stderr, flush=True)
    except (OSError, ValueError):
        with suppress(OSError, ValueError):
            _open_null(sys.stderr)


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
            _print_aside(f"{self._done} {self._text}", end="")

    def _clear(self) -> None:
        if self._is_shown:
            _print_aside("\r\x1b[K", end="")


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


def is_narrow(columns: int) -> bool:
    """Whether stdout is a terminal with fewer `columns` than these."""
    return sys.stdout.isatty() and width() < columns


Cell = str | Sequence[str]


def table(rows: Iterable[Sequence[Cell]], whole: Sequence[str] = ()) -> None:
    """Print rows in columns to stdout; the first row has the heads. Raises `FileError`.

    A cell of several texts has a line for each on a terminal, and commas between them elsewhere,
    where every row is one line. The columns whose heads are in `whole` are never cut nor wrapped.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table

    # In a pipe or a file every row is one line, however narrow the terminal is.
    console = Console(
        width=None if sys.stdout.isatty() else 500, highlight=False, markup=False, emoji=False
    )
    grid = Table(box=box.SIMPLE_HEAD if console.is_terminal else None, pad_edge=False)
    heads, *others = ([_lines(cell) for cell in row] for row in rows)
    for position, (head,) in enumerate(heads):
        is_whole = head in whole or not console.is_terminal
        width = max(len(line) for row in (heads, *others) for line in ("", *row[position]))
        grid.add_column(
            head, no_wrap=is_whole, overflow="fold", min_width=width if is_whole else None
        )
    between = "\n" if console.is_terminal else ","
    for row in others:
        grid.add_row(*(between.join(map(printable.one_line, cell)) for cell in row))
    with writing():
        console.print(grid)


def _lines(cell: Cell) -> Sequence[str]:
    return [cell] if isinstance(cell, str) else cell
