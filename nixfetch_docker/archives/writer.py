"""Images put together out of their blobs: as a tar, in a file or in a pipe, or as a directory.

Blobs are fetched several at once; what is kept in memory does not depend on their sizes.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    FIRST_EXCEPTION,
    Future,
    ThreadPoolExecutor,
    wait,
)
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from ..base import files
from ..oci.blob import Blob
from ..oci.image import Image
from ..registry.client import DEFAULT_JOBS, Client
from ..registry.download import Sink
from .layout import Layout
from .sinks import Gate, Watched, Window
from .tar import Tar

_PIECE = 1024 * 1024


def write_archive(
    client: Client,
    image: Image,
    path: Path,
    *,
    jobs: int = DEFAULT_JOBS,
    moved: Callable[[int], None] = lambda _: None,
) -> None:
    """Write an image as a tar into a file, which appears once it is whole.

    `jobs` blobs are fetched at once; `moved` is told of their bytes as they come, from any thread.
    Raises `NixfetchError`.
    """
    layout = Layout.of(image)
    tar = Tar.of(layout)
    with files.replacing(path) as file, _fetching(client, image, jobs, moved) as fetch:
        descriptor = file.fileno()
        # Everything has its place from the start, so nothing waits for what comes before it.
        os.truncate(descriptor, tar.size)
        parts: list[tuple[Blob, Window]] = []
        for member in tar.members:
            Window(descriptor, member.offset - len(member.header)).write(member.header)
            window = Window(descriptor, member.offset)
            if (data := layout.files.get(member.path)) is not None:
                window.write(data)
            elif (blob := layout.blobs.get(member.path)) is not None:
                parts.append((blob, window))
        # The largest takes the longest, whatever comes beside it.
        parts.sort(key=lambda part: part[0].size, reverse=True)
        _finish([fetch(blob, window) for blob, window in parts])


def stream_archive(
    client: Client,
    image: Image,
    out: BinaryIO,
    *,
    jobs: int = DEFAULT_JOBS,
    moved: Callable[[int], None] = lambda _: None,
) -> None:
    """Write the same tar to what cannot go back, each blob once it is verified.

    Until then it lies in the directory for temporary files. The rest as above.
    """
    layout = Layout.of(image)
    with _temporary_directory() as directory, _fetching(client, image, jobs, moved) as fetch:
        parts = {path: Path(directory, blob.digest.hex) for path, blob in layout.blobs.items()}
        coming = {path: fetch(blob, parts[path]) for path, blob in layout.blobs.items()}
        tar = Tar.of(layout)
        for member in tar.members:
            out.write(member.header)
            if (data := layout.files.get(member.path)) is not None:
                out.write(data)
            elif (part := parts.get(member.path)) is not None:
                with _blaming(directory):
                    _wait_for(coming[member.path], coming.values())
                with part.open("rb") as file:
                    shutil.copyfileobj(file, out, _PIECE)
                part.unlink()
            out.write(member.padding)
        out.write(tar.end)
        out.flush()


def write_directory(
    client: Client,
    image: Image,
    path: Path,
    *,
    jobs: int = DEFAULT_JOBS,
    moved: Callable[[int], None] = lambda _: None,
) -> None:
    """Write an image's layout as a directory, which is not there yet, or empty.

    It appears once it is whole. The rest as above.
    """
    path = Path(os.path.realpath(path))
    layout = Layout.of(image)
    try:
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise files.FileError("it is there already", hint="name a new directory").at(str(path))
        part = files.beside(path)
        part.mkdir()
        try:
            for name in layout.directories:
                (part / name).mkdir()
            for name, data in layout.files.items():
                (part / name).write_bytes(data)
            with _fetching(client, image, jobs, moved) as fetch:
                _finish([fetch(blob, part / name) for name, blob in layout.blobs.items()])
            part.rename(path)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    except OSError as error:
        raise files.unwritable(path, error) from None


_Fetch = Callable[[Blob, Path | Window], Future[None]]


@contextmanager
def _fetching(
    client: Client, image: Image, jobs: int, moved: Callable[[int], None]
) -> Iterator[_Fetch]:
    """What begins to fetch a blob; at the end nothing is being written any more."""
    gate = Gate()

    def write(blob: Blob, sink: Sink) -> None:
        watched = Watched(sink, gate, moved)
        if blob.digest == image.digest:
            watched.write(image.data)
        else:
            client.blob(image.reference, blob.digest, watched, size=blob.size)

    def run(blob: Blob, target: Path | Window) -> None:
        if isinstance(target, Window):
            write(blob, target)
            return
        with gate.passing():
            # No file appears any more that nobody would remove.
            file = target.open("xb")
        with file:
            write(blob, file)

    pool = ThreadPoolExecutor(jobs)
    try:
        yield lambda blob, target: pool.submit(run, blob, target)
    except BaseException:
        gate.shut()
        # Nobody waits for a registry that is silent; what it still sends goes nowhere.
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


@contextmanager
def _temporary_directory() -> Iterator[Path]:
    with ExitStack() as stack:
        with _blaming(Path(tempfile.gettempdir())):
            made = stack.enter_context(tempfile.TemporaryDirectory(prefix="nixfetch-docker-"))
        yield Path(made)


@contextmanager
def _blaming(directory: Path) -> Iterator[None]:
    """Say where it was that nothing could be written."""
    try:
        yield
    except OSError as error:
        hint = "name another directory for temporary files by TMPDIR"
        raise files.unwritable(directory, error, hint=hint) from None


def _wait_for(fetch: Future[None], all_: Collection[Future[None]]) -> None:
    """Wait for one of them; raises the error of any that fails meanwhile."""
    while not fetch.done():
        under_way = [one for one in all_ if not one.done()]
        done, _ = wait(under_way, return_when=FIRST_COMPLETED)
        for one in done:
            one.result()
    fetch.result()


def _finish(fetches: Iterable[Future[None]]) -> None:
    """Wait for all of them; raises the error of the first that fails as soon as it does."""
    done, _ = wait(fetches, return_when=FIRST_EXCEPTION)
    for fetch in done:
        fetch.result()
