"""Locked blobs on their way into the Nix store, fetched by the person who has the logins."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..base import files
from ..base.files import unwritable
from ..errors import NixfetchError, WrongContent
from ..lockfile.locked_blobs import LockedBlob
from ..lockfile.sources import Sources
from ..oci.digest import Digest
from ..registry.download import Download
from .store import Store
from .store_path import blob_name

_LOOK_SECONDS = 0.1
_STALE_SECONDS = 7 * 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchResult:
    """A blob that is in the store now, or the error that kept it out."""

    wanted: LockedBlob
    error: NixfetchError | None = None


class Prefetch:
    """Fetches into a directory, and from there into the store, several blobs at once.

    What is interrupted stays in the directory, and the next one goes on with it.
    """

    def __init__(self, sources: Sources, store: Store, directory: Path, *, jobs: int) -> None:
        """`jobs` blobs are fetched at once, while others are added to the store."""
        self._sources = sources
        self._store = store
        self._directory = directory
        self._jobs = jobs
        self._downloads: dict[Digest, Download] = {}

    @property
    def progress(self) -> dict[Digest, int]:
        """The bytes that have come of every blob under way."""
        return {digest: one.received for digest, one in list(self._downloads.items())}

    def run(self, wanted: Iterable[LockedBlob], look: Callable[[], None]) -> Iterator[FetchResult]:
        """Fetch all; yield what came of each once it is in the store.

        `look` is called some times a second. Raises `FileError` where the directory cannot be
        written.
        """
        fetchers, storer = ThreadPoolExecutor(self._jobs), ThreadPoolExecutor(1)
        try:
            fetching = {fetchers.submit(self._fetch, one): one for one in wanted}
            fetched: list[tuple[LockedBlob, Path]] = []
            storing: Future[list[FetchResult]] | None = None
            while fetching or fetched or storing:
                if fetched and storing is None:
                    # All that has come meanwhile: starting Nix costs more than a small blob.
                    storing = storer.submit(self._add, fetched)
                    fetched = []
                under_way: set[Future[Any]] = {*fetching, *([storing] if storing else [])}
                done, _ = wait(under_way, timeout=_LOOK_SECONDS, return_when=FIRST_COMPLETED)
                look()
                if storing is not None and storing in done:
                    yield from storing.result()
                    storing = None
                for future in done & fetching.keys():
                    one = fetching.pop(future)
                    try:
                        fetched.append((one, future.result()))
                    except NixfetchError as error:
                        yield FetchResult(wanted=one, error=error)
        finally:
            # Where the consumer is interrupted, nobody waits for what has not begun.
            fetchers.shutdown(wait=False, cancel_futures=True)
            storer.shutdown(wait=False, cancel_futures=True)

    def _fetch(self, wanted: LockedBlob) -> Path:
        """A file with the blob in it, verified."""
        path = self._directory / blob_name(wanted.digest)
        if path.exists():
            return path
        part = path.with_name(f"{path.name}.part")
        try:
            with part.open("a+b") as file:
                # In "a+" every write goes to the end, which is where a download goes on.
                download = Download.resumed(wanted.digest, wanted.size, file)
                self._downloads[wanted.digest] = download
                self._complete(wanted, download)
            part.rename(path)
        except WrongContent:
            part.unlink()
            raise
        except OSError as error:
            raise unwritable(part, error) from None
        finally:
            self._downloads.pop(wanted.digest, None)
        return path

    def _complete(self, wanted: LockedBlob, download: Download) -> None:
        *others, last = [self._sources.at(place) for place in wanted.places]
        kept = download.received
        for source in others:
            try:
                return source.complete(download, is_manifest=wanted.is_manifest)
            except NixfetchError:
                # Another image has it too, perhaps with another login.
                if download.received != kept:
                    download.restart()
        return last.complete(download, is_manifest=wanted.is_manifest)

    def _add(self, fetched: list[tuple[LockedBlob, Path]]) -> list[FetchResult]:
        try:
            wrong = self._store.add([path for _, path in fetched])
        except NixfetchError as error:
            return [FetchResult(wanted=one, error=copy.copy(error)) for one, _ in fetched]
        for _, path in fetched:
            path.unlink()
        return [
            FetchResult(
                wanted=one,
                error=WrongContent("the file was changed meanwhile", hint="run it again").at(
                    str(path)
                )
                if path in wrong
                else None,
            )
            for one, path in fetched
        ]


@contextmanager
def alone_in(directory: Path, say: Callable[[str], None]) -> Iterator[bool]:
    """Keep other prefetches of this person out of a directory, which is made where it is not.

    Gives whether another one had to be waited for, of which `say` is told. Raises `FileError`.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(directory, error) from None

    def tell() -> None:
        say("waiting for another prefetch to end")

    with files.alone_in(directory, tell) as had_to_wait:
        _drop_stale(directory)
        yield had_to_wait


def _drop_stale(directory: Path) -> None:
    """Remove what was interrupted long ago, and what nobody came back for."""
    for file in directory.iterdir():
        if file.is_file() and time.time() - file.stat().st_mtime > _STALE_SECONDS:
            file.unlink()
