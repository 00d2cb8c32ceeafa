"""`prefetch`: fetch locked blobs into the Nix store, with the person's own logins."""

from __future__ import annotations

import argparse
import os
import platform as machine
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...base import units
from ...base.files import FileError
from ...errors import NixfetchError
from ...lockfile.project import Project
from .. import console, options

if TYPE_CHECKING:
    from ...lockfile.images import Images
    from ...lockfile.lock import Lock, LockedImage, LockedPlatform
    from ...lockfile.locked_blobs import LockedBlob
    from ...nix.store import Store
    from ...oci.digest import Digest
    from ...oci.platform import Platform


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One image for one platform."""

    name: str
    image: LockedImage
    platform: Platform
    locked: LockedPlatform

    def weigh(self, digests: Collection[Digest]) -> str:
        """How many of its blobs are among `digests`, and what they weigh."""
        blobs = {blob.digest: blob.size for blob in self.locked.blobs() if blob.digest in digests}
        return f"{units.count(len(blobs), 'blob')}, {units.size(sum(blobs.values()))}"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `prefetch`."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="an image of images.toml")
    parser.add_argument(
        "--dry-run", action="store_true", help="only say what would be fetched, and fetch nothing"
    )
    options.add_file(parser)
    options.add_jobs(parser)
    options.add_anonymous(parser)
    options.add_prefetch(parser)


def run(arguments: argparse.Namespace) -> int:
    """Fetch what the store lacks; print a line an image."""
    from ...lockfile import selection

    project = Project.at(arguments.file)
    images = project.read_images()
    lock = project.read_lock().lock
    names = selection.all_or_named(images, arguments.names)
    stale = set(names) & set(selection.out_of_date(images, lock))
    for name in sorted(stale):
        console.error(
            f"{project.images_path} asks for an image '{name}' that {project.lock_path} does not "
            "have; run `nixfetch-docker update`"
        )
    current = [name for name in names if name not in stale]
    status = prefetch(project, images, lock, current, arguments, dry_run=arguments.dry_run)
    return 1 if stale else status


def prefetch(
    project: Project,
    images: Images,
    lock: Lock,
    names: Iterable[str],
    arguments: argparse.Namespace,
    *,
    dry_run: bool = False,
) -> int:
    """Fetch what the store lacks of the images `names`; the exit status."""
    from ...lockfile.locked_blobs import locked_blobs
    from ...nix.store import Store

    store = Store(os.environ, arguments.store)
    entries, status = _entries(lock, names, arguments)
    wanted = locked_blobs((entry.image, entry.locked) for entry in entries)
    lacking = store.lacks(one.digest for one in wanted)
    failed: set[Digest] = set()
    if lacking and not dry_run:
        left = _substitute(store, lacking)
        missing = [one for one in wanted if one.digest in left]
        if missing:
            failed = _fetch(project, images, missing, store, arguments)
    fetched = lacking - failed
    for entry in entries:
        digests = {blob.digest for blob in entry.locked.blobs()}
        if digests & failed:
            did = f"failed ({entry.weigh(failed)} not fetched)"
        elif digests & lacking:
            did = f"{'would fetch' if dry_run else 'fetched'} {entry.weigh(fetched)}"
        else:
            did = "is there"
        console.result(f"{entry.name}: {entry.platform} {did}")
    return 1 if failed else status


def _entries(
    lock: Lock, names: Iterable[str], arguments: argparse.Namespace
) -> tuple[list[_Entry], int]:
    """The images and platforms asked for, and the exit status so far."""
    from ...oci.platform import Platform

    asked = [Platform.parse(text) for text in arguments.platform]
    entries, status = [], 0
    for name in sorted(names):
        image = lock.images[name]
        platforms = asked or [Platform.of_machine(machine.machine())]
        if arguments.all_platforms:
            platforms = sorted(image.platforms)
        for platform in platforms:
            locked = image.entry(platform)
            if locked is None:
                there_are = ", ".join(map(str, sorted(image.platforms)))
                console.error(f"{name}: it is not locked for {platform}, only for {there_are}")
                status = 1
                continue
            entries.append(_Entry(name=name, image=image, platform=platform, locked=locked))
    return entries, status


def _substitute(store: Store, lacking: set[Digest]) -> set[Digest]:
    """What is lacking still once Nix has asked its substituters."""
    console.note(f"asking Nix's substituters for {units.count(len(lacking), 'blob')}")
    try:
        store.substitute(lacking)
    except NixfetchError as error:
        console.note(f"{error.cause}; fetching from the registries")
    return store.lacks(lacking)


def _fetch(
    project: Project,
    images: Images,
    missing: list[LockedBlob],
    store: Store,
    arguments: argparse.Namespace,
) -> set[Digest]:
    """Fetch into the store; those that failed, each of which has been told."""
    from ...nix.prefetch import Prefetch, alone_in
    from ..project_access import connected

    sizes = {one.digest: one.size for one in missing}
    failed: set[Digest] = set()
    done = 0
    directory = _cache_directory()
    with (
        alone_in(directory, console.note) as waited,
        connected(arguments, project, images) as (client, sources),
        console.Progress(sum(sizes.values())) as bars,
    ):
        if waited:
            lacking = store.lacks(sizes)
            missing = [one for one in missing if one.digest in lacking]
        prefetch = Prefetch(sources, store, directory, jobs=arguments.jobs)

        def look() -> None:
            under_way = prefetch.progress
            bars.show(
                done + sum(under_way.values()),
                {one.short: (received, sizes[one]) for one, received in under_way.items()},
            )

        for outcome in prefetch.run(missing, look):
            done += outcome.wanted.size
            if outcome.error is not None:
                failed.add(outcome.wanted.digest)
                console.error(outcome.error)
    console.note(
        f"{units.count(len(missing) - len(failed), 'blob')} fetched; "
        f"{units.count(client.traffic.requests, 'request')}, "
        f"{units.size(client.traffic.received_bytes)} received"
    )
    return failed


def _cache_directory() -> Path:
    """Where interrupted downloads wait (XDG Base Directory Specification)."""
    try:
        cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    except RuntimeError:
        raise FileError("there is no home directory", hint="set XDG_CACHE_HOME") from None
    return Path(cache) / "nixfetch-docker" / "prefetch"
