"""The parser of the command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from .. import __version__
from . import console
from .commands import COMMANDS

# The options that take a value, of all commands; before a command, --version is the program's own.
VALUED = {
    *("--ca-file", "--compose-json", "--credentials-file", "--file", "--jobs", "--manifest"),
    *("--name", "--output", "--platform", "--registries", "--registry", "--size", "--store"),
    *("--token", "--token-file", "--username", "-f", "-j", "-o", "-u"),
}


def parse(words: Sequence[str]) -> argparse.Namespace:
    """The arguments that follow the program's name, and `run` of the command that they name.

    Options may come before the command. Imports the module of that command and of no other. Prints
    a help, the version or an error of usage and raises `SystemExit` where the words ask for that.
    """
    before, after = _split(words)
    if not after:
        _without_command(before)
    name, *others = after
    if name not in COMMANDS:
        _refuse_command(name)
    arguments = _command_parser(name).parse_args([*before, *others])
    arguments.command = name
    return arguments


def full_parser() -> argparse.ArgumentParser:
    """The parser with all commands that `--help` lists, and with their arguments."""
    whole = _Parser(prog=console.PROGRAM)
    whole.add_argument("--version", "-V", action="version", version=_version())
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in listed():
        _configure(commands.add_parser(name, help=COMMANDS[name].help), name)
    return whole


def listed() -> list[str]:
    """The names of the commands that `--help` lists."""
    return [name for name, command in COMMANDS.items() if not command.is_hidden]


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are short, and name the option that is like a misspelt one."""

    def error(self, message: str) -> NoReturn:
        from ..base.redact import quote

        console.usage(self.format_usage())
        console.error(quote(message))
        console.usage(f"`{self.prog} --help` lists the options.\n")
        self.exit(2)

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        found, unknown = super().parse_known_args(args, namespace)
        for word in unknown:
            option = word.partition("=")[0]
            if option.startswith("-"):
                known = [name for name in self._option_string_actions if name.startswith("--")]
                self.error(_with_nearest(f"there is no option {option}", option, known))
        return found, unknown


def _split(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The options before the command, and the command with all that follows it."""
    position = 0
    while position < len(words) and words[position].startswith("-"):
        if words[position] == "--":
            return list(words[:position]), list(words[position + 1 :])
        position += 2 if words[position] in VALUED else 1
    return list(words[:position]), list(words[position:])


def _without_command(options: Sequence[str]) -> NoReturn:
    """Print the help or the version that the options ask for, or the help as an error."""
    if {"-V", "--version"} & set(options):
        console.help_text(f"{_version()}\n")
        raise SystemExit(0)
    from .help import overview

    if {"-h", "--help"} & set(options):
        console.help_text(overview())
        raise SystemExit(0)
    console.usage(overview())
    if options:
        console.error("no command is named; write one before or behind the options")
    raise SystemExit(2)


def _refuse_command(name: str) -> NoReturn:
    from ..base.redact import quote

    console.error(_with_nearest(f"there is no command {quote(repr(name))}", name, listed()))
    console.usage(f"`{console.PROGRAM} help` lists the commands.\n")
    raise SystemExit(2)


def _with_nearest(text: str, word: str, known: Sequence[str]) -> str:
    from ..base.nearest import did_you_mean

    question = did_you_mean(word, known)
    return f"{text}; {question}" if question else text


def _command_parser(name: str) -> argparse.ArgumentParser:
    command = COMMANDS[name]
    parser = _Parser(
        prog=f"{console.PROGRAM} {name}",
        description=f"{command.help[0].upper()}{command.help[1:]}.",
        epilog=f"example: {command.example}",
    )
    _configure(parser, name)
    return parser


def _configure(parser: argparse.ArgumentParser, name: str) -> None:
    from . import options

    module = import_module(f".commands.{COMMANDS[name].module}", __package__)
    parser.set_defaults(run=module.run)
    options.add_level(parser)
    module.configure(parser)


def _version() -> str:
    return f"{console.PROGRAM} {__version__}"
