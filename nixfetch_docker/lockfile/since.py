"""The changes of a lock since a revision of git."""

from __future__ import annotations

from collections.abc import Sequence

from ..base.values import dataclass
from .change import Change
from .history import committed_lock
from .lock import Lock
from .project import Project
from .report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """The reports on the images that are others than in a revision, by name.

    `has_lock` says whether the revision has a lock at all; without one, all images are new.
    """

    revision: str
    has_lock: bool
    reports: Sequence[Report]


def changes_since(project: Project, lock: Lock, revision: str, *, name: str | None = None) -> Since:
    """What has changed in a lock; asks no registry. Raises `GitError`, and the errors of the lock.

    With `name`, it is told of that image alone. A build need not fetch the blobs that any image of
    the revision had.
    """
    found = committed_lock(project, revision)
    before, after = (found or Lock()).images, lock.images
    had = {blob.digest for image in before.values() for blob in image.blobs()}
    names = before.keys() | after.keys() if name is None else {name}
    pairs = [
        Change(name=one, before=before.get(one), after=after.get(one)) for one in sorted(names)
    ]
    return Since(
        revision=revision,
        has_lock=found is not None,
        reports=[Report(change=change, had=had) for change in pairs if change.is_real],
    )
