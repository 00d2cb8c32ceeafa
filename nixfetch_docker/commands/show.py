"""`show`: what is locked, what it weighs, what is shared."""

from __future__ import annotations

import argparse
from collections import Counter

from .. import console, units
from ..project import Project
from . import options

HELP = "show what is locked: sizes, layers, what is shared"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `show`."""
    options.add_file(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print a row an image and platform, then the totals."""
    lock, _ = Project.at(arguments.file).read_lock()
    entries = [
        (name, image, platform, locked)
        for name, image in sorted(lock.images.items())
        for platform, locked in sorted(image.platforms.items())
    ]
    users = Counter(blob for *_, locked in entries for blob in set(locked.blobs()))
    rows = [("IMAGE", "TAG", "PLATFORM", "MANIFEST", "LAYERS", "SIZE", "SHARED")]
    for name, image, platform, locked in entries:
        blobs = set(locked.blobs())
        shared = sum(blob.size for blob in blobs if users[blob] > 1)
        rows.append(
            (
                name,
                image.tag or "",
                str(platform),
                locked.manifest.digest.short,
                str(len(locked.layers)),
                units.size(sum(blob.size for blob in blobs)),
                units.size(shared),
            )
        )
    console.table(rows)
    total = sum(blob.size * number for blob, number in users.items())
    once = sum(blob.size for blob in users)
    console.note(
        f"{units.count(len(lock.images), 'image')}, {units.size(total)}; "
        f"{units.size(once)} in the store, where every blob is kept once"
    )
    return 0
