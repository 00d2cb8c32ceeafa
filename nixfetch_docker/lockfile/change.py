"""Changes of a lock: the entry of one image before and after an update."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from ..base.values import dataclass
from ..errors import NixfetchError
from ..oci.labels import UNKNOWN, Origin
from .lock import Lock, LockedImage


class ChangeKind(Enum):
    """The kinds of change, by the words that reports have for them."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One image's entry before and after; None where there is no entry.

    An image that could not be resolved has the `error`, and keeps the entry that it had. `origin`
    is where the new image comes from, as far as its labels say. `notes` are lines about newer tags
    that were passed by, a release that was pushed again, and the like.
    """

    name: str
    before: LockedImage | None = None
    after: LockedImage | None = None
    error: NixfetchError | None = None
    origin: Origin = UNKNOWN
    notes: tuple[str, ...] = ()

    @property
    def kind(self) -> ChangeKind:
        """The kind of change."""
        if self.error is not None:
            return ChangeKind.FAILED
        if self.before == self.after:
            return ChangeKind.UNCHANGED
        if self.before is None:
            return ChangeKind.ADDED
        return ChangeKind.UPDATED if self.after is not None else ChangeKind.REMOVED

    @property
    def is_real(self) -> bool:
        """Whether the entry is another one after it."""
        return self.kind not in {ChangeKind.UNCHANGED, ChangeKind.FAILED}


def apply(lock: Lock, changes: Iterable[Change]) -> Lock:
    """A lock with these changes made to it.

    `lock` may be a later one than the changes started from: an entry that is not among them stays
    as another process left it.
    """
    images = dict(lock.images)
    for change in changes:
        if not change.is_real:
            continue
        if change.after is not None:
            images[change.name] = change.after
        else:
            images.pop(change.name, None)
    return Lock(images=images)
