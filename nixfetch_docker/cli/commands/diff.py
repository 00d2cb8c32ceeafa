"""`diff`: what has changed in the lock since a revision of git."""

from __future__ import annotations

import argparse

from .. import console, options
from ..project_file import project_of


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `diff`."""
    parser.add_argument(
        "revision",
        nargs="?",
        default="HEAD",
        metavar="REV",
        help="a commit, branch or tag of git (default: HEAD)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON, as `update` does")
    options.add_file(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print a line for every image that is another one; asks no registry."""
    from ...lockfile.change import Change
    from ...lockfile.history import committed_lock
    from ...lockfile.lock import Lock
    from ...lockfile.report import Report, document
    from .. import changes

    project = project_of(arguments)
    after = project.read_lock().lock.images
    found = committed_lock(project, arguments.revision)
    before = (found or Lock()).images
    had = {blob.digest for image in before.values() for blob in image.blobs()}
    pairs = [
        Change(name=name, before=before.get(name), after=after.get(name))
        for name in sorted(before.keys() | after.keys())
    ]
    reports = [Report(change=change, had=had) for change in pairs if change.is_real]
    if arguments.json:
        from ...base.printable import json_text

        console.result(json_text(document(reports, changed=bool(reports))))
    else:
        changes.show(reports)
    if found is None:
        console.note(f"{arguments.revision} has no {project.lock_path.name}: all images are new")
    elif not reports:
        console.note(f"{project.lock_path} has the same images as in {arguments.revision}")
    return 0
