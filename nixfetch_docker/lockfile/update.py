"""Updates of a lock: resolve images, report on each, and write all changes at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed

from ..errors import NixfetchError
from ..oci.labels import UNKNOWN, Origin
from .change import Change, ChangeKind, apply
from .images import Images, Request
from .lock import LockedImage
from .project import ChangedLock, LockFile, Project
from .report import Report

Note = Callable[[str], None]
Resolve = Callable[[Request, LockedImage | None, Note], LockedImage]
FindOrigin = Callable[[LockedImage], Origin]


class Update:
    """An update of the images `names`, and the removal of those that images.toml has no more.

    `reports` are those on the images so far, in the order in which they were resolved.
    """

    def __init__(self, images: Images, read: LockFile, names: Collection[str]) -> None:
        """`read` is the lock as it was before."""
        self._images = images
        self._read = read
        self._names = names
        self.reports: list[Report] = []

    def run(self, resolve: Resolve, find_origin: FindOrigin, *, jobs: int) -> Iterator[Report]:
        """Resolve the images, `jobs` at once; yield a report on each as it finishes.

        Removed images come first. `find_origin` is called for an image whose digest changed, from
        the same thread as `resolve`. Errors of an image, `NixfetchError`, are in its report.
        """
        lock = self._read.lock
        had = {blob.digest for image in lock.images.values() for blob in image.blobs()}
        for change in self._changes(resolve, find_origin, jobs):
            report = Report(change=change, had=had)
            self.reports.append(report)
            yield report

    def write(self, project: Project, *, dry_run: bool = False) -> ChangedLock:
        """Write all changes to the lock of `project`; with `dry_run`, only tell the result.

        Changes by other processes in the meantime are kept. Raises `NixfetchError` where the lock
        cannot be read or written.
        """
        if set(self.counts) == {ChangeKind.FAILED}:
            # Also an empty lock would be news that is not true.
            return ChangedLock(lock=self._read.lock, changed=False)
        changes = [report.change for report in self.reports]
        return project.change_lock(
            lambda lock: apply(lock, changes), read=self._read, dry_run=dry_run
        )

    @property
    def counts(self) -> Counter[ChangeKind]:
        """The number of images with each kind of change."""
        return Counter(report.change.kind for report in self.reports)

    @property
    def has_failed(self) -> bool:
        """Whether any image could not be resolved."""
        return ChangeKind.FAILED in self.counts

    def _changes(self, resolve: Resolve, find_origin: FindOrigin, jobs: int) -> Iterator[Change]:
        requests, locked = self._images.requests, self._read.lock.images
        for name in sorted(locked.keys() - requests.keys()):
            yield Change(name=name, before=locked[name])

        def change(name: str) -> Change:
            before = locked.get(name)
            notes: list[str] = []
            try:
                after = resolve(requests[name], before, notes.append)
            except NixfetchError as error:
                return Change(name=name, before=before, after=before, error=error.at(name))
            is_new = before is not None and before.digest != after.digest
            return Change(
                name=name,
                before=before,
                after=after,
                origin=find_origin(after) if is_new else UNKNOWN,
                notes=tuple(notes),
            )

        pool = ThreadPoolExecutor(jobs)
        try:
            for future in as_completed([pool.submit(change, name) for name in self._names]):
                yield future.result()
        finally:
            # Where the consumer is interrupted, nothing waits for work that has not begun.
            pool.shutdown(wait=False, cancel_futures=True)
