"""`verify`: compare locked images with their registries, and check who signed them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...base import units
from .. import console, failures, options, policy_options
from ..project_file import locked_names, note_if_empty, project_of

if TYPE_CHECKING:
    from ...lockfile.audit import Finding
    from ...lockfile.images import Images
    from ...lockfile.lock import Lock
    from ...lockfile.project import Project

_SHOWN = 20


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `verify`."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="an image of images.toml")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options.add_file(parser)
    options.add_jobs(parser)
    options.add_anonymous(parser)
    policy_options.add_policy(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print a line for every image; the exit status is 1 where any is not as it must be."""
    from ...lockfile.contents import state_of

    project = project_of(arguments)
    images = project.read_images()
    lock = project.read_lock().lock
    names = locked_names(project, images, lock, arguments.names)
    if not arguments.json:
        note_if_empty(project, images)
    findings = _findings(arguments, project, images, lock, names)
    failures.show([([one.name], one.error) for one in findings if one.error is not None])
    if arguments.json:
        from ...base.printable import json_text

        documents = [one.document for one in findings]
        console.result(json_text({"version": 1, "images": documents}))
    else:
        _print(findings)
        for name in names:
            if state := state_of(name, images, lock):
                console.note(f"{name} {state}: run {project.command('lock')}")
    return 1 if any(one.error is not None for one in findings) else 0


def _findings(
    arguments: argparse.Namespace,
    project: Project,
    images: Images,
    lock: Lock,
    names: Sequence[str],
) -> list[Finding]:
    """What was found of each image, in the order of the names."""
    from ...lockfile.audit import audit
    from ...lockfile.jobs import Jobs
    from ..progress import StepCounter
    from ..project_access import connected, vouching

    most = options.far_jobs(arguments)
    jobs: Jobs[Finding] = Jobs(arguments.jobs, most)
    found: dict[str, Finding] = {}
    with (
        connected(arguments, project, images, connections=most, on_far=jobs.widen) as (
            client,
            sources,
        ),
        StepCounter(len(names), "image") as counter,
    ):
        verified = vouching(arguments, project, images, client).verified

        def find(name: str) -> Finding:
            return audit(name, images, lock, sources=sources, verified=verified)

        for future in jobs.run(find, names):
            one = future.result()
            found[one.name] = one
            counter.step()
    return [found[name] for name in names]


def _print(findings: Sequence[Finding]) -> None:
    """A line for each image that is right, and one for those that nobody needs to sign."""
    from ...lockfile.place import in_registry
    from ...lockfile.vouchers import signed_text

    right = [one for one in findings if one.error is None]
    for one in right:
        has = "registry" if in_registry(one.image.place) else "file"
        signed = signed_text(one.vouchers or ())
        console.result(f"{one.name}: as the {has} has it{f'; {signed}' if signed else ''}")
    unasked = [one.name for one in right if one.vouchers is None]
    if unasked:
        console.result(f"no signature is asked for: {units.first(unasked, _SHOWN)}")
