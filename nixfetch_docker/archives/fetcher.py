"""Fetching the blobs of one image, several at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from concurrent.futures import (
    FIRST_COMPLETED,
    FIRST_EXCEPTION,
    Future,
    ThreadPoolExecutor,
    wait,
)
from pathlib import Path
from typing import Self

from ..base.waits import LOOK_UP_SECONDS
from ..oci.blob import Blob
from ..oci.image import Image
from ..registry.client import Client
from ..registry.download import Sink
from .sinks import Gate, Watched, Window


class ImageFetcher:
    """Fetches blobs of one image in threads. When its context ends, no thread writes any more."""

    def __init__(
        self, client: Client, image: Image, jobs: int, on_progress: Callable[[int], None]
    ) -> None:
        """`jobs` blobs are fetched at once; `on_progress` is that of `Watched`."""
        self._client = client
        self._image = image
        self._on_progress = on_progress
        self._gate = Gate()
        self._pool = ThreadPoolExecutor(jobs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._pool.shutdown()
        else:
            self._gate.shut()
            # A silent registry must not delay the error; its late bytes stop at the gate.
            self._pool.shutdown(wait=False, cancel_futures=True)

    def start(self, blob: Blob, target: Path | Window) -> Future[None]:
        """Begin to write a blob to a new file, or to a window of one."""
        return self._pool.submit(self._run, blob, target)

    def _run(self, blob: Blob, target: Path | Window) -> None:
        if isinstance(target, Window):
            self._write(blob, target)
            return
        with self._gate.passing():
            # Once the gate is shut, the directory may have been removed already.
            file = target.open("xb")
        with file:
            self._write(blob, file)

    def _write(self, blob: Blob, sink: Sink) -> None:
        watched = Watched(sink, self._gate, self._on_progress)
        if blob.digest == self._image.digest:
            watched.write(self._image.data)
        else:
            self._client.blob(self._image.reference, blob.digest, watched, size=blob.size)


def wait_for(fetch: Future[None], fetches: Collection[Future[None]]) -> None:
    """Wait for one of several fetches; raises the error of any that fails meanwhile."""
    while not fetch.done():
        for one in fetches:
            if one.done():
                one.result()
        under_way = [one for one in fetches if not one.done()]
        wait(under_way, LOOK_UP_SECONDS, return_when=FIRST_COMPLETED)
    fetch.result()


def wait_for_all(fetches: Iterable[Future[None]]) -> None:
    """Wait for all fetches; raises the error of the first that fails as soon as it does."""
    left = set(fetches)
    while left:
        done, left = wait(left, LOOK_UP_SECONDS, return_when=FIRST_EXCEPTION)
        for fetch in done:
            fetch.result()
