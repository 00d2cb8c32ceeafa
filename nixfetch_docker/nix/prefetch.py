"""Prefetches: the blobs of locked images brought into a store before a build needs them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from pathlib import Path

from ..base import units
from ..base.values import dataclass
from ..errors import NixfetchError
from ..lockfile.blob_label import BlobLabel, blob_labels
from ..lockfile.contents import Entry
from ..lockfile.locked_blobs import locked_blobs
from ..lockfile.sources import Sources
from ..oci.digest import Digest
from . import download_directory
from .blob_fetcher import BlobFetcher, Fetched
from .blob_store import BlobStore
from .fetch_progress import OnProgress


class Outcome(Enum):
    """The state of an image's blobs at the end; the value is the text for a line about it."""

    PRESENT = "is there"
    MISSING = "would fetch {blobs}"
    FETCHED = "fetched {blobs}"
    FAILED = "failed ({blobs} not fetched)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The outcome for one image and platform.

    `blobs` is the number of its blobs that have the outcome, each once, and `size` their bytes.
    """

    entry: Entry
    outcome: Outcome
    blobs: int
    size: int

    @property
    def line(self) -> str:
        """The line about the image for people."""
        outcome = self.outcome.value.format(blobs=_amount(self.blobs, self.size))
        return f"{self.entry.name}: {self.entry.platform} {outcome}"


class Prefetch:
    """A prefetch of some entries of a lock. Without `substitute` and `fetch` it is a dry run."""

    def __init__(self, entries: Sequence[Entry], store: BlobStore) -> None:
        """Ask the store which blobs it lacks; raises `NixfetchError` where that fails."""
        self._entries = entries
        self._store = store
        blobs = locked_blobs((entry.image, entry.locked) for entry in entries)
        self._blobs = blobs
        self._lacking = frozenset(store.lacks(blob.digest for blob in blobs))
        self._missing = {blob.digest: blob for blob in blobs if blob.digest in self._lacking}
        self._failed: set[Digest] = set()

    @property
    def missing_count(self) -> int:
        """The number of blobs that the store still lacks, without those that failed."""
        return len(self._missing)

    @property
    def missing_size(self) -> int:
        """The bytes of those blobs."""
        return sum(blob.size for blob in self._missing.values())

    @property
    def labels(self) -> dict[Digest, BlobLabel]:
        """The label of every blob."""
        return blob_labels(self._entries)

    @property
    def has_failed(self) -> bool:
        """Whether any blob could not be fetched."""
        return bool(self._failed)

    def substitute(self, notify: Callable[[str], None]) -> None:
        """Let the store fetch missing blobs from its substituters, such as a binary cache.

        Where that fails, `notify` gets the reason, and the blobs are still missing.
        """
        try:
            self._store.substitute(self._missing)
        except NixfetchError as error:
            notify(f"{error.cause}; fetching from the registries")
        self._look_again()

    @contextmanager
    def alone_in(self, directory: Path, notify: Callable[[str], None]) -> Iterator[None]:
        """Keep other prefetches out of `directory`; blobs that they fetched before are not missing.

        `notify` gets a message where another one has to end first. Raises `FileError`.
        """
        with download_directory.alone_in(directory, notify):
            # Also where there was no need to wait: another one may have ended just before.
            self._look_again()
            yield

    def fetch(
        self, sources: Sources, directory: Path, *, jobs: int, on_progress: OnProgress
    ) -> Iterator[Fetched]:
        """Fetch all missing blobs by way of `directory`, `jobs` at once; yield each as it ends."""
        fetcher = BlobFetcher(sources, self._store, directory, jobs=jobs)
        for fetched in fetcher.run(list(self._missing.values()), on_progress):
            del self._missing[fetched.blob.digest]
            if fetched.error is not None:
                self._failed.add(fetched.blob.digest)
            yield fetched

    def total(self) -> str:
        """A line about what is missing of all entries, each blob once, and what the store has."""
        total = sum(blob.size for blob in self._blobs)
        there = _amount(len(self._blobs) - self.missing_count, total - self.missing_size)
        if not self.missing_count:
            return f"total: nothing to fetch; {there} in the store"
        to_fetch = _amount(self.missing_count, self.missing_size)
        return f"total: {to_fetch} to fetch, each once; {there} in the store"

    def remove_downloads(self, directory: Path, notify: Callable[[str], None]) -> None:
        """Remove downloads of blobs that the store has, which a run that was killed has left.

        `notify` and the errors are those of `alone_in`.
        """
        there = {blob.digest for blob in self._blobs}
        stored = there - self._missing.keys() - self._failed
        if download_directory.present(directory, stored):
            with download_directory.alone_in(directory, notify):
                for file in download_directory.present(directory, stored):
                    file.unlink()

    def images_of(self, digest: Digest) -> list[str]:
        """The names of the images that have a blob."""
        having = (entry for entry in self._entries if digest in _digests(entry))
        return list(dict.fromkeys(entry.name for entry in having))

    def results(self) -> list[Result]:
        """The results so far, one for each entry."""
        return [self._result(entry) for entry in self._entries]

    def _result(self, entry: Entry) -> Result:
        digests = _digests(entry)
        if digests & self._failed:
            return _sum(entry, Outcome.FAILED, self._failed)
        if digests & self._missing.keys():
            return _sum(entry, Outcome.MISSING, self._missing)
        if digests & self._lacking:
            return _sum(entry, Outcome.FETCHED, self._lacking)
        return _sum(entry, Outcome.PRESENT, digests)

    def _look_again(self) -> None:
        lacking = self._store.lacks(self._missing)
        self._missing = {
            digest: self._missing[digest] for digest in self._missing if digest in lacking
        }


def _digests(entry: Entry) -> set[Digest]:
    return {blob.digest for blob in entry.locked.blobs()}


def _sum(entry: Entry, outcome: Outcome, digests: Collection[Digest]) -> Result:
    sizes = {blob.digest: blob.size for blob in entry.locked.blobs() if blob.digest in digests}
    return Result(entry=entry, outcome=outcome, blobs=len(sizes), size=sum(sizes.values()))


def _amount(blobs: int, size: int) -> str:
    return f"{units.count(blobs, 'blob')}, {units.size(size)}"
