"""The files of an image in a directory or in a tar, by their names in it."""

from __future__ import annotations

import lzma
import os
import tarfile
import zlib
from collections.abc import Generator, Iterable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from ..base import strict_json
from ..base.redact import quote
from ..base.table import InvalidField
from ..oci.document import MANIFEST_LIMIT, InvalidManifest, check_values
from .regular_file import InvalidLocalImage, open_below, open_regular
from .tar_file import Members, content, find, members_of, open_tar

_FLAT: strict_json.Shape = {}
_MISSING_HINT = "is it the right kind of file, and whole?"


class FileTree(Protocol):
    """The files of a directory or a tar."""

    def open(self, name: str) -> AbstractContextManager[BinaryIO]:
        """The file of this name, for reading; raises `InvalidLocalImage`."""

    def several(
        self, names: Iterable[str]
    ) -> AbstractContextManager[Iterator[tuple[str, BinaryIO]]]:
        """Each of these files with its name, in the order that reads the tree once.

        A file is open until the next one is asked for. Raises `InvalidLocalImage`.
        """


class _Directory:
    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        with self.several([name]) as files:
            yield next(files)[1]

    @contextmanager
    def several(self, names: Iterable[str]) -> Iterator[Iterator[tuple[str, BinaryIO]]]:
        current = ""

        def each() -> Generator[tuple[str, BinaryIO], None, None]:
            nonlocal current
            for current in names:
                if ".." in Path(current).parts or Path(current).is_absolute():
                    raise _missing(current)
                with open_below(self._path, current) as file:
                    yield current, file

        try:
            with closing(each()) as files:
                yield files
        except (FileNotFoundError, NotADirectoryError):
            raise _missing(current) from None
        except (OSError, ValueError) as error:
            raise InvalidLocalImage(
                f"{quote(current)} cannot be read ({quote(str(error))})", hint=_MISSING_HINT
            ) from None


class _Tar:
    def __init__(self, path: Path) -> None:
        self._path = path
        # The members of one state of the file. To read them for each layer anew would take hours
        # for a tar of many small members and many layers.
        self._known: tuple[object, Members] | None = None

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        with self.several([name]) as files:
            yield next(files)[1]

    @contextmanager
    def several(self, names: Iterable[str]) -> Iterator[Iterator[tuple[str, BinaryIO]]]:
        try:
            with open_regular(self._path) as archive, open_tar(archive) as tar:
                members = self._members(archive, tar)
                found = [(name, _member(members, name)) for name in names]
                # A compressed tar is decompressed from its start for whatever stands before.
                found.sort(key=lambda pair: pair[1].offset_data)
                yield ((name, content(tar, member)) for name, member in found)
        except (
            tarfile.TarError,
            zlib.error,
            lzma.LZMAError,
            EOFError,
            OSError,
            RecursionError,
            ValueError,
        ) as error:
            raise InvalidLocalImage(
                f"it cannot be read as a tar ({quote(str(error))})", hint=_MISSING_HINT
            ) from None

    def _members(self, archive: BinaryIO, tar: tarfile.TarFile) -> Members:
        status = os.fstat(archive.fileno())
        state = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
        if self._known is None or self._known[0] != state:
            self._known = state, members_of(tar)
        return self._known[1]


def _member(members: Members, name: str) -> tarfile.TarInfo:
    try:
        return find(members, name)
    except KeyError:
        raise _missing(name) from None


def open_tree(path: Path) -> FileTree:
    """The files of a directory or a tar; raises `InvalidLocalImage` where there is neither."""
    if not os.path.exists(path):  # noqa: PTH110 - which never raises
        raise InvalidLocalImage("there is no such file", hint="paths start where images.toml is")
    if path.is_dir():
        return _Directory(path)
    if not path.is_file():
        raise InvalidLocalImage(
            "it is no file and no directory", hint="name a tar, or the directory of an OCI layout"
        )
    return _Tar(path)


def read_small(tree: FileTree, name: str) -> bytes:
    """A file of at most `MANIFEST_LIMIT` bytes; raises `InvalidLocalImage`."""
    with tree.open(name) as file:
        data = file.read(MANIFEST_LIMIT + 1)
    if len(data) > MANIFEST_LIMIT:
        raise InvalidLocalImage(
            f"{quote(name)} has more than {MANIFEST_LIMIT} bytes", hint=_MISSING_HINT
        )
    return data


def parse_json(data: bytes, name: str, shape: strict_json.Shape = _FLAT) -> Any:
    """The JSON of the file `name`, a struct of this shape or an array of them.

    Raises `NixfetchError`.
    """
    try:
        check_values(data)
        return strict_json.parse(data, shape=shape)
    except InvalidManifest as error:
        raise InvalidLocalImage(error.what, hint=error.hint).at(name) from None
    except strict_json.InvalidJson as error:
        raise InvalidLocalImage(f"it is not JSON ({error.cause})", hint=_MISSING_HINT).at(
            name
        ) from None
    except InvalidField as error:
        raise error.at(name) from None


def _missing(name: str) -> InvalidLocalImage:
    return InvalidLocalImage(f"it has no {quote(name)}", hint=_MISSING_HINT)
