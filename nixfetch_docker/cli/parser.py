"""The parser of the command line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from .. import __version__
from . import console
from .commands import COMMANDS


class _Parser(argparse.ArgumentParser):
    """A parser that prints by the console, which knows of readers that leave and disks that fill.

    Some versions of Python drop the error of a full disk, others let it pass.
    """

    def _print_message(self, message: str, file: object = None) -> None:
        if file is sys.stdout:
            console.help_text(message)
        else:
            console.usage(message)


def parse(words: Sequence[str]) -> argparse.Namespace:
    """The arguments that follow the program's name, and `run` of the command that they name.

    Imports the module of that command and of no other. Prints help, version or an error of usage
    and raises `SystemExit` where the words ask for one of those.
    """
    # No option before the command takes a value, so that the first other word is the command.
    name = next((word for word in words if not word.startswith("-")), "")
    if name in COMMANDS and words[0] == name:
        return _parser([name], configured=[name]).parse_args(words)
    return _parser(_listed(), configured=[name]).parse_args(words)


def full_parser() -> argparse.ArgumentParser:
    """The parser with all commands that `--help` lists, and with their arguments."""
    return _parser(_listed(), configured=_listed())


def _listed() -> list[str]:
    return [name for name, command in COMMANDS.items() if not command.is_hidden]


def _parser(names: Sequence[str], *, configured: Sequence[str]) -> argparse.ArgumentParser:
    parser = _Parser(
        prog=console.PROGRAM,
        description="Pin container images in images.lock.toml, and fetch them layer by layer.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in names:
        command = COMMANDS[name]
        added = commands.add_parser(
            name,
            help=command.help,
            description=f"{command.help[0].upper()}{command.help[1:]}.",
            epilog=f"example: {command.example}",
        )
        if name in configured:
            _configure(added, command.module)
    return parser


def _configure(parser: argparse.ArgumentParser, module_name: str) -> None:
    from . import options

    module = import_module(f".commands.{module_name}", __package__)
    parser.set_defaults(run=module.run)
    options.add_level(parser)
    module.configure(parser)
