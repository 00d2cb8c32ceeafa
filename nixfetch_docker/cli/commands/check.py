"""`check`: whether the registries still have what is locked."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ...base import units
from ...lockfile.project import Project
from .. import console, options

if TYPE_CHECKING:
    from ...lockfile.lock import LockedImage
    from ...lockfile.sources import Sources
    from ...nix.prefetch import Wanted

HELP = "ask the registries whether they still have all that is locked"
EXAMPLE = "%(prog)s --anonymous"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `check`."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="an image of images.toml")
    options.add_file(parser)
    options.add_jobs(parser)
    options.add_anonymous(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print a line an image; 1 where anything is gone."""
    from concurrent.futures import ThreadPoolExecutor

    from ...lockfile import update
    from ...lockfile.sources import Sources
    from ...nix.prefetch import all_wanted
    from ..project_access import connect

    project = Project.at(arguments.file)
    images = project.read_images()
    lock, _ = project.read_lock()
    names = [name for name in update.all_or_named(images, arguments.names) if name in lock.images]
    connection = connect(
        images.registries,
        directory=project.images_path.parent,
        connections=arguments.jobs,
        anonymous=arguments.anonymous,
    )
    status = 0
    with ThreadPoolExecutor(arguments.jobs) as pool, connection as connected:
        sources = Sources(connected.registries, project.images_path.parent)
        for name in sorted(names):
            image = lock.images[name]
            wanted = all_wanted((image, locked) for locked in image.platforms.values())
            there = pool.map(lambda one: _is_there(sources, one), wanted)
            if not _tell(name, image, list(zip(wanted, there, strict=True))):
                status = 1
    return status


def _is_there(sources: Sources, wanted: Wanted) -> bool | str:
    """Whether the registry has it; a text says why nobody knows."""
    from ...errors import NixfetchError

    (place,) = wanted.places
    try:
        return sources.at(place).has(wanted.digest, is_manifest=wanted.is_manifest)
    except NixfetchError as error:
        return str(error)


def _tell(name: str, image: LockedImage, found: list[tuple[Wanted, bool | str]]) -> bool:
    """Print what was found of one image; whether all is there."""
    unknown = next((there for _, there in found if isinstance(there, str)), None)
    if unknown is not None:
        console.error(f"{name}: {unknown}")
        return False
    gone = [wanted for wanted, there in found if not there]
    if not gone:
        console.result(f"{name}: {units.count(len(found), 'blob')}, all there")
        return True
    digests = ", ".join(str(wanted.digest) for wanted in gone)
    console.result(
        f"{name}: {units.count(len(gone), 'blob')} of {len(found)} gone from "
        f"{image.repository}: {digests}"
    )
    return False
