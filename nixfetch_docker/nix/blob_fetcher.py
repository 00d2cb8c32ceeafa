"""A fetcher that brings several blobs at once from their sources into a store."""

from __future__ import annotations

import copy
import errno
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..base.files import unwritable
from ..errors import NixfetchError, WrongContent
from ..lockfile.locked_blobs import LockedBlob
from ..lockfile.sources import Sources
from ..oci.digest import Digest
from ..registry.download import Download
from . import download_directory
from .blob_store import BlobStore
from .store_path import blob_name

# Called with the bytes that are done, and for each blob under way, by its short digest, with the
# bytes that have come and its size in bytes.
OnProgress = Callable[[int, Mapping[str, tuple[int, int]]], None]

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
        self._downloads: dict[Digest, Download] = {}

    def run(self, blobs: Iterable[LockedBlob], on_progress: OnProgress) -> Iterator[Fetched]:
        """Fetch all; yield each once it is in the store or has failed.

        `on_progress` is called several times a second, from this thread.
        """
        fetchers, storer = ThreadPoolExecutor(self._jobs), ThreadPoolExecutor(1)
        done_bytes = 0
        try:
            fetching = {fetchers.submit(self._fetch, blob): blob for blob in blobs}
            complete: list[tuple[LockedBlob, Path]] = []
            storing: Future[list[Fetched]] | None = None
            while fetching or complete or storing:
                if complete and storing is None:
                    # All that are complete by now: starting Nix costs more than a small blob.
                    storing = storer.submit(self._add, complete)
                    complete = []
                under_way: set[Future[Any]] = {*fetching, *([storing] if storing else [])}
                ended, _ = wait(under_way, timeout=_PROGRESS_SECONDS, return_when=FIRST_COMPLETED)
                on_progress(done_bytes, self._under_way())
                results: list[Fetched] = []
                if storing is not None and storing in ended:
                    results += storing.result()
                    storing = None
                for future in ended & fetching.keys():
                    blob = fetching.pop(future)
                    try:
                        complete.append((blob, future.result()))
                    except NixfetchError as error:
                        results.append(Fetched(blob=blob, error=error))
                done_bytes += sum(result.blob.size for result in results)
                yield from results
        finally:
            # Where the consumer is interrupted, nothing waits for work that has not begun.
            fetchers.shutdown(wait=False, cancel_futures=True)
            storer.shutdown(wait=False, cancel_futures=True)

    def _under_way(self) -> dict[str, tuple[int, int]]:
        downloads = list(self._downloads.values())
        return {one.digest.short: (one.received, one.size or 0) for one in downloads}

    def _fetch(self, blob: LockedBlob) -> Path:
        """The path of a file with the blob, which is verified."""
        path = self._directory / blob_name(blob.digest)
        part = path.with_name(f"{path.name}.part")
        try:
            if download_directory.has_file(path):
                return path
            download_directory.has_file(part)
            # In mode "a+" every write goes to the end, which is where a download resumes.
            with os.fdopen(os.open(part, _RESUMED, 0o666), "a+b") as file:
                download = Download.resumed(blob.digest, blob.size, file)
                self._downloads[blob.digest] = download
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


def _changed(path: Path) -> WrongContent:
    what = "another program changed this file before it was in the store"
    return WrongContent(what, hint="run the command again").at(str(path))
