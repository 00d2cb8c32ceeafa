"""The page that `show --html` writes, of what this machine has."""

from __future__ import annotations

import os
from collections.abc import Sequence

from ..lockfile.contents import Contents
from ..lockfile.images import Images
from ..lockfile.lock import Lock
from ..lockfile.project import Project
from ..lockfile.since import changes_since
from ..nix.stored_blob import stored_origin
from ..page.page import Page


def page(
    project: Project,
    images: Images,
    lock: Lock,
    names: Sequence[str],
    *,
    name: str | None,
    revision: str | None,
) -> str:
    """The page about the images with these names, and the changes since a revision of git, if any.

    The changes are those of all images, also of images that are gone, or of the one with `name`.
    Raises `GitError`, and the errors of the lock that the revision has.
    """
    since = changes_since(project, lock, revision, name=name) if revision is not None else None
    first = {entry.name: entry for entry in reversed(Contents(lock).entries)}
    return Page(
        path=str(project.images_path),
        names=names,
        images=images,
        lock=lock,
        origins={
            name: stored_origin(first[name].locked.config, os.environ)
            for name in names
            if name in first
        },
        since=since,
    ).text
