"""`update` and `lock`: resolve images and write the lock."""

from __future__ import annotations

import argparse
from collections import Counter
from typing import TYPE_CHECKING

from .. import console
from ..errors import UsageError
from ..project import Project
from . import options
from .prefetch import prefetch

if TYPE_CHECKING:
    from collections.abc import Collection

    from ..digest import Digest
    from ..lock import LockedImage
    from ..transport import Transport
    from ..update import Change, Outcome

HELP = "resolve all images (or those named) anew and write the lock"
LOCK_HELP = "resolve only images that images.toml changed; drop those that it removed"
EXIT_CHANGES = 3


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `update`."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="an image of images.toml")
    configure_lock(parser)


def configure_lock(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `lock`: those of `update` without names."""
    parser.add_argument(
        "--check",
        action="store_true",
        help=f"write nothing; exit with {EXIT_CHANGES} where something would change",
    )
    parser.add_argument(
        "--only-digest",
        action="store_true",
        help="move no image to another tag, only to what its tag means now",
    )
    parser.add_argument(
        "--prefetch",
        action="store_true",
        help="then fetch what is locked into the Nix store, as `prefetch` does",
    )
    options.add_file(parser)
    options.add_jobs(parser)
    options.add_anonymous(parser)
    options.add_prefetch(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run `update`, or `lock` where the arguments have no names."""
    from concurrent.futures import ThreadPoolExecutor

    from .. import update
    from ..resolve import Resolver
    from .connect import connect

    if arguments.check and arguments.prefetch:
        raise UsageError("--check writes nothing, so there is nothing to --prefetch")
    project = Project.at(arguments.file)
    images = project.read_images()
    lock, old_text = project.read_lock()
    if arguments.command == "lock":
        names = update.out_of_date(images, lock)
    else:
        names = update.all_or_named(images, arguments.names)
    outcomes = []
    jobs = arguments.jobs
    connection = connect(
        images.registries,
        directory=project.images_path.parent,
        connections=jobs,
        anonymous=arguments.anonymous,
    )
    # Leaving closes the connections first, so that an interrupted pool has nothing to wait for.
    with ThreadPoolExecutor(jobs) as pool, connection as connected:
        resolver = Resolver(
            connected.registries,
            pool.map,
            check=connected.network.check,
            directory=project.images_path.parent,
            only_digest=arguments.only_digest,
        )
        had = {blob.digest for image in lock.images.values() for blob in image.blobs()}
        for outcome in update.update(images, lock, names, resolver.resolve, jobs=jobs):
            outcomes.append(outcome)
            _report(outcome, had)
    changes = Counter(outcome.change for outcome in outcomes)
    new_lock = update.apply(lock, outcomes)
    new_text = new_lock.to_toml()
    # With nothing but failures there is nothing to write, not even an empty lock.
    changed = new_text != old_text and set(changes) != {update.Change.FAILED}
    if changed and not arguments.check:
        project.write_lock(new_text)
    _summarize(project, changes, connected.transport, changed=changed, check=arguments.check)
    status = 0
    if arguments.prefetch:
        current = [one for one in new_lock.images if one in names or arguments.command == "lock"]
        status = prefetch(project, images, new_lock, current, arguments)
    if changes[update.Change.FAILED] or status:
        return 1
    return EXIT_CHANGES if arguments.check and changed else 0


def _report(outcome: Outcome, had: Collection[Digest]) -> None:
    """Print a line about one image; `had` are the blobs that were locked before, anywhere."""
    from ..update import Change

    if outcome.change is Change.FAILED:
        console.error(outcome.error)
        return
    details = ""
    if outcome.after is not None:
        details = f" {_pin(outcome.after)}"
        if outcome.change is Change.UPDATED and outcome.before is not None:
            details = f" {_pin(outcome.before)} -> {_pin(outcome.after)}"
            details += f" ({_news(outcome.after, had)})"
        if outcome.change is Change.ADDED:
            details += f" ({_weight(outcome.after)})"
    console.result(f"{outcome.name}: {outcome.change.value}{details}")


def _pin(image: LockedImage) -> str:
    tag = f"{image.tag} " if image.tag is not None else ""
    return f"{tag}{image.digest.short}"


def _weight(image: LockedImage) -> str:
    """The platforms with the bytes that a build for each of them fetches."""
    return "; ".join(
        f"{platform}: {console.count(len(locked.layers), 'layer')}, "
        f"{console.size(sum(blob.size for blob in set(locked.blobs())))}"
        for platform, locked in sorted(image.platforms.items())
    )


def _news(image: LockedImage, had: Collection[Digest]) -> str:
    """The platforms with the layers that are new, and the bytes that a build has to fetch."""
    parts = []
    for platform, locked in sorted(image.platforms.items()):
        new = {blob for blob in locked.blobs() if blob.digest not in had}
        layers = sum(layer in new for layer in locked.layers)
        parts.append(
            f"{platform}: {layers} of {console.count(len(locked.layers), 'layer')} new, "
            f"{console.size(sum(blob.size for blob in new))} to fetch"
        )
    return "; ".join(parts)


def _summarize(
    project: Project, changes: Counter[Change], transport: Transport, *, changed: bool, check: bool
) -> None:
    did = ("would change" if check else "written") if changed else "is as it was"
    counts = ", ".join(
        f"{number} {change}" for change, number in sorted((c.value, n) for c, n in changes.items())
    )
    console.note(
        f"{project.lock_path} {did}: {counts or 'no image to resolve'}; "
        f"{console.count(transport.requests, 'request')}, "
        f"{console.size(transport.received_bytes)} received"
    )
