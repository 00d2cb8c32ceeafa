"""`fetch-blob` reads its arguments itself, and reads them as the parser does."""

from __future__ import annotations

import pytest

from nixfetch_docker.cli import builder, parser

DIGEST = f"sha256:{'0' * 64}"
PLAIN = ["fetch-blob", "docker.io/library/redis", DIGEST, "--output", "out"]


@pytest.mark.parametrize(
    "words",
    [
        PLAIN,
        [*PLAIN, "--size", "12"],
        [*PLAIN, "--manifest"],
        [*PLAIN, "--registries", '{"a.b": {}}', "--ca-file", "/ca.crt", "--size", "0"],
        ["fetch-blob", "--manifest", "--output", "out", "a/b", DIGEST],
    ],
)
def test_its_own_reading_is_the_parsers(words: list[str]) -> None:
    found = builder.parse(words)
    assert found is not None
    known = vars(parser.parse(words))
    assert {name: known[name] for name in vars(found)} == vars(found)


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["update"],
        ["--verbose", *PLAIN],
        [*PLAIN, "--verbose"],
        [*PLAIN, "--help"],
        [*PLAIN, "--size=12"],
        [*PLAIN, "--size", "-1"],
        [*PLAIN, "--size", "x"],
        [*PLAIN, "--size", "٣"],
        [*PLAIN, "--size"],
        [*PLAIN, "-o", "out"],
        [*PLAIN, "third"],
        PLAIN[:3],
        PLAIN[:2],
        ["fetch-blob", "--", "a", DIGEST, "--output", "out"],
    ],
)
def test_everything_else_is_the_parsers(words: list[str]) -> None:
    assert builder.parse(words) is None
