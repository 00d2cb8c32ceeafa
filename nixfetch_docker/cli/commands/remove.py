"""`remove`: drop images from images.toml and from the lock."""

from __future__ import annotations

import argparse

from .. import console, options
from ..project_file import project_of


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `remove`."""
    parser.add_argument("names", nargs="+", metavar="NAME", help="an image of images.toml")
    options.add_file(parser)


def run(arguments: argparse.Namespace) -> int:
    """Remove the images, and no other; a line for each."""
    from ...lockfile.edit import Edit
    from .. import process

    edit = Edit.removal(project_of(arguments), arguments.names)
    with process.holding_signals():
        edit.write()
    for name, pin in edit.before.items():
        console.result(f"{name}: removed{'' if pin is not None else ' (it was not locked)'}")
    return 0
