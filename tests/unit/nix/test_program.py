from __future__ import annotations

from pathlib import Path

import pytest
from support.nix_programs import Programs

from nixfetch_docker.nix import program
from nixfetch_docker.nix.program import StoreError

BUSY = "error: SQLite database '/nix/var/nix/db/db.sqlite' is busy"
HINT = "is Nix's daemon running, and is the store writable?"


@pytest.fixture
def programs(tmp_path: Path) -> Programs:
    return Programs(tmp_path / "bin")


def busy_for(times: int) -> str:
    """A script that finds the database busy in its first calls."""
    return f"""
n=0; while read -r line; do n=$((n + 1)); done < $calls
if [ $n -le {times} ]; then echo "{BUSY}" >&2; exit 1; fi
echo found
"""


def test_the_output_of_a_program_is_returned(programs: Programs) -> None:
    programs.write("nix-store", 'echo "$1"; echo noise >&2')
    assert program.run("nix-store", ["--dump", "x"], programs.environment) == "--dump\n"
    assert programs.calls("nix-store") == ["--dump x"]


@pytest.mark.parametrize("times", [1, 2])
def test_a_busy_database_is_tried_again(times: int, programs: Programs) -> None:
    programs.write("nix-store", busy_for(times))
    found = program.run("nix-store", ["--dump"], programs.environment, pauses=[0, 0])
    assert found == "found\n"
    assert len(programs.calls("nix-store")) == times + 1


def test_a_database_that_stays_busy_is_an_error(programs: Programs) -> None:
    programs.write("nix-store", busy_for(9))
    with pytest.raises(StoreError) as caught:
        program.run("nix-store", ["--dump"], programs.environment, pauses=[0, 0])
    assert str(caught.value) == f"nix-store --dump failed ({BUSY}); {HINT}"
    assert len(programs.calls("nix-store")) == 3


@pytest.mark.parametrize(
    ("script", "message"),
    [
        pytest.param("echo 'error: no' >&2; exit 1", "(error: no)", id="its error"),
        pytest.param("exit 100", "(status 100)", id="no output"),
    ],
)
def test_another_failure_is_not_tried_again(script: str, message: str, programs: Programs) -> None:
    programs.write("nix-store", script)
    with pytest.raises(StoreError) as caught:
        program.run("nix-store", ["--dump"], programs.environment)
    assert str(caught.value) == f"nix-store --dump failed {message}; {HINT}"
    assert len(programs.calls("nix-store")) == 1


def test_without_nix_the_error_says_what_to_install(programs: Programs) -> None:
    with pytest.raises(StoreError) as caught:
        program.run("nix-store", ["--dump"], programs.environment)
    assert str(caught.value) == (
        "nix-store cannot be run (No such file or directory); "
        "install Nix, or run this on a machine that has it"
    )


@pytest.mark.parametrize(
    ("stderr", "expected"),
    [
        pytest.param(b"", "", id="nothing"),
        pytest.param(b"error: a\nnote\nerror: b\nhint\n", "error: b", id="the last error"),
        pytest.param(b"one\ntwo\n\n", "two", id="the last line without an error"),
        pytest.param(b"error: \xff", "error: \ufffd", id="not UTF-8"),
    ],
)
def test_the_error_of_nix_is_the_last_one(stderr: bytes, expected: str) -> None:
    assert program.last_error(stderr) == expected
