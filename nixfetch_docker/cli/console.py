"""The console: results go to stdout; notes, errors and progress go to stderr.

No line of these moves the cursor of a terminal or is a command of a CI, whatever a stranger has
written into it: `base/printable` says how.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, nullcontext, suppress

from ..base import printable
from ..errors import NixfetchError
from . import short_form, terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from typing import TextIO

    Cell = str | Sequence[str]

PROGRAM = "nixfetch-docker"


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
        from ..base.files import unwritable

        drop_results()
        raise unwritable("stdout", error) from None


def result(text: str, *, word: str = "", colour: str = "") -> None:
    """Print lines to stdout about work that is done; raises `FileError`.

    On a terminal with colours, the first `word` of the text has the `colour`, an SGR parameter.

    A reader that has left, as `head` does, ends no work: the line is dropped. What a command is
    run for, such as a manifest, is written by `output.write` instead.
    """
    text = printable.lines(text)
    if word:
        text = text.replace(f" {word}", f" {terminal.coloured(word, colour)}", 1)
    _print_result(text)


def result_in_colours(pieces: Iterable[tuple[str, str]]) -> None:
    """Print one line of texts of ours, each with an SGR parameter or "", as `result` does."""
    shown = ((printable.visible(text), colour) for text, colour in pieces)
    _print_result("".join(terminal.coloured(text, colour) for text, colour in shown))


def _print_result(text: str) -> None:
    """Print a printable text to stdout; dropped where the reader has left. Raises `FileError`."""
    try:
        with writing(), _above_the_lines_below():
            print(text, flush=True)
    except BrokenPipeError:
        drop_results()


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
    except NixfetchError as failure:
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
    """Print an error to stderr, after the name of the program, and its details below it.

    With `NIXFETCH_DEBUG` in the environment, the traceback of an error's cause comes before it.
    """
    cause = text.__cause__ if isinstance(text, BaseException) else None
    if cause is not None and os.environ.get("NIXFETCH_DEBUG"):
        traceback(cause)
    lines = [f"{PROGRAM}: {short_form.shown(text)}", *getattr(text, "details", ())]
    _print_aside("\n".join(map(printable.one_line, lines)))


def interrupted() -> None:
    """Print to stderr that a signal ended the work, on a terminal over the ^C of the keyboard."""
    if sys.stderr.isatty():
        _send("\r")
    error("interrupted; no file was left half-written")


def traceback(error: BaseException) -> None:
    """Print where an error comes from to stderr."""
    from traceback import format_exception

    _print_aside(printable.lines("".join(format_exception(error))), end="")


def usage(text: str) -> None:
    """Print a whole text about wrong usage to stderr."""
    _print_aside(printable.lines(text), end="")


class _Below:
    """The lines on stderr below all others; `guard` keeps two threads from printing at once."""

    lines: Sequence[str] = ()
    guard: AbstractContextManager[object] = nullcontext()


@contextmanager
def _above_the_lines_below() -> Iterator[None]:
    """A block that prints other lines, above those that are drawn anew."""
    with _Below.guard:
        if _Below.lines:
            _send("\x1b[J")
        try:
            yield
        finally:
            if _Below.lines:
                _send(_drawn(_Below.lines))


def _drawn(lines: Sequence[str]) -> str:
    """The text that shows lines from the cursor on, and leaves the cursor at their start.

    From there all of them can be erased after the terminal was resized, whether it has wrapped
    them anew, as most do, or not.
    """
    if not lines:
        return "\x1b[J\r"
    # The end of each line is erased, and then what is below: nothing flickers.
    text = "\n".join(f"{line}\x1b[K" for line in lines)
    up = f"\x1b[{len(lines) - 1}A" if len(lines) > 1 else ""
    # A terminal may be narrower already than it says: it cuts the lines, and wraps none.
    return f"\x1b[?7l{text}\x1b[J\r{up}\x1b[?7h"


def _send(text: str) -> None:
    """Send to stderr what draws lines. Where nobody reads that, the work goes on."""
    with suppress(OSError, ValueError):
        print(text, end="", file=sys.stderr, flush=True)


@_above_the_lines_below()
def _print_aside(text: str, end: str = "\n") -> None:
    """Print to stderr, without logins. Where nobody reads that, the work goes on."""
    if any("@" in one or "%" in one for one in (text, *_Typed.words)):
        from ..base import userinfo

        text = userinfo.hide_logins(text)
        text = userinfo.strike_typed(text, userinfo.typed_logins(_Typed.words))
    try:
        # In one piece, so that a line of another thread does not come between it and its end.
        print(f"{text}{end}", end="", file=sys.stderr, flush=True)
    except (OSError, ValueError):
        with suppress(OSError, ValueError):
            _open_null(sys.stderr)


def can_draw() -> bool:
    """Whether stderr is a terminal in which lines can be drawn anew, and notes are wanted."""
    return (
        sys.stderr.isatty()
        and not _Level.quiet
        and os.environ.get("TERM", "dumb") not in {"", "dumb", "unknown"}
    )


def guard_drawing(guard: AbstractContextManager[object]) -> None:
    """Take this lock, which one thread may take twice, for all that is printed from now on."""
    _Below.guard = guard


def draw(lines: Sequence[str]) -> None:
    """Show lines on stderr below all others, in place of those that were there.

    Each must fit into `terminal.drawing_size`, and `can_draw` be true.
    """
    with _Below.guard:
        if lines or _Below.lines:
            _Below.lines = list(map(printable.one_line, lines))
            _send(_drawn(_Below.lines))


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
