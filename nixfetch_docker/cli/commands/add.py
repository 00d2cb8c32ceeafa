"""`add`: append an image to images.toml, and lock it."""

from __future__ import annotations

import argparse

from ...errors import UsageError
from ...lockfile.project import Project
from .. import console, options

HELP = "append an image to images.toml, and lock it"
EXAMPLE = "%(prog)s ghcr.io/acme/web:2.1 --name web"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `add`."""
    parser.add_argument("reference", metavar="REFERENCE", help="whatever `docker pull` takes")
    parser.add_argument(
        "--name", help="its name in images.toml (default: the last part of its repository)"
    )
    parser.add_argument(
        "--version",
        metavar="VERSIONS",
        help="follow versions, such as ^7.2, instead of the tag",
    )
    parser.add_argument(
        "--platform",
        action="append",
        default=[],
        metavar="PLATFORM",
        help="lock this platform, such as linux/arm64; may be repeated",
    )
    options.add_file(parser)
    options.add_jobs(parser)
    options.add_anonymous(parser)


def run(arguments: argparse.Namespace) -> int:
    """Resolve the image, and only then change the two files."""
    from ...lockfile import update
    from ...lockfile.place import parse_place, short_name
    from ...lockfile.report import Report
    from ..project_access import resolving

    project = Project.at(arguments.file)
    name = arguments.name or short_name(parse_place(arguments.reference))
    before = project.read_images_text()
    if name in project.parse_images(before).requests:
        raise UsageError(f"there is an image {name!r} already", hint="give another --name")
    text = before + _entry(name, arguments, after=before)
    images = project.parse_images(text)
    lock, _ = project.read_lock()
    had = {blob.digest for image in lock.images.values() for blob in image.blobs()}
    with resolving(arguments, project, images) as (resolver, *_):
        after = resolver.resolve(images.requests[name])
    outcome = update.Outcome(name=name, after=after)
    project.write_images(text, instead_of=before)
    project.change_lock(lambda current: update.apply(current, [outcome]))
    console.result(Report(outcome=outcome, had=had).line)
    return 0


def _entry(name: str, arguments: argparse.Namespace, *, after: str) -> str:
    """The lines to append, which begin a new line and leave one empty."""
    from ...base import toml_writer as toml_text

    gap = "" if not after else "\n" if after.endswith("\n") else "\n\n"
    lines = [f"[images.{toml_text.key(name)}]", f"image = {toml_text.string(arguments.reference)}"]
    if arguments.version:
        lines.append(f"version = {toml_text.string(arguments.version)}")
    if arguments.platform:
        lines.append(f"platforms = {toml_text.strings(arguments.platform)}")
    return gap + "".join(f"{line}\n" for line in lines)
