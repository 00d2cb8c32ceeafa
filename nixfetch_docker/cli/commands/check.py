"""`check`: ask the registries whether they still have all locked blobs."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...base import units
from ...errors import UsageError
from .. import console, failures, options
from ..project_file import note_if_empty, project_of

if TYPE_CHECKING:
    from ...errors import NixfetchError
    from ...lockfile.lock import LockedImage
    from ...lockfile.presence import Presence
    from ...lockfile.project import Project

_SHOWN = 20


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
    from ...lockfile.selection import all_or_named
    from ..project_access import connected

    project = project_of(arguments)
    images = project.read_images()
    lock = project.read_lock().lock
    selected = all_or_named(images, arguments.names)
    names = [name for name in selected if name in lock.images]
    refuse_or_note(project, arguments.names, [name for name in selected if name not in names])
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


def refuse_or_note(project: Project, asked: Sequence[str], missing: Sequence[str]) -> None:
    """Tell the images that are not locked, which nothing can be said of; an error by name."""
    if not missing:
        return
    are = "are" if missing[1:] else "is"
    error = UsageError(
        f"{units.first(missing, _SHOWN)} {are} not locked yet",
        hint=f"run {project.command('lock')} to pin {'them' if missing[1:] else 'it'}",
    )
    if asked:
        raise error
    console.note(str(error))


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
