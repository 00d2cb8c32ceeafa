from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import pytest

from nixfetch_docker.cli import options


@pytest.mark.parametrize(
    ("text", "path"),
    [
        pytest.param("-", options.STDIO, id="stdin or stdout"),
        pytest.param("a/b", Path("a/b"), id="a file"),
        pytest.param("./-", Path("-").absolute(), id="a file named -"),
    ],
)
def test_a_path_may_mean_stdin_or_stdout(text: str, path: Path) -> None:
    assert options.path_or_stdio(text) == path


@pytest.mark.parametrize(
    ("kind", "text", "number"),
    [
        pytest.param(options.natural, "0", 0, id="least natural"),
        pytest.param(options.natural, "17", 17, id="natural"),
        pytest.param(options.positive, "1", 1, id="least positive"),
    ],
)
def test_a_number_is_read(kind: Callable[[str], int], text: str, number: int) -> None:
    assert kind(text) == number


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        pytest.param(options.natural, "-1", "0 or more, found '-1'", id="negative"),
        pytest.param(options.positive, "0", "1 or more, found '0'", id="none"),
        pytest.param(options.positive, "x", "1 or more, found 'x'", id="no number"),
        pytest.param(options.positive, "1.5", "1 or more, found '1.5'", id="no integer"),
    ],
)
def test_another_number_is_refused(kind: Callable[[str], int], text: str, expected: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=f"^expected an integer of {expected}$"):
        kind(text)
