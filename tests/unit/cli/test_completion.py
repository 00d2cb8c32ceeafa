"""The scripts as text; tests/end_to_end/test_completion_in_shells.py runs them in their shells."""

from __future__ import annotations

import argparse
import re
import shlex
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping
from importlib import resources

import pytest

from nixfetch_docker.cli import completion
from nixfetch_docker.cli.main import main
from nixfetch_docker.cli.parser import VALUED

PARSER = completion.parser()
COMMANDS = completion.commands(PARSER)
FISH = resources.files("nixfetch_docker.cli").joinpath("completion.fish").read_text("utf-8")


def fish_statements() -> list[list[str]]:
    """The words of every `complete` of the script for fish, its variables replaced."""
    variables = dict(re.findall(r"^set -l (\w+) (.+)$", FISH, re.MULTILINE))
    lines = re.findall(r"^complete -c nixfetch-docker (.+)$", FISH, re.MULTILINE)
    return [
        shlex.split(re.sub(r"\$(\w+)", lambda name: variables[name[1]], line)) for line in lines
    ]


def after(word: str, statement: list[str]) -> str | None:
    return statement[statement.index(word) + 1] if word in statement else None


def fish_options() -> Mapping[str, set[tuple[str, str, str]]]:
    """For each command its options: long name, short name, and whether they take a value."""
    found = defaultdict(set)
    for statement in fish_statements():
        if long := after("-l", statement):
            takes_value = "value" if {"-r", "-x"} & set(statement) else "flag"
            option = (long, after("-s", statement) or "", takes_value)
            _, *commands = (after("-n", statement) or "").split()
            for command in commands:
                found[command].add(option)
    return found


@pytest.mark.parametrize("name", COMMANDS)
def test_fish_has_the_options_of_every_command(name: str) -> None:
    expected = set()
    for argument in completion.arguments(COMMANDS[name]):
        if argument.option_strings:
            short = [option[1:] for option in argument.option_strings if option[1] != "-"]
            long = [option[2:] for option in argument.option_strings if option[1] == "-"]
            takes_value = "flag" if argument.nargs == 0 else "value"
            expected.add((*long, *(short or [""]), takes_value))
    assert fish_options()[name] == expected


def test_fish_has_every_command_and_no_other() -> None:
    condition = "__nixfetch_docker_needs_command"
    statements = [each for each in fish_statements() if after("-n", each) == condition]
    named = [each for each in statements if "-l" not in each]
    assert [name for each in named if (name := after("-a", each))] == list(COMMANDS)
    assert fish_options().keys() == COMMANDS.keys()


def options_before(whole: argparse.ArgumentParser) -> set[tuple[str, str, bool]]:
    """The options of the program: long name, short name, and whether they take a value."""
    found = set()
    for argument in completion.arguments(whole):
        long, short = "", ""
        for option in argument.option_strings:
            long, short = (option[2:], short) if option[1] == "-" else (long, option[1:])
        if long:
            found.add((long, short, argument.nargs != 0))
    return found


def test_fish_has_the_same_options_before_the_command() -> None:
    condition = "__nixfetch_docker_needs_command"
    found = {
        (long, after("-s", each) or "", bool({"-r", "-x"} & set(each)))
        for each in fish_statements()
        if after("-n", each) == condition and (long := after("-l", each))
    }
    assert found == options_before(PARSER)
    assert ("file", "f", True) in found


def test_an_option_before_the_command_has_a_value_where_the_program_takes_one() -> None:
    valued = {f"--{long}" for long, _, has_value in options_before(PARSER) if has_value}
    of_fetch_blob = {"--ca-file", "--registries", "--size"}
    assert valued == {name for name in VALUED if name.startswith("--")} - of_fetch_blob
    (words,) = re.findall(r"^set -g __nixfetch_docker_valued (.+)$", FISH, re.MULTILINE)
    assert words.split() == sorted(VALUED)


def test_fish_has_the_same_platforms() -> None:
    (platforms,) = re.findall(r"^set -l platforms (.+)$", FISH, re.MULTILINE)
    assert platforms.split() == list(completion.PLATFORMS)


@pytest.mark.parametrize("name", COMMANDS)
def test_fish_completes_files_where_shtab_does(name: str) -> None:
    expected = {
        option[2:]
        for argument in completion.arguments(COMMANDS[name])
        for option in argument.option_strings
        if hasattr(argument, "complete") and option.startswith("--")
    }
    found = {
        after("-l", each)
        for each in fish_statements()
        if "-F" in each and name in (after("-n", each) or "").split() and "-l" in each
    }
    assert found == expected


@pytest.mark.parametrize("shell", ["bash", "zsh"])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_script_has_every_command(shell: str, name: str) -> None:
    assert name in completion.script(shell)


def test_no_script_has_what_is_hidden() -> None:
    for shell in completion.SHELLS:
        script = completion.script(shell)
        assert "image-names" not in script.replace("nixfetch-docker image-names", "")
        assert "--password\n" not in script.replace(" ", "\n")


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_without_shtab_the_command_says_how_to_get_it(
    shell: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert main(["completion", shell]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"nixfetch-docker: shtab, which makes the script for {shell}, is not")
    assert "pip install 'nixfetch-docker[completion]'" in err


def test_the_script_for_fish_needs_no_shtab(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert main(["completion", "fish"]) == 0
    assert capsys.readouterr() == (FISH, "")


def test_the_parser_needs_no_library_as_a_package_is_built_where_they_may_not_run() -> None:
    program = (
        "import sys\nfrom nixfetch_docker.cli import completion\n"
        "completion.parser()\nprint(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, check=True, text=True
    )
    imported = set(done.stdout.split())
    assert "shtab" in imported
    assert not imported & {"httpx", "rich", "tomli"}
