from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr

import pytest
from support.screen import Screen

from nixfetch_docker.base.files import FileError
from nixfetch_docker.cli import console

Capture = pytest.CaptureFixture[str]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _default_level() -> Iterator[None]:
    yield
    console.set_level(quiet=False, verbose=False)


@contextmanager
def terminal() -> Iterator[Terminal]:
    """A terminal in place of stderr."""
    made = Terminal()
    with redirect_stderr(made):
        yield made


def test_results_go_to_stdout(capsys: Capture) -> None:
    console.result("redis: added")
    assert capsys.readouterr() == ("redis: added\n", "")


def test_notes_go_to_stderr(capsys: Capture) -> None:
    console.note("written")
    assert capsys.readouterr() == ("", "written\n")


def test_a_line_is_written_in_one_piece_for_other_threads_print_too() -> None:
    written: list[str] = []

    class Pieces(Terminal):
        def write(self, text: str) -> int:
            written.append(text)
            return len(text)

    with redirect_stderr(Pieces()):
        console.note("written")
    assert [text for text in written if text] == ["written\n"]


def test_an_error_is_one_line_on_stderr_with_the_programs_name(capsys: Capture) -> None:
    console.error(ValueError("no"))
    assert capsys.readouterr() == ("", "nixfetch-docker: no\n")


@pytest.mark.parametrize(
    ("quiet", "verbose", "expected"),
    [
        pytest.param(True, False, ["error"], id="quiet"),
        pytest.param(False, False, ["note", "error"], id="neither"),
        pytest.param(False, True, ["note", "detail", "error"], id="verbose"),
    ],
)
def test_the_level_says_which_lines_are_printed(
    quiet: bool, verbose: bool, expected: list[str], capsys: Capture
) -> None:
    console.set_level(quiet=quiet, verbose=verbose)
    console.note("note")
    console.detail("detail")
    console.error("error")
    printed = capsys.readouterr().err.replace("nixfetch-docker: ", "")
    assert printed.splitlines() == expected


class Full(io.StringIO):
    """A stdout on a disk that is full."""

    def write(self, _text: str) -> int:
        raise OSError(28, "No space left on device")

    def fileno(self) -> int:
        # The console puts an empty device there, which pytest's own stdout must not become.
        return self.number

    number = 0


def test_a_full_disk_is_an_error_about_stdout(monkeypatch: pytest.MonkeyPatch) -> None:
    full = Full()
    with open("/dev/null", "wb") as stand_in:  # noqa: PTH123 - only its number counts
        full.number = stand_in.fileno()
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(FileError) as caught:
            console.result("redis")
    assert str(caught.value) == "stdout: cannot be written (No space left on device)"


def test_lines_below_give_way_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    with terminal() as shown:
        console.draw(["one", "two"])
        console.note("redis: added")
        console.draw(["three"])
        console.draw([])
        console.note("end")
    drawn = "\x1b[?7lone\x1b[K\ntwo\x1b[K\x1b[J\r\x1b[1A\x1b[?7h"
    assert shown.getvalue() == (
        f"{drawn}\x1b[Jredis: added\n{drawn}\x1b[?7lthree\x1b[K\x1b[J\r\x1b[?7h\x1b[J\rend\n"
    )


def test_results_stand_above_the_lines_below(capsys: Capture) -> None:
    console.draw(["one"])
    try:
        console.result("redis")
        one = "\x1b[?7lone\x1b[K\x1b[J\r\x1b[?7h"
        assert capsys.readouterr() == ("redis\n", f"{one}\x1b[J{one}")
    finally:
        console.draw([])


@pytest.mark.parametrize("columns", [9, 20, 40])
def test_lines_stay_one_below_the_other_where_the_terminal_became_narrow(
    columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    with terminal() as shown:
        for number in range(5):
            console.draw([f"{number} {'x' * 30}", f"{number} {'y' * 30}"])
            console.note(f"note {number}")
        console.draw([])
    screen = Screen(columns)
    screen.feed(shown.getvalue())
    assert screen.wraps == []
    assert list(filter(None, screen.lines)) == [f"note {number}" for number in range(5)]


@pytest.mark.parametrize(
    ("kind", "is_quiet", "can_draw"),
    [
        pytest.param("xterm-256color", False, True, id="terminal"),
        pytest.param("xterm", True, False, id="quiet"),
        pytest.param("dumb", False, False, id="dumb"),
        pytest.param("", False, False, id="no name"),
        pytest.param(None, False, False, id="unset"),
    ],
)
def test_only_some_terminals_can_draw(
    kind: str | None, is_quiet: bool, can_draw: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TERM", raising=False)
    if kind is not None:
        monkeypatch.setenv("TERM", kind)
    console.set_level(quiet=is_quiet, verbose=False)
    with terminal():
        assert console.can_draw() == can_draw
    assert not console.can_draw(), "stderr is no terminal"


def lines(capsys: Capture) -> list[list[str]]:
    out, err = capsys.readouterr()
    assert not err
    return [line.split() for line in out.splitlines()]


def test_a_table_has_a_line_for_every_row(capsys: Capture) -> None:
    console.table([("IMAGE", "SIZE"), ("redis", "1.0 MB"), ("a-long-name", "7 B")])
    assert capsys.readouterr().out.splitlines() == [
        "IMAGE        SIZE  ",
        "redis        1.0 MB",
        "a-long-name  7 B   ",
    ]


def test_a_row_in_a_pipe_never_wraps(capsys: Capture) -> None:
    row = ("x" * 200, "y" * 200)
    console.table([("A", "B"), row])
    assert lines(capsys) == [["A", "B"], list(row)]


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param("[fc00::1]:5000/app", id="IPv6"),
        pytest.param("[bold]x[/bold]", id="markup"),
        pytest.param("registry.lab:key:7", id="emoji's name"),
    ],
)
def test_a_cell_is_printed_to_the_letter(capsys: Capture, cell: str) -> None:
    console.table([("A",), (cell,)])
    assert lines(capsys) == [["A"], [cell]]


HOSTILE = "\x1b[31m\u202e##[add-mask]a\r::error::b"
SHOWN = r"\x1b[31m\u202e# #[add-mask]a\r::error::b"


@pytest.mark.parametrize(
    ("write", "shown"),
    [
        pytest.param(console.result, SHOWN, id="result"),
        pytest.param(console.note, SHOWN, id="note"),
        pytest.param(console.detail, SHOWN, id="detail"),
        pytest.param(console.error, f"nixfetch-docker: {SHOWN}", id="error"),
        pytest.param(lambda text: console.table([("A",), (text,)]), f"A\n{SHOWN}", id="table"),
    ],
)
def test_no_line_obeys_what_a_stranger_wrote(
    write: Callable[[str], None], shown: str, capsys: Capture
) -> None:
    console.set_level(quiet=False, verbose=True)
    write(HOSTILE)
    lines = (line.rstrip() for line in "".join(capsys.readouterr()).splitlines())
    assert "\n".join(lines) == shown
