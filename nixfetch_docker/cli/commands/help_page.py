"""`help`: the help on the program, or on one command."""

from __future__ import annotations

import argparse

from .. import console


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `help`."""
    parser.add_argument("topic", nargs="?", metavar="COMMAND", help="the command to describe")


def run(arguments: argparse.Namespace) -> int:
    """Print what `--help` prints, of the program or of the command."""
    from .. import parser
    from ..help import overview

    if arguments.topic is None:
        console.help_text(overview())
        return 0
    parser.parse([arguments.topic, "--help"])
    return 0
