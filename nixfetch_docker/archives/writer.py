"""Writing images for container engines: as a tar to a file or a pipe, or as a directory.

Several blobs are fetched at once, in memory that does not depend on their sizes.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from ..base import files, parts
from ..oci.blob import Blob
from ..oci.image import Image
from ..registry.client import DEFAULT_JOBS, Client
from .fetcher import ImageFetcher, wait_for, wait_for_all
from .layout import Layout
from .sinks import Window, ignore_progress
from .tar import Tar

_PIECE = 1024 * 1024


def write_archive(
    client: Client,
    image: Image,
    path: Path,
    *,
    jobs: int = DEFAULT_JOBS,
    moved: Callable[[int], None] = ignore_progress,
) -> None:
    """Write an image as a tar to a file, which appears once it is complete.

    `jobs` blobs are fetched at once. `moved` is called, from any thread, with the number of bytes
    that came, or a negative number for bytes that must come again. Raises `NixfetchError`.
    """
    layout = Layout.of(image)
    tar = Tar.of(layout)
    with files.replacing(path) as file, ImageFetcher(client, image, jobs, moved) as fetcher:
        descriptor = file.fileno()
        # The place of every blob is known from the start, so none waits for another.
        try:
            os.truncate(descriptor, tar.size)
        except OverflowError:
            raise files.FileError(
                f"{tar.size} bytes are more than a file can have",
                hint="the image's manifest has a size that cannot be true",
            ).at(str(path)) from None
        windows: list[tuple[Blob, Window]] = []
        for member in tar.members:
            Window(descriptor, member.offset - len(member.header)).write(member.header)
            window = Window(descriptor, member.offset)
            if (data := layout.files.get(member.path)) is not None:
                window.write(data)
            elif (blob := layout.blobs.get(member.path)) is not None:
                windows.append((blob, window))
        # The largest takes the longest, so it begins first.
        windows.sort(key=lambda one: one[0].size, reverse=True)
        wait_for_all([fetcher.start(blob, window) for blob, window in windows])


def stream_archive(
    client: Client,
    image: Image,
    out: BinaryIO,
    *,
    jobs: int = DEFAULT_JOBS,
    moved: Callable[[int], None] = ignore_progress,
) -> None:
    """Write the tar of an image to a pipe or another file that cannot seek.

    A blob is kept in the directory for temporary files until it is verified and its turn comes.
    The other arguments and errors are those of `write_archive`.
    """
    layout = Layout.of(image)
    with (
        _temporary_directory() as directory,
        ImageFetcher(client, image, jobs, moved) as fetcher,
    ):
        blobs = {path: Path(directory, blob.digest.hex) for path, blob in layout.blobs.items()}
        fetches = {path: fetcher.start(blob, blobs[path]) for path, blob in layout.blobs.items()}
        tar = Tar.of(layout)
        for member in tar.members:
            out.write(member.header)
            if (data := layout.files.get(member.path)) is not None:
                out.write(data)
            elif (fetched := blobs.get(member.path)) is not None:
                with _errors_at(directory):
                    wait_for(fetches[member.path], fetches.values())
                with fetched.open("rb") as file:
                    shutil.copyfileobj(file, out, _PIECE)
                fetched.unlink()
            out.write(member.padding)
        out.write(tar.end)
        out.flush()


def write_directory(
    client: Client,
    image: Image,
    path: Path,
    *,
    jobs: int = DEFAULT_JOBS,
    moved: Callable[[int], None] = ignore_progress,
) -> None:
    """Write an image as a directory, which must be new or empty.

    A new one appears once it is complete. An empty one is filled at the end, and stays the same
    directory, with its owner and permissions; it may be a mount point.

    The other arguments and errors are those of `write_archive`.
    """
    layout = Layout.of(image)
    with files.making_directory(path) as part:
        for name in layout.directories:
            (part / name).mkdir()
        for name, data in layout.files.items():
            (part / name).write_bytes(data)
        with ImageFetcher(client, image, jobs, moved) as fetcher:
            wait_for_all([fetcher.start(blob, part / name) for name, blob in layout.blobs.items()])


@contextmanager
def _temporary_directory() -> Iterator[Path]:
    with ExitStack() as stack:
        with _errors_at(parts.temporary_parent()):
            made = stack.enter_context(parts.temporary_directory())
        yield made


@contextmanager
def _errors_at(directory: Path) -> Iterator[None]:
    """Turn an `OSError` of the block into a `FileError` about a directory for temporary files."""
    try:
        yield
    except OSError as error:
        hint = "set TMPDIR to a directory with more room"
        raise files.unwritable(directory, error, hint=hint) from None
