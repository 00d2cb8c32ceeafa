"""A fetcher that brings several blobs at once from their sources into a store."""

from __future__ import annotations

import copy
import errno
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

from ..base.files import unwritable
from ..base.values import dataclass
from ..errors import NixfetchError, WrongContent
from ..lockfile.locked_blobs import LockedBlob
from ..lockfile.sources import Sources
from ..oci.digest import Digest
from ..registry.download import Download
from . import download_directory
from .blob_store import BlobStore
from .fetch_progress import Arrival, OnProgress, Tally
from .store_path import blob_name

# Nix says nothing while it adds files, so it gets few bytes at once; starting it costs some 20 ms.
_BYTES_AT_ONCE = 64 * 1024 * 1024

_OF_DIRECTORY = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
_PROGRESS_SECONDS = 0.1
# Not by a link, which would lead the download elsewhere.
_RESUMED = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A blob that is in the store now, or the error that kept it out."""

    blob: LockedBlob
    error: NixfetchError | None = None


class BlobFetcher:
    """Fetches blobs into a directory, and adds them from there to a store.

    An interrupted download stays in the directory, and the next fetcher resumes it.
    """

    def __init__(self, sources: Sources, store: BlobStore, directory: Path, *, jobs: int) -> None:
        """`jobs` blobs are fetched at once, while others are added to the store."""
        self._sources = sources
        self._store = store
        self._directory = directory
        self._jobs = jobs
        self._downloads: dict[Digest, tuple[LockedBlob, Download]] = {}
        self._checked: dict[Digest, LockedBlob] = {}
        self._kept: dict[Digest, int] = {}

    def run(self, blobs: Sequence[LockedBlob], on_progress: OnProgress) -> Iterator[Fetched]:
        """Fetch all; yield each once it is in the store or has failed.

        `on_progress` is called several times a second, and at the end, from this thread.
        """
        fetchers, storer = ThreadPoolExecutor(self._jobs), ThreadPoolExecutor(1)
        tally = Tally(blobs)
        try:
            fetching = {fetchers.submit(self._fetch, blob): blob for blob in blobs}
            complete: list[tuple[LockedBlob, Path]] = []
            storing: Future[list[Fetched]] | None = None
            adding = 0
            while fetching or complete or storing:
                if complete and storing is None:
                    # Those that are complete by now: starting Nix costs more than a small blob.
                    some = _portion(complete)
                    storing, adding = storer.submit(self._add, some), len(some)
                    complete = complete[adding:]
                under_way: set[Future[Any]] = {*fetching, *([storing] if storing else [])}
                ended, _ = wait(under_way, timeout=_PROGRESS_SECONDS, return_when=FIRST_COMPLETED)
                on_progress(
                    tally.progress(
                        self._under_way(),
                        waiting=adding + len(complete),
                        kept=sum(list(self._kept.values())),
                    )
                )
                results: list[Fetched] = []
                if storing is not None and storing in ended:
                    results += storing.result()
                    storing, adding = None, 0
                for future in ended & fetching.keys():
                    blob = fetching.pop(future)
                    try:
                        complete.append((blob, future.result()))
                        tally.reach(blob, blob.size)
                    except NixfetchError as error:
                        results.append(Fetched(blob=blob, error=error))
                for result in results:
                    (tally.store if result.error is None else tally.fail)(result.blob)
                yield from results
            on_progress(tally.progress(kept=sum(self._kept.values())))
        finally:
            # Where the consumer is interrupted, nothing waits for work that has not begun.
            fetchers.shutdown(wait=False, cancel_futures=True)
            storer.shutdown(wait=False, cancel_futures=True)

    def _under_way(self) -> Iterator[Arrival]:
        for blob in list(self._checked.values()):
            yield Arrival(blob=blob, received=0, here=0, is_checked=True)
        for blob, download in list(self._downloads.values()):
            yield Arrival(blob=blob, received=0, here=download.received)

    def _fetch(self, blob: LockedBlob) -> Path:
        """The path of a file with the blob, which is verified."""
        path = self._directory / blob_name(blob.digest)
        part = path.with_name(f"{path.name}.part")
        try:
            if download_directory.has_file(path):
                self._kept[blob.digest] = blob.size
                return path
            download_directory.has_file(part)
            # In mode "a+" every write goes to the end, which is where a download resumes.
            with os.fdopen(os.open(part, _RESUMED, 0o666), "a+b") as file:
                self._checked[blob.digest] = blob
                download = Download.resumed(blob.digest, blob.size, file)
                self._kept[blob.digest] = download.received
                self._downloads[blob.digest] = blob, download
                del self._checked[blob.digest]
                self._complete(blob, download)
            part.rename(path)
        except WrongContent:
            part.unlink()
            raise
        except OSError as error:
            # All blobs have the fault of a directory, which is told once.
            is_of_all = error.errno in _OF_DIRECTORY
            raise unwritable(self._directory if is_of_all else part, error) from None
        finally:
            self._checked.pop(blob.digest, None)
            self._downloads.pop(blob.digest, None)
        return path

    def _complete(self, blob: LockedBlob, download: Download) -> None:
        *others, last = [self._sources.at(place) for place in blob.places]
        kept = download.received
        for source in others:
            try:
                return source.complete(download, is_manifest=blob.is_manifest)
            except NixfetchError:
                # Another image has the blob too, perhaps with another login.
                if download.received != kept:
                    download.restart()
        return last.complete(download, is_manifest=blob.is_manifest)

    def _add(self, complete: list[tuple[LockedBlob, Path]]) -> list[Fetched]:
        try:
            wrong = self._store.add([path for _, path in complete])
        except NixfetchError as error:
            return [Fetched(blob=blob, error=copy.copy(error)) for blob, _ in complete]
        for _, path in complete:
            path.unlink()
        return [
            Fetched(blob=blob, error=_changed(path) if path in wrong else None)
            for blob, path in complete
        ]


def _portion(complete: list[tuple[LockedBlob, Path]]) -> list[tuple[LockedBlob, Path]]:
    """The first of the blobs, as many as fit into a limit of bytes, and one at least."""
    total = 0
    for number, (blob, _) in enumerate(complete):
        total += blob.size
        if number and total > _BYTES_AT_ONCE:
            return complete[:number]
    return complete


def _changed(path: Path) -> WrongContent:
    what = "another program changed this file before it was in the store"
    return WrongContent(what, hint="run the command again").at(str(path))
