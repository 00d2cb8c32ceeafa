"""`update` and `lock`: resolve images and write the lock."""

from __future__ import annotations

import argparse
from collections import Counter
from typing import TYPE_CHECKING

from ...base import units
from ...errors import UsageError
from ...lockfile.project import Project
from .. import console, options
from .prefetch import prefetch

if TYPE_CHECKING:
    from ...lockfile.images import Request
    from ...lockfile.lock import LockedImage
    from ...lockfile.report import Report
    from ...lockfile.update import Change
    from ...oci.digest import Digest
    from ...oci.labels import Origin
    from ...registry.transport import Transport

HELP = "resolve all images (or those named) anew and write the lock"
EXAMPLE = "%(prog)s redis --commit"
LOCK_HELP = "resolve only images that images.toml changed; drop those that it removed"
LOCK_EXAMPLE = "%(prog)s --file hosts/web/images.toml"
EXIT_CHANGES = 3
_LITTLE = 20


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
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--json", action="store_true", help="print all changes as one JSON document")
    forms.add_argument(
        "--markdown", action="store_true", help="print the changes as the body of a pull request"
    )
    parser.add_argument(
        "--commit", action="store_true", help="commit the two files to git where they changed"
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
    from ...lockfile import update
    from ...lockfile.origin import find_origin
    from ...lockfile.report import Report
    from ...oci.labels import UNKNOWN
    from ..project_access import resolving

    _check_usage(arguments)
    project = Project.at(arguments.file)
    images = project.read_images()
    lock, old_text = project.read_lock()
    if arguments.command == "lock":
        names = update.out_of_date(images, lock)
    else:
        names = update.all_or_named(images, arguments.names)
    had = {blob.digest for image in lock.images.values() for blob in image.blobs()}
    reports = []
    origins: dict[Digest, Origin] = {}
    with (
        resolving(arguments, project, images) as (resolver, sources, connected),
        console.Counter(len(names), "image") as counter,
    ):

        def resolve(request: Request, previous: LockedImage | None) -> LockedImage:
            found = resolver.resolve(request, previous)
            if previous is not None and found.digest != previous.digest:
                origins[found.digest] = find_origin(sources, found)
            return found

        for outcome in update.update(images, lock, names, resolve, jobs=arguments.jobs):
            digest = outcome.after.digest if outcome.after is not None else None
            origin = origins.get(digest, UNKNOWN) if digest is not None else UNKNOWN
            report = Report(outcome=outcome, had=had, origin=origin)
            reports.append(report)
            with counter.step():
                _tell(report, quiet=arguments.json or arguments.markdown)
    outcomes = [report.outcome for report in reports]
    new_lock = update.apply(lock, outcomes)
    changes = Counter(outcome.change for outcome in outcomes)
    # With nothing but failures there is nothing to write, not even an empty lock.
    changed = new_lock.to_toml() != old_text and set(changes) != {update.Change.FAILED}
    if changed and not arguments.check:
        new_lock = project.change_lock(lambda current: update.apply(current, outcomes))
    _summarize(project, changes, connected.transport, changed=changed, check=arguments.check)
    _print_whole(reports, arguments, changed=changed)
    if changed and arguments.commit:
        from ...lockfile.commit import commit
        from ...lockfile.report import commit_message

        commit([project.images_path, project.lock_path], commit_message(reports))
    status = 0
    if arguments.prefetch:
        current = [one for one in new_lock.images if one in names or arguments.command == "lock"]
        status = prefetch(project, images, new_lock, current, arguments)
    if changes[update.Change.FAILED] or status:
        return 1
    return EXIT_CHANGES if arguments.check and changed else 0


def _check_usage(arguments: argparse.Namespace) -> None:
    if arguments.check and arguments.prefetch:
        raise UsageError("--check writes nothing, so there is nothing to --prefetch")
    if arguments.check and arguments.commit:
        raise UsageError("--check writes nothing, so there is nothing to --commit")


def _tell(report: Report, *, quiet: bool) -> None:
    """Print a line about an image as soon as it is known; `quiet` keeps what is no error."""
    if report.outcome.error is not None:
        console.error(report.outcome.error)
    elif not quiet:
        console.result(report.line)


def _print_whole(reports: list[Report], arguments: argparse.Namespace, *, changed: bool) -> None:
    """Print what a program or a pull request wants of all images."""
    if arguments.json:
        import json

        images = sorted((report.document for report in reports), key=lambda one: one["name"])
        console.result(json.dumps({"version": 1, "changed": changed, "images": images}, indent=2))
    elif arguments.markdown:
        from ...lockfile.report import markdown

        console.result(markdown(reports).rstrip("\n"))


def _summarize(
    project: Project, changes: Counter[Change], transport: Transport, *, changed: bool, check: bool
) -> None:
    did = ("would change" if check else "written") if changed else "is as it was"
    counts = ", ".join(
        f"{number} {change}" for change, number in sorted((c.value, n) for c, n in changes.items())
    )
    console.note(
        f"{project.lock_path} {did}: {counts or 'no image to resolve'}; "
        f"{units.count(transport.requests, 'request')}, "
        f"{units.size(transport.received_bytes)} received"
    )
    for host, left in sorted(transport.remaining.items()):
        if left < _LITTLE:
            console.note(f"{host} lets you ask {left} times more; log in for a higher limit")
