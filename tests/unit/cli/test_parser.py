from __future__ import annotations

import pytest

from nixfetch_docker.cli import parser
from nixfetch_docker.cli.commands import COMMANDS


@pytest.mark.parametrize(
    ("words", "command"),
    [
        pytest.param(["update"], "update", id="no arguments"),
        pytest.param(["update", "redis", "--check"], "update", id="arguments"),
        pytest.param(["lock", "--check"], "lock", id="a command that shares another's arguments"),
        pytest.param(["import", "a.nix"], "import", id="a name that is a word of Python"),
        pytest.param(["image-names", "show "], "image-names", id="not in the help"),
        pytest.param(["show", "update"], "show", id="the first word decides"),
    ],
)
def test_the_first_word_names_the_command(words: list[str], command: str) -> None:
    arguments = parser.parse(words)
    assert arguments.command == command
    assert callable(arguments.run)


@pytest.mark.parametrize(
    "words",
    [
        pytest.param([], id="no command"),
        pytest.param(["updaet"], id="unknown command"),
        pytest.param(["show", "--what"], id="unknown option"),
        pytest.param(["--what", "show"], id="unknown option before the command"),
    ],
)
def test_wrong_usage_exits_with_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        parser.parse(words)
    assert exited.value.code == 2
    error = capsys.readouterr().err
    assert "usage: nixfetch-docker [-h] [--version] COMMAND ..." in error
    assert "image-names" not in error


def test_help_lists_every_command_that_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser.parse(["--help"])
    shown = capsys.readouterr().out
    listed = {line.split()[0] for line in shown.splitlines() if line.startswith("    ")}
    for name, command in COMMANDS.items():
        assert (name in listed) is not command.is_hidden, name


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_an_example_in_its_help(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parser.parse([name, "--help"])
    shown = " ".join(capsys.readouterr().out.split())
    example = COMMANDS[name].example.replace("%(prog)s", f"nixfetch-docker {name}")
    assert f"example: {' '.join(example.split())}" in shown
