"""`completion` and `manual`: what a package installs beside the command."""

from __future__ import annotations

import argparse

from ... import __version__
from .. import console

HELP = "print a script that completes this command in a shell"
EXAMPLE = "source <(%(prog)s bash)"
MANUAL_HELP = "print the manual page"
MANUAL_EXAMPLE = "%(prog)s | man -l -"


def configure(parser: argparse.ArgumentParser, whole: argparse.ArgumentParser) -> None:
    """Declare the arguments of `completion`; `whole` is the command line to complete."""
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), metavar="SHELL")
    parser.set_defaults(whole=whole)


def configure_manual(parser: argparse.ArgumentParser, whole: argparse.ArgumentParser) -> None:
    """Declare the arguments of `manual`, which are none."""
    parser.set_defaults(whole=whole)


def run(arguments: argparse.Namespace) -> int:
    """Print it."""
    from .. import manual

    if arguments.command == "manual":
        console.result(manual.page(arguments.whole, __version__).rstrip("\n"))
    else:
        console.result(manual.completion(arguments.whole, arguments.shell).rstrip("\n"))
    return 0
