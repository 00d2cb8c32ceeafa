"""Updates of a lock: resolve images, report on each, and write all changes at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import closing

from ..base.accident import accident
from ..errors import Cancelled, NixfetchError
from ..oci.labels import UNKNOWN, Origin
from ..versions.version import Version
from .change import Change, ChangeKind, apply
from .images import Images, Request
from .jobs import Jobs
from .lock import LockedImage
from .project import ChangedLock, LockFile, Project
from .report import Report

Note = Callable[[str], None]
Resolve = Callable[[Request, LockedImage | None, Note], LockedImage]
FindOrigin = Callable[[LockedImage], Origin]


# So many numbers in a tag name one release, as in 7.4.1; fewer name a line of releases.
_RELEASE_PRECISION = 3


class Update:
    """An update of the images `names`, and the removal of those that images.toml has no more.

    `images` are those of images.toml. `reports` are those on the images so far, in the order in
    which they were resolved.
    """

    def __init__(
        self, images: Images, read: LockFile, names: Collection[str], *, removes: bool = True
    ) -> None:
        """`read` is the lock as it was before. Without `removes`, no image is removed from it."""
        self.images = images
        self._read = read
        self._names = names
        self._removes = removes
        self.reports: list[Report] = []

    def run(
        self, resolve: Resolve, find_origin: FindOrigin, *, jobs: Jobs[Change]
    ) -> Iterator[Report]:
        """Resolve the images, several at once by `jobs`; yield a report on each as it finishes.

        Removed images come first. Where the consumer stops early, `reports` has all that are done.
        `find_origin` is called for an image whose digest changed, from the same thread as
        `resolve`. Every error of an image is in its report, also one that nobody foresaw: no
        image's accident takes the others with it.
        """
        requests, locked = self.images.requests, self._read.lock.images
        had = {blob.digest for image in locked.values() for blob in image.blobs()}

        def report(change: Change) -> Report:
            made = Report(change=change, had=had)
            self.reports.append(made)
            return made

        if self._removes:
            for name in sorted(locked.keys() - requests.keys()):
                yield report(Change(name=name, before=locked[name]))

        def change(name: str) -> Change:
            return _change(name, requests[name], locked.get(name), resolve, find_origin)

        try:
            with closing(jobs.run(change, self._names)) as ended:
                for future in ended:
                    yield report(future.result())
        finally:
            # Where the consumer is interrupted, what is done is not lost.
            for done in jobs.unread():
                report(done)

    def write(self, project: Project, *, dry_run: bool = False) -> ChangedLock:
        """Write all changes to the lock of `project`; with `dry_run`, only tell the result.

        Changes by other processes in the meantime are kept. Raises `NixfetchError` where the lock
        cannot be read or written. May be called before all images are resolved: those that are not
        keep their entries.
        """
        if self._names and not self.counts.keys() - {ChangeKind.FAILED}:
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
    def in_order(self) -> list[Report]:
        """The reports in the order of images.toml, and then those on removed images by name."""
        places = {name: place for place, name in enumerate(self.images.requests)}
        return sorted(
            self.reports,
            key=lambda report: (places.get(report.change.name, len(places)), report.change.name),
        )

    @property
    def unresolved_count(self) -> int:
        """The number of images that have no report yet."""
        done = {report.change.name for report in self.reports}
        return sum(name not in done for name in self._names)

    @property
    def kept(self) -> list[str]:
        """The images that images.toml has no more and the update keeps, as it does not remove."""
        if self._removes:
            return []
        return sorted(self._read.lock.images.keys() - self.images.requests.keys())

    @property
    def has_failed(self) -> bool:
        """Whether any image could not be resolved."""
        return ChangeKind.FAILED in self.counts


def _change(
    name: str,
    request: Request,
    before: LockedImage | None,
    resolve: Resolve,
    find_origin: FindOrigin,
) -> Change:
    notes: list[str] = []
    try:
        after = resolve(request, before, notes.append)
    except Cancelled:
        raise
    except Exception as error:
        failure = error if isinstance(error, NixfetchError) else accident(error)
        return Change(name=name, before=before, after=before, error=failure.of(name))
    origin = UNKNOWN
    if before is not None and before.digest != after.digest:
        if _names_one_release(request, before, after):
            notes.append(f"the tag {after.tag} was pushed again, with other content")
        try:
            origin = find_origin(after)
        except Cancelled:
            raise
        except Exception as error:
            notes.append(f"its origin cannot be read: {accident(error)}")
    return Change(name=name, before=before, after=after, origin=origin, notes=tuple(notes))


def _names_one_release(request: Request, before: LockedImage, after: LockedImage) -> bool:
    """Whether both images have one tag, and one that nobody expects to move."""
    if after.tag is None or (before.repository, before.tag) != (after.repository, after.tag):
        return False
    version = Version.parse(after.tag)
    is_precise = version is not None and version.precision >= _RELEASE_PRECISION
    return is_precise or request.follow is not None
