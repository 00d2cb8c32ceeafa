"""`check`: ask the registries whether they still have all locked blobs."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ...base import units
from .. import console, failures, options
from ..project_file import locked_names, note_if_empty, project_of

if TYPE_CHECKING:
    from ...errors import NixfetchError
    from ...lockfile.lock import LockedImage
    from ...lockfile.presence import Presence


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `check`."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="an image of images.toml")
    options.add_file(parser)
    options.add_jobs(parser)
    options.add_anonymous(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print a line for every image; the exit status is 1 where any blob is gone."""
    from concurrent.futures import ThreadPoolExecutor

    from ...lockfile.jobs import mapping
    from ...lockfile.presence import find_presence
    from ..project_access import connected

    project = project_of(arguments)
    images = project.read_images()
    lock = project.read_lock().lock
    names = locked_names(project, images, lock, arguments.names)
    note_if_empty(project, images)
    failed: list[tuple[list[str], NixfetchError]] = []
    is_whole = True
    with (
        ThreadPoolExecutor(arguments.jobs) as pool,
        connected(arguments, project, images) as (_, sources),
    ):
        for name in sorted(names):
            image = lock.images[name]
            presence = find_presence(sources, image, mapping(pool))
            if presence.error is not None:
                failed.append(([name], presence.error))
            else:
                is_whole &= _print(name, image, presence)
    failures.show(failed)
    return 0 if is_whole and not failed else 1


def _print(name: str, image: LockedImage, presence: Presence) -> bool:
    """Print a line about one image; returns whether all of it is there."""
    if not presence.gone:
        console.result(f"{name}: {units.count(presence.total, 'blob')}, all there")
        return True
    console.result(
        f"{name}: {units.count(len(presence.gone), 'blob')} of {presence.total} gone from "
        f"{image.repository}: {', '.join(map(str, presence.gone))}"
    )
    return False
