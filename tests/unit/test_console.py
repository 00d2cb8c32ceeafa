from __future__ import annotations

import pytest

from nixfetch_docker import console

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


@pytest.mark.parametrize(
    ("number", "text"),
    [
        pytest.param(0, "0 B", id="nothing"),
        pytest.param(999, "999 B", id="largest in bytes"),
        pytest.param(1000, "1.0 kB", id="smallest in kilobytes"),
        pytest.param(3_642_247, "3.6 MB", id="layer"),
        pytest.param(999_949, "999.9 kB", id="largest in kilobytes"),
        pytest.param(999_950, "1.0 MB", id="rounded up to the next unit"),
        pytest.param(1_500_000_000, "1.5 GB", id="gigabytes"),
        pytest.param(999_949_999_999, "999.9 GB", id="largest in gigabytes"),
        pytest.param(2 * 10**12, "2.0 TB", id="terabytes"),
        pytest.param(10**16, "10000.0 TB", id="beyond the last unit"),
    ],
)
def test_sizes_are_decimal_with_at_most_four_digits(number: int, text: str) -> None:
    assert console.size(number) == text


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 layers"), (1, "1 layer"), (2, "2 layers")], ids=str
)
def test_nouns_are_counted(number: int, text: str) -> None:
    assert console.count(number, "layer") == text
