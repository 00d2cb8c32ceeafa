"""The project that a command is about: that of `--file`, or else the nearest images.toml."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ..lockfile.project import Project
from ..lockfile.search import IMAGES, find_images
from . import console

if TYPE_CHECKING:
    from ..lockfile.images import Images


def project_of(arguments: argparse.Namespace) -> Project:
    """The project of `--file`, or of the nearest images.toml; a note names one that is elsewhere.

    Raises `UsageError` for a file that is not named like one.
    """
    if arguments.file is not None:
        return Project.at(arguments.file)
    path = find_images()
    if path != Path(IMAGES):
        console.note(f"using {path}")
    return Project.at(path)


def note_if_empty(project: Project, images: Images) -> None:
    """A note where images.toml has no image, so that a command about all has nothing to do."""
    if not images.requests:
        console.note(
            f"{project.images_path} has no image yet; {project.command('add REFERENCE')} adds one"
        )
