"""The directory in which downloads wait until they are complete and in the store."""

from __future__ import annotations

import shutil
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from ..base import files
from ..oci.digest import Digest
from .store_path import blob_name

_STALE_SECONDS = 7 * 24 * 3600


def default_path(environment: Mapping[str, str]) -> Path:
    """The directory below the user's cache directory.

    https://specifications.freedesktop.org/basedir-spec/latest/

    Raises `FileError` where the user has no home directory.
    """
    try:
        cache = environment.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    except RuntimeError:
        raise files.FileError("there is no home directory", hint="set XDG_CACHE_HOME") from None
    return Path(cache) / "nixfetch-docker" / "prefetch"


@contextmanager
def alone_in(directory: Path, notify: Callable[[str], None]) -> Iterator[None]:
    """Keep other processes that prefetch out of a directory, which is made where it is missing.

    `notify` gets a message where another process has to end first. Files that no process has
    written to for a week are removed. Raises `FileError`.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise files.unwritable(directory, error) from None

    def on_wait() -> None:
        notify("waiting for another prefetch to end")

    with files.alone_in(directory, on_wait):
        _remove_stale_files(directory)
        yield


def present(directory: Path, digests: Iterable[Digest]) -> list[Path]:
    """The files in the directory of downloads, complete or not, of some blobs."""
    names = {f"{blob_name(digest)}{end}" for digest in digests for end in ("", ".part")}
    try:
        return [file for file in directory.iterdir() if file.name in names]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise files.unreadable(directory, error) from None


def has_file(path: Path) -> bool:
    """Whether the regular file of a download is there.

    What else has its name is removed: a directory, a link or a pipe is no download, and would stand
    in its way for ever. Raises `OSError`.
    """
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return False
    if stat.S_ISREG(mode):
        return True
    if stat.S_ISDIR(mode):
        shutil.rmtree(path)
    else:
        path.unlink()
    return False


def _remove_stale_files(directory: Path) -> None:
    for file in directory.iterdir():
        # Another program may remove it meanwhile, or keep it.
        with suppress(OSError):
            status = file.lstat()
            if not stat.S_ISDIR(status.st_mode) and time.time() - status.st_mtime > _STALE_SECONDS:
                file.unlink()
