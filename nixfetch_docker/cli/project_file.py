"""The project that a command is about: that of `--file`, or else the nearest images.toml."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..lockfile.project import Project
from ..lockfile.search import IMAGES, find_images
from . import console


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
