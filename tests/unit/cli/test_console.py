from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr

import pytest

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


def test_a_counter_is_one_line_that_gives_way_to_others() -> None:
    with terminal() as shown, console.StepCounter(2, "image") as counter, counter.step():
        console.note("redis: added")
    clear = "\r\x1b[K"
    expected = f"0 of 2 images{clear}redis: added\n1 of 2 images{clear}"
    assert shown.getvalue() == expected


def test_bars_show_each_blob_and_the_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "200")
    with terminal() as shown, console.ProgressBars(4_000) as bars:
        bars.show(1_000, {"sha256:aa": (500, 2_000), "sha256:bb": (250, 500)})
        bars.show(3_000, {"sha256:bb": (300, 500)})
        bars.advance(7)
    last = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.getvalue()).replace("\r", "\n").split("\n")
    assert any(line.startswith("all ") and " 3.3/4.0 kB" in line for line in last)
    assert any(line.startswith("sha256:bb ") and " 300/500 bytes" in line for line in last)


@pytest.mark.parametrize("is_terminal", [True, False], ids=["quiet terminal", "no terminal"])
def test_elsewhere_nothing_is_shown(is_terminal: bool) -> None:
    shown = Terminal() if is_terminal else io.StringIO()
    console.set_level(quiet=is_terminal, verbose=False)
    with (
        redirect_stderr(shown),
        console.StepCounter(2, "image") as counter,
        console.ProgressBars(10) as bars,
    ):
        with counter.step():
            bars.show(1, {"sha256:aa": (1, 2)})
        bars.advance(1)
    assert shown.getvalue() == ""


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
