"""`add`: append an image to images.toml, and lock it."""

from __future__ import annotations

import argparse
import os
import shlex

from .. import console, options, policy_options
from ..project_file import project_of


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `add`."""
    parser.add_argument(
        "reference",
        metavar="REFERENCE",
        help="as `docker pull` takes it, or an image in a file: oci:./PATH, docker-archive:./FILE",
    )
    parser.add_argument(
        "--name", help="its name in images.toml (default: the last part of its repository or path)"
    )
    parser.add_argument(
        "--version",
        metavar="VERSIONS",
        help="follow the newest of these versions, such as ^7.2, instead of a tag",
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
    policy_options.add_policy(parser)


def run(arguments: argparse.Namespace) -> int:
    """Resolve the image, then append it to images.toml and write the lock."""
    from ...lockfile.addition import Addition
    from ...nix.deposit import Deposit
    from .. import changes, process
    from ..project_access import resolving

    for text in arguments.platform:
        options.read_platform(text, is_exact=True)
    addition = Addition.prepare(
        project_of(arguments),
        arguments.reference,
        name=arguments.name,
        version=arguments.version,
        platforms=arguments.platform,
    )
    with Deposit(os.environ) as deposit:
        with resolving(arguments, addition.project, addition.images, deposit.put) as (resolver, *_):
            locked = resolver.resolve(addition.request, note=console.note)
        with process.holding_signals():
            report = addition.write(locked)
        deposit.hand_over()
        changes.show([report])
        deposit.settle()
    project = addition.project
    # A flake sees only the files that git knows.
    files = shlex.join([str(project.images_path), str(project.lock_path)])
    console.next_step(f"git add {files}")
    return 0
