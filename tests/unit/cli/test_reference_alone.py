"""Commands that are given a reference alone read it as the parser does."""

from __future__ import annotations

import pytest

from nixfetch_docker.cli import parser, reference_alone


@pytest.mark.parametrize("command", reference_alone.COMMANDS)
@pytest.mark.parametrize("reference", ["redis", "127.0.0.1:5000/a/b:1@sha256:00", "", "a b", "@a"])
def test_its_own_reading_is_the_parsers(command: str, reference: str) -> None:
    found = reference_alone.parse([command, reference])
    assert found is not None
    assert vars(found) == vars(parser.parse([command, reference]))


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["digest"],
        ["digest", "-h"],
        ["digest", "--"],
        ["digest", "a", "b"],
        ["digest", "a", "--anonymous"],
        ["--verbose", "digest"],
        ["config", "a"],
        ["fetch-blob", "a"],
    ],
)
def test_everything_else_is_the_parsers(words: list[str]) -> None:
    assert reference_alone.parse(words) is None
