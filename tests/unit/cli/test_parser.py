from __future__ import annotations

import re
from pathlib import Path

import pytest

from nixfetch_docker import __version__
from nixfetch_docker.cli import completion, parser
from nixfetch_docker.cli.command_parser import full_parser
from nixfetch_docker.cli.commands import COMMANDS
from nixfetch_docker.cli.help import overview
from nixfetch_docker.cli.main import main

FILES = ["images.toml", "images.lock.toml"]


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
        pytest.param(["--file", "lock", "update"], id="an option with a value"),
        pytest.param(["-f", "lock", "update"], id="a short option with a value"),
        pytest.param(["--file=lock", "update"], id="a value behind a sign"),
        pytest.param(["-flock", "update"], id="a value in the same word"),
        pytest.param(["update", "--file", "lock"], id="an option behind the command"),
    ],
)
def test_options_may_come_before_the_command_or_behind_it(words: list[str]) -> None:
    arguments = parser.parse(words)
    assert (arguments.command, arguments.file, arguments.names) == ("update", Path("lock"), [])


def test_the_options_that_may_have_a_value_before_the_command_are_those_of_all_commands() -> None:
    valued = {
        option
        for command in completion.commands(full_parser()).values()
        for argument in completion.arguments(command)
        for option in argument.option_strings
        if argument.nargs != 0
    }
    # Before a command --version is the program's own.
    assert valued - {"--version"} == parser.VALUED


@pytest.mark.parametrize(
    ("words", "error"),
    [
        pytest.param(
            ["updaet"],
            "nixfetch-docker: there is no command 'updaet'; did you mean update?\n"
            "`nixfetch-docker help` lists the commands.\n",
            id="a misspelt command",
        ),
        pytest.param(
            ["x\x1b[31m\ny" * 100],
            "nixfetch-docker: there is no command 'x",
            id="an unknown command with control characters",
        ),
        pytest.param(
            ["show", "--histroy"],
            "nixfetch-docker: there is no option --histroy; did you mean --history?\n"
            "`nixfetch-docker show --help` lists the options.\n",
            id="a misspelt option",
        ),
        pytest.param(
            ["--xyzzy", "show"],
            "nixfetch-docker: there is no option --xyzzy\n",
            id="an unknown option before the command",
        ),
        pytest.param(
            ["show", "--history=x"],
            "argument --history: ignored explicit argument 'x'",
            id="a value that the option does not take",
        ),
        pytest.param(["update", "--jobs", "0"], "argument --jobs/-j: expected", id="a wrong value"),
        pytest.param(["completion", "ksh"], "'bash', 'zsh', 'fish'", id="a wrong choice"),
        pytest.param(["show", "a", "b"], "unrecognized arguments: b", id="too many arguments"),
        pytest.param(["-q"], "no command is named", id="options alone"),
        pytest.param(
            ["--fil", "images.toml", "update"],
            "nixfetch-docker: there is no option --fil; did you mean --file?\n",
            id="a misspelt option with a value before the command",
        ),
        pytest.param(
            ["--jbos=3", "updaet"], "there is no option --jbos; did you mean --jobs?", id="both"
        ),
        pytest.param(
            ["--versoin"],
            "nixfetch-docker: there is no option --versoin; did you mean --version?\n",
            id="a misspelt option alone",
        ),
        pytest.param(
            ["-q", "--hepl"], "no option --hepl; did you mean --help?", id="a misspelt help"
        ),
        pytest.param(["--zzz"], "nixfetch-docker: there is no option --zzz\n", id="no option"),
        pytest.param(
            ["--file", "x", "updaet"], "no command 'updaet'; did you mean update?", id="well spelt"
        ),
    ],
)
def test_wrong_usage_exits_with_2_and_says_what_is_wrong(
    words: list[str], error: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exited:
        parser.parse(words)
    assert exited.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert error in err
    assert "\x1b" not in err
    assert max(map(len, err.splitlines())) < 250
    if words[0] == "show":
        assert "usage: nixfetch-docker show [-h]" in err


def test_a_bare_call_prints_the_help_as_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        parser.parse([])
    assert exited.value.code == 2
    assert capsys.readouterr() == ("", overview())


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["help"], ["-q", "--help"]])
def test_the_help_is_the_overview(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 0
    assert capsys.readouterr() == (overview(), "")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("ls", "show"),
        ("list", "show"),
        ("rm", "remove"),
        ("uninstall", "remove"),
        ("install", "add"),
        ("pull", "prefetch"),
        ("outdated", "update --check"),
        ("unpin", "unfreeze"),
        ("version", "--version"),
        ("pul", "prefetch"),
        ("instal", "add"),
        ("uninstal", "remove"),
        ("tets", "check"),
        ("udpate", "update"),
        ("shwo", "show"),
        ("dif", "diff"),
    ],
)
def test_commands_of_other_programs_are_known_by_what_they_do(
    name: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([name, "redis"]) == 2
    assert f"there is no command '{name}'; did you mean {meant}?\n" in capsys.readouterr().err


def test_every_command_that_is_proposed_for_another_is_one() -> None:
    for name, meant in parser.OF_OTHERS.items():
        assert name not in COMMANDS
        assert meant.split()[0] in {*COMMANDS, "--version"}


def test_a_version_before_the_command_is_that_of_the_command() -> None:
    for words in (["--version", "^7", "add", "redis"], ["add", "redis", "--version", "^7"]):
        assert parser.parse(words).version == "^7"


@pytest.mark.parametrize(
    "words",
    [["--version"], ["-V"], ["-V", "update"], ["-q", "--version", "add", "redis"], ["-V", "lss"]],
)
def test_the_version(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 0
    assert capsys.readouterr() == (f"nixfetch-docker {__version__}\n", "")


def test_help_of_a_command_is_that_of_its_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "--help"]) == 0
    shown = capsys.readouterr().out
    assert main(["help", "show"]) == 0
    assert capsys.readouterr() == (shown, "")
    assert main(["help", "shwo"]) == 2
    assert "there is no command 'shwo'; did you mean show?" in capsys.readouterr().err


def test_the_overview_lists_every_command_that_is_for_people_in_80_columns() -> None:
    lines = overview().splitlines()
    listed = [line.split()[0] for line in lines if re.match(r"  [a-z]\S* {2,}\S", line)]
    assert listed[: -len(FILES)] == [
        name for name, command in COMMANDS.items() if not command.is_hidden
    ]
    assert listed[-len(FILES) :] == FILES
    assert max(map(len, lines)) <= 80
    assert overview().isascii()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_an_example_in_its_help(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parser.parse([name, "--help"])
    shown = " ".join(capsys.readouterr().out.split())
    example = COMMANDS[name].example.replace("%(prog)s", f"nixfetch-docker {name}")
    assert f"example: {' '.join(example.split())}" in shown


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("login", "docker login"),
        ("logout", "podman login"),
        ("undo", "git restore images.toml images.lock.toml"),
        ("rollbak", "git restore images.toml images.lock.toml"),
        ("loign", "logins are those of `docker login`"),
        ("edit", "nixfetch-docker lock"),
        ("run", "podman load"),
        ("push", "skopeo"),
        ("build", "nix build"),
    ],
)
def test_what_is_done_otherwise_is_told(
    name: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parser.parse([name])
    first = capsys.readouterr().err.splitlines()[0]
    assert first.startswith(f"nixfetch-docker: there is no command {name!r}; ")
    assert words in first


@pytest.mark.parametrize("name", ["x", "", "gc", "qqqqqq"])
def test_nothing_is_suggested_for_what_is_like_nothing(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parser.parse([name])
    first = capsys.readouterr().err.splitlines()[0]
    assert first == f"nixfetch-docker: there is no command {name!r}"
