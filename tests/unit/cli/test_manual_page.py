"""The manual page names every command and option, each where it belongs, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nixfetch_docker.cli import completion

PAGE = (Path(__file__).parents[3] / "docs/nixfetch-docker.1.scd").read_text(encoding="utf-8")
COMMANDS = completion.commands(completion.parser())


def section(name: str) -> str:
    """The text of a section, up to the next one."""
    found = re.search(rf"^# {name}\n(.*?)(?=^# |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None, f"no section {name}"
    return found[1]


def described_options(command: str) -> set[tuple[str, ...]]:
    """The options of the groups whose heading names the command, or every command."""
    options = set()
    for group in section("OPTIONS").split("\n## Options of ")[1:]:
        heading, _, text = group.partition("\n")
        if command in re.split(r", | and ", heading) or heading == "every command":
            for line in re.findall(r"^\*-.*$", text, re.MULTILINE):
                options.add(tuple(re.findall(r"\*(-[^*]+)\*", line)))
    return options


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_its_options(name: str) -> None:
    expected = {
        tuple(sorted(argument.option_strings, key=len, reverse=True))
        for argument in completion.arguments(COMMANDS[name])
        if argument.option_strings
    }
    assert described_options(name) == expected


def test_the_commands_are_those_of_the_parser_in_its_order() -> None:
    assert re.findall(r"^\*([a-z-]+)\*", section("COMMANDS"), re.MULTILINE) == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_its_operands(name: str) -> None:
    (operands,) = re.findall(rf"^\*{name}\*(.*)$", section("COMMANDS"), re.MULTILINE)
    expected = [
        str(argument.metavar)
        for argument in completion.arguments(COMMANDS[name])
        if not argument.option_strings
    ]
    assert re.findall(r"_([^_]+)_", operands) == expected


def test_the_sections_are_those_of_man_pages_7() -> None:
    assert re.findall(r"^# (.*)$", PAGE, re.MULTILINE) == [
        "NAME",
        "SYNOPSIS",
        "DESCRIPTION",
        "COMMANDS",
        "OPTIONS",
        "FILES",
        "ENVIRONMENT",
        "EXIT STATUS",
        "EXAMPLES",
        "SEE ALSO",
    ]
