"""`show`: the locked images with their sizes, and the layers that they share."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ...base import units
from ...errors import UsageError
from .. import console, options, output, terminal
from ..project_file import note_if_empty, project_of

if TYPE_CHECKING:
    from pathlib import Path

    from ...lockfile.contents import Contents, Entry
    from ...lockfile.images import Images
    from ...lockfile.lock import Lock
    from ...lockfile.project import Project
    from ...oci.labels import Origin

# With these, a whole digest ends at the 80th column.
_WIDTH = 9
# The columns that are never cut nor wrapped, for which a terminal needs this width at least.
_WHOLE = ("PLATFORM", "LAYERS", "SIZE", "SHARED")
_NARROW = 72
_SHOWN_IMAGES = 3


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `show`."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="show the layers of this image")
    parser.add_argument(
        "--history",
        action="store_true",
        help="with NAME: ask the registry for the command that made each layer",
    )
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--json", action="store_true", help="print one JSON document")
    forms.add_argument(
        "--layers",
        action="store_true",
        help="draw a bar for each image, with the layers that others have too in colours",
    )
    forms.add_argument(
        "--html",
        type=output.parse_path,
        metavar="FILE",
        help="write a page with the same as a picture; - is stdout",
    )
    parser.add_argument(
        "--since",
        metavar="REV",
        help="with --html: show also what changed since a revision of git",
    )
    options.add_file(parser)
    options.add_anonymous(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print a row for every image and a total a platform, or with NAME all of that image."""
    from ...lockfile.contents import Contents

    _check_usage(arguments)
    project = project_of(arguments)
    lock = project.read_lock().lock
    images = project.read_images()
    contents = Contents(lock)
    name = arguments.name
    if name is not None and name in images.requests and name not in lock.images:
        raise UsageError(
            f"{name} is not locked yet", hint=f"run {project.command('lock')} to pin it"
        )
    entries = contents.entries if name is None else contents.of_image(name)
    names = [name] if name is not None else list(dict.fromkeys([*images.requests, *lock.images]))
    if arguments.json:
        from ...base.printable import json_text

        console.result(json_text(contents.document(entries)))
    elif arguments.html is not None:
        from ..layer_page import page

        _check_target(project, arguments.html)
        text = page(project, images, lock, names, name=name, revision=arguments.since)
        output.write(text.encode(), arguments.html)
    elif arguments.layers:
        from ..layer_bars import show

        show(contents, names)
        _note_states(project, images, lock, names)
    elif name is None:
        _print_images(project, contents, images, lock)
    else:
        if arguments.history:
            histories, origin = _ask(project, entries, images, arguments)
            _print_image(contents, entries, histories, origin)
        else:
            from ...nix.stored_blob import stored_origin

            stored = stored_origin(entries[0].locked.config, os.environ)
            _print_image(contents, entries, None, stored)
        _note_states(project, images, lock, [name])
    if name is None and not arguments.json:
        note_if_empty(project, images)
    return 0


def _check_usage(arguments: argparse.Namespace) -> None:
    has_form = arguments.json or arguments.layers or arguments.html is not None
    if arguments.history and (arguments.name is None or has_form):
        raise UsageError(
            "--history is for the layers of one NAME, without --json, --layers and --html"
        )
    if arguments.anonymous and not arguments.history:
        raise UsageError("--anonymous is for --history, which alone asks a registry")
    if arguments.since is not None and arguments.html is None:
        raise UsageError(
            "--since is for the page of --html",
            hint="`nixfetch-docker diff REV` prints the changes",
        )


def _check_target(project: Project, path: Path) -> None:
    """Raise `UsageError` where the page would replace images.toml or its lock."""
    for own in (project.images_path, project.lock_path):
        if path != output.STDOUT and os.path.realpath(path) == os.path.realpath(own):
            raise UsageError(f"{path} is a file of the project", hint="name another for the page")


def _print_images(project: Project, contents: Contents, images: Images, lock: Lock) -> None:
    """A row for each image, in the order of images.toml, and then the totals."""
    names = list(dict.fromkeys([*images.requests, *lock.images]))
    entries = {name: [entry for entry in contents.entries if entry.name == name] for name in names}
    if terminal.is_narrow(_NARROW):
        for line in _narrow_lines(entries):
            console.result(line)
    else:
        console.table(_rows(contents, entries), whole=_WHOLE)
    for platform in contents.platforms:
        count = sum(entry.platform == platform for entry in contents.entries)
        console.result(
            f"{platform}: {units.count(count, 'image')}, {units.size(contents.size(platform))}; "
            f"{units.size(contents.stored_size(platform))} with shared layers once"
        )
    _note_states(project, images, lock, names)


def _rows(
    contents: Contents, entries: Mapping[str, Sequence[Entry]]
) -> Iterator[Sequence[console.Cell]]:
    yield ("IMAGE", "TAG", *_WHOLE)
    for name, those in entries.items():
        yield (
            name,
            _tag(those),
            [str(entry.platform) for entry in those],
            [str(len(entry.locked.layers)) for entry in those],
            [units.size(entry.size) for entry in those],
            [units.size(contents.shared_size(entry)) for entry in those],
        )


def _narrow_lines(entries: Mapping[str, Sequence[Entry]]) -> Iterator[str]:
    """The same where a table has no room: a line an image, and one a platform."""
    for name, those in entries.items():
        yield f"{name}  {_tag(those)}"
        for entry in those:
            yield f"  {entry.platform}  {units.size(entry.size)}"


def _tag(entries: Sequence[Entry]) -> str:
    if not entries:
        return "not locked"
    image = entries[0].image
    return image.tag or image.digest.short


def _note_states(project: Project, images: Images, lock: Lock, names: Sequence[str]) -> None:
    """A note for each image whose lock does not answer images.toml."""
    from ...lockfile.contents import state_of

    for name in names:
        if state := state_of(name, images, lock):
            console.note(f"{name} {state}: run {project.command('lock')}")


def _print_image(
    contents: Contents,
    entries: Sequence[Entry],
    histories: Sequence[Sequence[str]] | None,
    origin: Origin | None,
) -> None:
    image = entries[0].image
    reference = f"{image.place}:{image.tag}" if image.tag is not None else str(image.place)
    asked = [f"{key} = {value}" for key, value in image.request.entries]
    rows = [
        ("image", reference),
        *([("tag", image.tag)] if image.tag is not None else []),
        *zip(["asked", *[""] * len(asked)], asked, strict=False),
        ("source", _source(origin)),
        ("digest", str(image.digest)),
        *(("signed", f"by {one}") for one in dict.fromkeys(map(str, image.vouchers))),
    ]
    for name, value in rows:
        console.result(f"{name:<{_WIDTH}}{value}")
    for number, entry in enumerate(entries):
        console.result("")
        console.result(f"{entry.platform}, {units.size(entry.size)}")
        console.result(f"{'manifest':<{_WIDTH}}{entry.locked.manifest.digest}")
        console.result(f"{'config':<{_WIDTH}}{entry.locked.config.digest}")
        history = histories[number] if histories is not None else ()
        for line in _layer_lines(contents, entry, history):
            console.result(line)


def _source(origin: Origin | None) -> str:
    if origin is None:
        return "not known, as the config is not in the Nix store; --history asks for it"
    if origin.left_out and not origin.text:
        labels = ", ".join(origin.left_out)
        return f"not shown, as these labels are no URL, revision or date: {labels}"
    return origin.text or "the image does not say"


def _layer_lines(contents: Contents, entry: Entry, history: Sequence[str]) -> Iterator[str]:
    """A line for each layer, the base layer first, with the images that share it."""
    sizes = [units.size(layer.size) for layer in entry.locked.layers]
    width = max(map(len, sizes), default=0)
    for number, layer in enumerate(entry.locked.layers, 1):
        # A base layer may be in all images.
        others = units.first(contents.other_images(entry, layer), _SHOWN_IMAGES)
        head = f"layer {number} "
        line = f"{head:<{_WIDTH}}{layer.digest.short}  {sizes[number - 1]:>{width}}"
        yield f"{line}  also in {others}" if others else line
        if number <= len(history) and history[number - 1]:
            yield f"{'':<{_WIDTH}}{history[number - 1]}"


def _ask(
    project: Project, entries: Sequence[Entry], images: Images, arguments: argparse.Namespace
) -> tuple[list[list[str]], Origin]:
    """For each entry the commands that made its layers, and where the image comes from."""
    from ...lockfile.origin import find_history, find_origin
    from ..project_access import connected

    with connected(arguments, project, images) as (_, sources):
        histories = [find_history(sources, entry.image, entry.locked) for entry in entries]
        return histories, find_origin(sources, entries[0].image)
