"""The commands of Nix on the pages: every Nix from 2.8 on knows their options."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.nix import REPOSITORY, Nix
from support.process import run

PAGES = [
    REPOSITORY / "README.md",
    *sorted((REPOSITORY / "docs").rglob("*.md")),
    *sorted((REPOSITORY / "docs").glob("*.yml")),
    REPOSITORY / "docs/nixfetch-docker.1.scd",
    *sorted((REPOSITORY / "templates").rglob("*.md")),
]
# `nix copy --to …` up to the end of the command, or to the words of the program that it runs.
_COMMAND = re.compile(
    r"\bnix ((?:(?:flake|key|store) [a-z-]+)|build|copy|run)\b(.*?)(?= -- |[\n`|&)]|$)"
)
_OPTION = re.compile(r"(?<= )--?[a-z][a-z-]*")


def _options(text: str) -> Iterator[tuple[str, str]]:
    for command, words in _COMMAND.findall(text):
        for option in _OPTION.findall(words):
            yield command, option


@pytest.mark.parametrize(
    ("text", "options"),
    [
        pytest.param("`nix copy --to x .#a`, --no", [("copy", "--to")], id="in a sentence"),
        pytest.param("$ nix run .#a -- --file x\n", [], id="of the program that it runs"),
        pytest.param("nix flake init -t x", [("flake init", "-t")], id="of one letter"),
        pytest.param('"$(nix build --a b)" --c', [("build", "--a")], id="in the words of another"),
    ],
)
def test_options_are_found(text: str, options: list[tuple[str, str]]) -> None:
    assert list(_options(text)) == options


def test_every_option_is_one_of_nix(nix: Nix, tmp_path: Path) -> None:
    found = {pair for page in PAGES for pair in _options(page.read_text())}
    assert ("copy", "--to") in found
    unknown = []
    for command, option in sorted([*found, ("build", "--no-such-option")]):
        # The option comes last, so that Nix does nothing but refuse it or miss what belongs to it.
        done = run(["nix", *command.split(), option], env=nix.env, cwd=tmp_path)
        assert done.returncode != 0
        if "unrecognised flag" in done.stderr:
            unknown.append((command, option))
    assert unknown == [("build", "--no-such-option")]
