"""`why`: what was asked of an image, since when it is locked, and which tags were passed by."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...errors import UsageError
from .. import console, options
from ..project_file import project_of

if TYPE_CHECKING:
    from ...lockfile.explanation import Explanation

_WIDTH = 12
_SHOWN = 10


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `why`."""
    parser.add_argument("name", metavar="NAME", help="a locked image")
    parser.add_argument("--offline", action="store_true", help="ask no registry for newer tags")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options.add_file(parser)
    options.add_anonymous(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print what the two files, git and the registry know of the pin of an image."""
    from ...lockfile.explanation import explain
    from ..project_access import connected, vouching

    if arguments.offline and arguments.anonymous:
        raise UsageError("--anonymous is for a registry, which --offline does not ask")
    project = project_of(arguments)
    images, lock = project.read_images(), project.read_lock().lock
    if arguments.offline:
        explanation = explain(project, images, lock, arguments.name, sources=None)
    else:
        with connected(arguments, project, images) as (client, sources):
            vouch = vouching(arguments, project, images, client).vouched
            explanation = explain(
                project, images, lock, arguments.name, sources=sources, vouch=vouch
            )
    if arguments.json:
        from ...base.printable import json_text

        console.result(json_text(explanation.document))
    else:
        for line in _lines(explanation):
            console.result(line)
        for note in explanation.notes:
            console.note(f"{explanation.name}: {note}")
    if explanation.failure is not None:
        console.error(explanation.failure.at(explanation.name))
        return 1
    return 0


def _lines(explanation: Explanation) -> Iterator[str]:
    image = explanation.image
    yield from _column("asked", [f"{key} = {value}" for key, value in image.request.entries])
    pin = " ".join(filter(None, [image.tag, image.digest.short]))
    yield from _column("locked", [f"{image.repository.familiar}: {pin}"])
    if image.vouchers:
        yield from _column("signed by", list(dict.fromkeys(map(str, image.vouchers))))
    if (since := explanation.since) is not None:
        yield from _column("since", [f"{since.date[:10]}  {since.revision[:10]}  {since.subject}"])
    if (newer := explanation.newer) is not None:
        yield from _column(
            "newer", _some([f"{tag}: `update` takes it" for tag in newer.wanted[:1]])
        )
        passed = [f"{one.tag}: {one.reason}" for one in newer.passed_by]
        yield from _column("passed by", _some(passed) or ["no newer tag"])
    platforms = image.platforms.values()
    # `show` counts the layers of one platform, so a sum is told as one.
    layers = f"{len({layer for locked in platforms for layer in locked.layers})} layers"
    if len(platforms) > 1:
        layers += " of all platforms"
    shared = [f"{one.layers} of {layers} with {one.name}" for one in explanation.shared]
    yield from _column("shares", _some(shared) or ["no layer with another image"])


def _column(head: str, values: list[str]) -> Iterator[str]:
    for position, value in enumerate(values):
        yield f"{head if position == 0 else '':<{_WIDTH}}{value}"


def _some(lines: list[str]) -> list[str]:
    more = [f"and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
    return [*lines[:_SHOWN], *more]
