"""The search for images.toml in a directory and in those above it, as git searches its root."""

from __future__ import annotations

import os
from pathlib import Path

IMAGES = "images.toml"
_ROOTS = (".git", ".hg", ".jj")


def find_images(directory: Path = Path()) -> Path:
    """The path of the nearest images.toml, relative to the working directory.

    It is in `directory`, or in one above it as far as the root of the repository. Without such a
    file it is the path in `directory`. A directory above that belongs to neither the owner of
    `directory` nor this user ends the search: its images.toml would be another person's choice.
    """
    here = directory / IMAGES
    if os.path.lexists(here):
        return here
    try:
        start = directory.resolve()
        owners = {start.stat().st_uid, os.geteuid()}
        found = None
        for place in (start, *start.parents):
            if place.stat().st_uid not in owners:
                return here
            if found is None and (place / IMAGES).is_file():
                found = place / IMAGES
            if any((place / root).exists() for root in _ROOTS):
                return here if found is None else Path(os.path.relpath(found))
    except OSError:  # the directory is gone, or may not be read
        pass
    return here
