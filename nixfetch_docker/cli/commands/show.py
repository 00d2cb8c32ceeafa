"""`show`: the locked images with their sizes, and the layers that they share."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...base import units
from ...errors import UsageError
from ...lockfile.project import Project
from .. import console, options, output

if TYPE_CHECKING:
    from ...lockfile.contents import Contents, Entry


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `show`."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="show the layers of this image")
    parser.add_argument(
        "--history",
        action="store_true",
        help="with NAME: ask the registry for the command that made each layer",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options.add_file(parser)
    options.add_anonymous(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print a row for every image and platform and the totals, or with NAME a row a layer."""
    from ...lockfile.contents import Contents

    if arguments.history and (arguments.name is None or arguments.json):
        raise UsageError("--history is for the layers of one NAME, without --json")
    project = Project.at(arguments.file)
    contents = Contents(project.read_lock().lock)
    entries = contents.entries
    if arguments.name is not None:
        entries = contents.of_image(arguments.name)
    if arguments.json:
        from ...base.printable import json_text

        output.write(f"{json_text(contents.document(entries))}\n".encode())
    elif arguments.name is not None:
        histories = _histories(project, entries, arguments) if arguments.history else None
        _print_layers(contents, entries, histories)
    else:
        _print_images(contents)
    return 0


def _print_images(contents: Contents) -> None:
    rows = [("IMAGE", "TAG", "PLATFORM", "MANIFEST", "LAYERS", "SIZE", "SHARED")]
    rows += [
        (
            entry.name,
            entry.image.tag or "",
            str(entry.platform),
            entry.locked.manifest.digest.short,
            str(len(entry.locked.layers)),
            units.size(entry.size),
            units.size(contents.shared_size(entry)),
        )
        for entry in contents.entries
    ]
    console.table(rows)
    images = len({entry.name for entry in contents.entries})
    console.note(
        f"{units.count(images, 'image')}, {units.size(contents.size)}; "
        f"{units.size(contents.stored_size)} in the store, where every blob is kept once"
    )


def _print_layers(
    contents: Contents, entries: Sequence[Entry], histories: Sequence[Sequence[str]] | None
) -> None:
    head = ("PLATFORM", "LAYER", "SIZE", "ALSO IN")
    rows: list[tuple[str, ...]] = [head if histories is None else (*head, "MADE BY")]
    for number, entry in enumerate(entries):
        for position, layer in enumerate(entry.locked.layers):
            others = ", ".join(contents.other_images(entry, layer))
            row = [str(entry.platform), layer.digest.short, units.size(layer.size), others]
            if histories is not None:
                history = histories[number]
                row.append(history[position] if position < len(history) else "")
            rows.append(tuple(row))
    console.table(rows)


def _histories(
    project: Project, entries: Sequence[Entry], arguments: argparse.Namespace
) -> list[list[str]]:
    """For each entry the commands that made its layers."""
    from ...lockfile.origin import find_history
    from ..project_access import connected

    with connected(arguments, project, project.read_images()) as (_, sources):
        return [find_history(sources, entry.image, entry.locked) for entry in entries]
