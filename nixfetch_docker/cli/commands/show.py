"""`show`: what is locked, what it weighs, what is shared."""

from __future__ import annotations

import argparse
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from ...base import units
from ...errors import UsageError
from ...lockfile.project import Project
from .. import console, options

if TYPE_CHECKING:
    from ...lockfile.lock import Lock, LockedImage, LockedPlatform
    from ...oci.blob import Blob
    from ...oci.platform import Platform

    Entry = tuple[str, LockedImage, Platform, LockedPlatform]

HELP = "show what is locked: sizes, layers, what is shared"
EXAMPLE = "%(prog)s redis --history"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `show`."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="the layers of this image alone")
    parser.add_argument(
        "--history",
        action="store_true",
        help="with NAME: ask the registry for the command that made each layer",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options.add_file(parser)
    options.add_anonymous(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print a row an image and platform, or a row a layer, then the totals."""
    if arguments.history and (arguments.name is None or arguments.json):
        raise UsageError("--history is for the layers of one NAME, without --json")
    project = Project.at(arguments.file)
    lock, _ = project.read_lock()
    entries = [
        (name, image, platform, locked)
        for name, image in sorted(lock.images.items())
        for platform, locked in sorted(image.platforms.items())
    ]
    users = _users(entries)
    if arguments.name is not None:
        if arguments.name not in lock.images:
            known = ", ".join(sorted(lock.images)) or "none"
            raise UsageError(f"no image {arguments.name!r} is locked", hint=f"there are: {known}")
        entries = [entry for entry in entries if entry[0] == arguments.name]
    if arguments.json:
        import json

        console.result(json.dumps(_document(entries, users), indent=2))
    elif arguments.name is not None:
        _show_layers(project, entries, users, arguments)
    else:
        _show_images(lock, entries, users)
    return 0


def _users(entries: list[Entry]) -> dict[Blob, set[tuple[str, Platform]]]:
    """For every blob the images, with their platforms, that have it."""
    users: dict[Blob, set[tuple[str, Platform]]] = defaultdict(set)
    for name, _, platform, locked in entries:
        for blob in locked.blobs():
            users[blob].add((name, platform))
    return users


def _show_images(
    lock: Lock, entries: list[Entry], users: dict[Blob, set[tuple[str, Platform]]]
) -> None:
    rows = [("IMAGE", "TAG", "PLATFORM", "MANIFEST", "LAYERS", "SIZE", "SHARED")]
    for name, image, platform, locked in entries:
        blobs = set(locked.blobs())
        rows.append(
            (
                name,
                image.tag or "",
                str(platform),
                locked.manifest.digest.short,
                str(len(locked.layers)),
                units.size(sum(blob.size for blob in blobs)),
                units.size(sum(blob.size for blob in blobs if len(users[blob]) > 1)),
            )
        )
    console.table(rows)
    total = sum(blob.size * len(who) for blob, who in users.items())
    once = sum(blob.size for blob in users)
    console.note(
        f"{units.count(len(lock.images), 'image')}, {units.size(total)}; "
        f"{units.size(once)} in the store, where every blob is kept once"
    )


def _show_layers(
    project: Project,
    entries: list[Entry],
    users: dict[Blob, set[tuple[str, Platform]]],
    arguments: argparse.Namespace,
) -> None:
    head = ("PLATFORM", "LAYER", "SIZE", "ALSO IN")
    rows: list[tuple[str, ...]] = [(*head, "MADE BY") if arguments.history else head]
    for name, image, platform, locked in entries:
        history = _history(project, image, locked, arguments) if arguments.history else None
        for position, layer in enumerate(locked.layers):
            others = sorted({other for other, _ in users[layer]} - {name})
            row = [str(platform), layer.digest.short, units.size(layer.size), ", ".join(others)]
            if history is not None:
                row.append(history[position] if position < len(history) else "")
            rows.append(tuple(row))
    console.table(rows)


def _history(
    project: Project, image: LockedImage, locked: LockedPlatform, arguments: argparse.Namespace
) -> list[str]:
    """What made each layer, as the image's config says."""
    from ...lockfile.sources import Sources
    from ...oci.manifest import history
    from ..project_access import connect

    with connect(
        project.read_images().registries,
        directory=project.images_path.parent,
        anonymous=arguments.anonymous,
    ) as connected:
        source = Sources(connected.registries, project.images_path.parent).at(image.place)
        data = source.small_blob(image.repository, locked.config.digest, locked.config.size)
    return history(data)


def _document(entries: list[Entry], users: dict[Blob, set[tuple[str, Platform]]]) -> dict[str, Any]:
    """All of it for programs, as docs/show.schema.json describes it."""
    images: dict[str, Any] = {}
    for name, image, platform, locked in entries:
        document = images.setdefault(
            name,
            {
                "repository": str(image.repository),
                "tag": image.tag,
                "digest": str(image.digest),
                "platforms": {},
            },
        )
        document["platforms"][str(platform)] = {
            "manifest": _blob(locked.manifest),
            "config": _blob(locked.config),
            "layers": [
                {**_blob(layer), "alsoIn": sorted({other for other, _ in users[layer]} - {name})}
                for layer in locked.layers
            ],
        }
    return {"version": 1, "images": images}


def _blob(blob: Blob) -> dict[str, str | int]:
    return {"digest": str(blob.digest), "size": blob.size}
