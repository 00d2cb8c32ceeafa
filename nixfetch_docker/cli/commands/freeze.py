"""`freeze` and `unfreeze`: whether images keep their pins, in images.toml and in the lock."""

from __future__ import annotations

import argparse

from .. import console, options
from ..project_file import project_of


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `freeze` and `unfreeze`."""
    parser.add_argument("names", nargs="+", metavar="NAME", help="an image of images.toml")
    options.add_file(parser)


def run(arguments: argparse.Namespace) -> int:
    """Freeze the images, or end that; a line for each. Asks no registry."""
    from ...lockfile.edit import Edit
    from .. import process

    frozen = arguments.command == "freeze"
    edit = Edit.freezing(project_of(arguments), arguments.names, frozen=frozen)
    with process.holding_signals():
        is_changed = edit.write()
    state = "frozen" if frozen else "not frozen"
    for name, pin in edit.before.items():
        at = " ".join(filter(None, [pin.tag, pin.digest.short])) if pin is not None else ""
        console.result(f"{name}: {state}{f' at {at}' if frozen else ''}")
    if not is_changed:
        console.note("nothing was changed")
    return 0
