"""Bringing a lock up to date: which images to resolve, what came of each, the new lock."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from enum import Enum

from ..errors import NixfetchError, UsageError
from .images import Images, Request
from .lock import Lock, LockedImage

Resolve = Callable[[Request, LockedImage | None], LockedImage]


class Change(Enum):
    """What became of an image's entry in the lock."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One image's entry before and after; a failed image keeps the entry that it had."""

    name: str
    before: LockedImage | None = None
    after: LockedImage | None = None
    error: NixfetchError | None = None

    @property
    def change(self) -> Change:
        """The kind of change."""
        if self.error is not None:
            return Change.FAILED
        if self.before == self.after:
            return Change.UNCHANGED
        if self.before is None:
            return Change.ADDED
        return Change.UPDATED if self.after is not None else Change.REMOVED


def all_or_named(images: Images, names: Collection[str]) -> list[str]:
    """The images to update: those named, or all; raises `UsageError` for an unknown name."""
    for name in names:
        if name not in images.requests:
            known = ", ".join(images.requests) or "none"
            raise UsageError(f"there is no image {name!r}", hint=f"there are: {known}")
    return [name for name in images.requests if not names or name in names]


def out_of_date(images: Images, lock: Lock) -> list[str]:
    """The images whose request is not the one that the lock answers."""
    return [
        name
        for name, request in images.requests.items()
        if name not in lock.images or lock.images[name].request != request
    ]


def update(
    images: Images, lock: Lock, names: Iterable[str], resolve: Resolve, *, jobs: int
) -> Iterator[Outcome]:
    """Resolve the images `names`, `jobs` at once; yield what came of each as it finishes.

    The entries of images that are no longer asked for come first, as removed.
    """
    for name in sorted(lock.images.keys() - images.requests.keys()):
        yield Outcome(name=name, before=lock.images[name])
    pool = ThreadPoolExecutor(jobs)
    try:
        futures = {
            pool.submit(resolve, images.requests[name], lock.images.get(name)): name
            for name in names
        }
        for future in as_completed(futures):
            name = futures[future]
            before = lock.images.get(name)
            try:
                yield Outcome(name=name, before=before, after=future.result())
            except NixfetchError as error:
                yield Outcome(name=name, before=before, after=before, error=error.at(name))
    finally:
        # Where the consumer is interrupted, nobody waits for what has not begun.
        pool.shutdown(wait=False, cancel_futures=True)


def apply(lock: Lock, outcomes: Iterable[Outcome]) -> Lock:
    """The lock with every entry in it that has changed.

    It may be a later one than that which the outcomes started from: what others have changed
    meanwhile stays.
    """
    images = dict(lock.images)
    for outcome in outcomes:
        if outcome.change in {Change.UNCHANGED, Change.FAILED}:
            continue
        if outcome.after is not None:
            images[outcome.name] = outcome.after
        else:
            images.pop(outcome.name, None)
    return Lock(images=images)
