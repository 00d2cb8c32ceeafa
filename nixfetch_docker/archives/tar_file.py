"""Reading one file of a tar that others may have made.

Its members are never unpacked, so no name and no link leads out of it. What is bounded here is the
memory and the time that reading takes.
"""

from __future__ import annotations

import os
import tarfile
from collections.abc import Mapping
from typing import IO, Any, BinaryIO, cast

from ..base.redact import quote
from .regular_file import InvalidLocalImage

Members = Mapping[str, tarfile.TarInfo]

# `docker save` writes three members for each layer.
_MOST_MEMBERS = 200_000
_MOST_LINKS = 40
# tarfile reads the headers of long names at once, whose size the tar gives. It reads content in
# pieces as large as it is asked for.
_LONGEST_READ = 16 * 1024 * 1024


class _Bounded:
    """A stream without reads of any size."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _LONGEST_READ:
            raise tarfile.ReadError("a header is too long")
        return self._file.read(size)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class _Archive(tarfile.TarFile):
    """A tar whose stream is bounded behind the decompression."""

    @classmethod
    def taropen(cls, name: Any, mode: Any = "r", fileobj: Any = None, **options: Any) -> _Archive:
        return super().taropen(name, mode, cast(Any, _Bounded(fileobj)), **options)


def open_tar(file: BinaryIO) -> tarfile.TarFile:
    """The tar in a file, compressed or not; raises what `tarfile` does."""
    return _Archive.open(fileobj=file)


def members_of(tar: tarfile.TarFile) -> Members:
    """The members by their names; of two with one name, the last. Raises what `tarfile` does."""
    members: dict[str, tarfile.TarInfo] = {}
    for number, member in enumerate(tar):
        if number == _MOST_MEMBERS:
            raise tarfile.ReadError(f"more than {_MOST_MEMBERS} members")
        members[_normal(member.name)] = member
    return members


def find(members: Members, name: str) -> tarfile.TarInfo:
    """The regular file `name` of a tar, which stands perhaps under `./name`.

    Links within the tar are followed: docker before 25 stores a layer that occurs again as one.
    Raises `KeyError` where there is no such file, also for a directory or a device, and
    `InvalidLocalImage` for a sparse file.
    """
    member = members[_normal(name)]
    for _ in range(_MOST_LINKS):
        if member.issym():
            if member.linkname.startswith("/"):
                raise KeyError(name)
            where = os.path.dirname(member.name)  # noqa: PTH120 - a name in the tar, and no path
            member = members[_normal(os.path.join(where, member.linkname))]  # noqa: PTH118 - the same
        elif member.islnk():
            member = members[_normal(member.linkname)]
        else:
            break
    if not member.isreg():
        raise KeyError(name)
    if member.issparse():
        # Its size can be anything, whatever the size of the tar.
        what = f"{quote(name)} is a sparse file"
        raise InvalidLocalImage(what, hint="make the tar without --sparse")
    return member


def content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> BinaryIO:
    """The content of a regular file of a tar, which may have been opened anew since `find`."""
    return cast(BinaryIO, tar.extractfile(member))


def _normal(name: str) -> str:
    return os.path.normpath(name)
