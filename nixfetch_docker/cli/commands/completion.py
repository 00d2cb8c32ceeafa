"""`completion`: the script that completes the command in a shell."""

from __future__ import annotations

import argparse

from ...errors import NixfetchError
from .. import completion, output


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `completion`."""
    parser.add_argument(
        "shell", choices=completion.SHELLS, metavar="SHELL", help="bash, zsh or fish"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the script; raises `NixfetchError` where shtab is missing."""
    try:
        script = completion.script(arguments.shell)
    except ModuleNotFoundError as error:
        if error.name != "shtab":
            raise
        raise NixfetchError(
            f"shtab, which makes the script for {arguments.shell}, is not installed",
            hint="run pip install 'nixfetch-docker[completion]'; "
            "the Nix package has installed the scripts already",
        ) from None
    output.write(script.rstrip("\n").encode() + b"\n")
    return 0
