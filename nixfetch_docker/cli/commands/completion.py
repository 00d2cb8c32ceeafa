"""`completion`: the script that completes the command in a shell."""

from __future__ import annotations

import argparse

from ...errors import NixfetchError
from .. import console


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `completion`."""
    parser.add_argument(
        "shell", choices=("bash", "zsh", "fish"), metavar="SHELL", help="bash, zsh or fish"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the script; raises `NixfetchError` where shtab, which makes it, is missing."""
    try:
        from .. import completion
    except ModuleNotFoundError as error:
        if error.name != "shtab":
            raise
        raise NixfetchError(
            "completion takes shtab, which is not installed",
            hint="pip install 'nixfetch-docker[completion]'; the Nix package has it installed",
        ) from None
    console.result(completion.script(arguments.shell).rstrip("\n"))
    return 0
