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
    from ...lockfile.report import document
    from ...lockfile.since import changes_since
    from .. import changes

    project = project_of(arguments)
    since = changes_since(project, project.read_lock().lock, arguments.revision)
    if arguments.json:
        from ...base.printable import json_text

        console.result(json_text(document(since.reports, changed=bool(since.reports))))
    else:
        changes.show(since.reports)
    if not since.has_lock:
        console.note(f"{arguments.revision} has no {project.lock_path.name}: all images are new")
    elif not since.reports:
        console.note(f"{project.lock_path} has the same images as in {arguments.revision}")
    return 0
