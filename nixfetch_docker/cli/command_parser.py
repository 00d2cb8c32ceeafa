"""The parsers of the arguments of commands."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

from . import console, options, terminal
from .commands import COMMANDS, listed
from .help import version


def command_parser(name: str) -> argparse.ArgumentParser:
    """The parser of the arguments of one command; its module is the only one imported."""
    command = COMMANDS[name]
    parser = _Parser(
        prog=f"{console.PROGRAM} {name}",
        description=f"{command.help[0].upper()}{command.help[1:]}.",
        epilog=f"example: {command.example}",
    )
    _configure(parser, name)
    return parser


def full_parser() -> argparse.ArgumentParser:
    """The parser with all commands that `--help` lists, and with their arguments."""
    whole = _Parser(prog=console.PROGRAM)
    whole.add_argument("--version", "-V", action="version", version=version())
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in listed():
        _configure(commands.add_parser(name, help=COMMANDS[name].help), name)
    return whole


def long_options() -> list[str]:
    """The options of all commands, and of the program itself, that begin with two dashes."""
    found = {"--help", "--version"}
    for name in COMMANDS:
        parser = _Parser(prog=name)
        _configure(parser, name)
        found.update(parser.long_options)
    return sorted(found)


class _Formatter(argparse.HelpFormatter):
    """A help as wide as the terminal.

    argparse makes one for each argument that is declared, and asks the module `shutil` for the
    width, which imports all compressions.
    """

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=terminal.columns() - 2)


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are short, and name the option that is like a misspelt one."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(formatter_class=_Formatter, **settings)

    def error(self, message: str) -> NoReturn:
        from ..base.redact import quote

        console.usage(self.format_usage())
        console.error(quote(message))
        console.usage(f"`{self.prog} --help` lists the options.\n")
        self.exit(2)

    @property
    def long_options(self) -> list[str]:
        """The options that begin with two dashes."""
        return [name for name in self._option_string_actions if name.startswith("--")]

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        from ..base.nearest import with_question

        found, unknown = super().parse_known_args(args, namespace)
        for word in unknown:
            option = word.partition("=")[0]
            if option.startswith("-"):
                error = f"there is no option {option}"
                self.error(with_question(error, option, self.long_options))
        return found, unknown


def _configure(parser: argparse.ArgumentParser, name: str) -> None:
    module = import_module(f".commands.{COMMANDS[name].module}", __package__)
    parser.set_defaults(run=module.run)
    options.add_level(parser)
    module.configure(parser)
