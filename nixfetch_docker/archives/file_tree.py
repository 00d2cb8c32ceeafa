"""The files of an image in a directory or in a tar, by their names in it."""

from __future__ import annotations

import lzma
import os
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from ..base import strict_json
from ..base.redact import quote
from ..base.table import InvalidField
from ..oci.document import MANIFEST_LIMIT, InvalidManifest, check_values
from .regular_file import InvalidLocalImage, open_below, open_regular
from .tar_file import open_tar, tar_file

_FLAT: strict_json.Shape = {}
_MISSING_HINT = "is it the right kind of file, and whole?"


class FileTree(Protocol):
    """The files of a directory or a tar."""

    def open(self, name: str) -> AbstractContextManager[BinaryIO]:
        """The file of this name, for reading; raises `InvalidLocalImage`."""


class _Directory:
    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        if ".." in Path(name).parts or Path(name).is_absolute():
            raise _missing(name)
        try:
            with open_below(self._path, name) as file:
                yield file
        except (FileNotFoundError, NotADirectoryError):
            raise _missing(name) from None
        except (OSError, ValueError) as error:
            raise InvalidLocalImage(
                f"{quote(name)} cannot be read ({quote(str(error))})", hint=_MISSING_HINT
            ) from None


class _Tar:
    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        try:
            with open_regular(self._path) as archive, open_tar(archive) as tar:
                yield tar_file(tar, name)
        except (KeyError, RecursionError):
            raise _missing(name) from None
        except (
            tarfile.TarError,
            zlib.error,
            lzma.LZMAError,
            EOFError,
            OSError,
            ValueError,
        ) as error:
            raise InvalidLocalImage(
                f"it cannot be read as a tar ({quote(str(error))})", hint=_MISSING_HINT
            ) from None


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
