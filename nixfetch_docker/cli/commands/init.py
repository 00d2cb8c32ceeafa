"""`init`: write an images.toml to start from."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from ...errors import UsageError
from ...lockfile.schema_line import SCHEMA_LINE
from .. import console

# A line that starts with a "#" and a letter or a bracket is TOML, once the "#" is removed.
_EXAMPLES = """\
# The container images of this project. nixfetch-docker writes their digests to the lock beside
# this file, images.lock.toml; commit both.

# What every image is locked for. Without this: linux/amd64 and linux/arm64, as far as it has them.
#[defaults]
#platforms = ["linux/amd64", "linux/arm64"]

# An image, as `docker pull` takes it. `nixfetch-docker add redis:7.4-alpine` writes this:
#[images.redis]
#image = "redis:7.4-alpine"

# The newest 2.x from 2.1 on, for one platform.
#[images.web]
#image = "ghcr.io/acme/web"
#version = "^2.1"
#platforms = ["linux/amd64"]

# A registry with a certificate of its own. Logins are those of docker and podman.
#[registries."registry.lab:5000"]
#ca-file = "lab-ca.pem"
"""
TEXT = SCHEMA_LINE + _EXAMPLES


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `init`."""
    parser.add_argument(
        "--file",
        "-f",
        type=Path,
        metavar="PATH",
        help="the file to write (default: images.toml in this directory)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the file; refuse where there is one."""
    from ...lockfile.project import Project
    from ...lockfile.search import IMAGES, find_images

    above = find_images()
    project = Project.at(arguments.file or Path(IMAGES))
    path = project.images_path
    if os.path.lexists(path):
        raise UsageError(
            f"{path} is there already", hint=f"add to it: {project.command('add REFERENCE')}"
        )
    project.write_images(TEXT, instead_of="")
    console.result(f"{path}: written")
    if arguments.file is None and above != path:
        console.note(f"in this directory it is used in place of {above} from now on")
    option = "" if arguments.file is None else f" --file {path}"
    console.next_step(f"nixfetch-docker add redis:7.4-alpine{option}")
    return 0
