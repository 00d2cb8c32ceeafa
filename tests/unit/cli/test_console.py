from __future__ import annotations

import pytest

from nixfetch_docker.cli import console

Capture = pytest.CaptureFixture[str]


def test_results_go_to_stdout(capsys: Capture) -> None:
    console.result("redis: added")
    assert capsys.readouterr() == ("redis: added\n", "")


def test_notes_go_to_stderr(capsys: Capture) -> None:
    console.note("written")
    assert capsys.readouterr() == ("", "written\n")


def test_an_error_is_one_line_on_stderr_with_the_programs_name(capsys: Capture) -> None:
    console.error(ValueError("no"))
    assert capsys.readouterr() == ("", "nixfetch-docker: no\n")


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
