"""The project that a command is about: that of `--file`, or else the nearest images.toml."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..lockfile.project import Project
from ..lockfile.search import IMAGES, find_images
from . import console

if TYPE_CHECKING:
    from ..lockfile.images import Images
    from ..lockfile.lock import Lock

_SHOWN = 20


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


def locked_names(
    project: Project, images: Images, lock: Lock, asked: Sequence[str]
) -> Sequence[str]:
    """Those of the images that were asked for, or of all, that the lock has.

    Of the others nothing can be said: they are an error by name, and a note otherwise. Raises
    `UsageError`.
    """
    from ..base import units
    from ..lockfile.selection import all_or_named

    selected = all_or_named(images, asked)
    missing = [name for name in selected if name not in lock.images]
    if missing:
        are, them = ("are", "them") if missing[1:] else ("is", "it")
        error = UsageError(
            f"{units.first(missing, _SHOWN)} {are} not locked yet",
            hint=f"run {project.command('lock')} to pin {them}",
        )
        if asked:
            raise error
        console.note(str(error))
    return [name for name in selected if name in lock.images]
