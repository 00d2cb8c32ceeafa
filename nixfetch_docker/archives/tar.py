"""A tar of a layout, as GNU tar writes it: every byte follows from the layout.

https://www.gnu.org/software/tar/manual/html_node/Standard.html. The same bytes as those of the
`stream` and the `archive` that nix/fetchers/fetch-docker.nix makes.
"""

from __future__ import annotations

import tarfile
from dataclasses import dataclass

from .layout import Layout

_BLOCK = tarfile.BLOCKSIZE
_ENCODING = "ascii"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A file or a directory in a tar: what stands before its content, and where that begins.

    `offset` and `size` of the content in bytes.
    """

    path: str
    header: bytes
    offset: int
    size: int

    @property
    def padding(self) -> bytes:
        """What follows the content."""
        return bytes(-self.size % _BLOCK)

    @property
    def end(self) -> int:
        """Where the next member begins."""
        return self.offset + self.size + len(self.padding)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tar:
    """The members in their order, and what follows the last; `size` of the whole in bytes."""

    members: tuple[Member, ...]
    end: bytes

    @classmethod
    def of(cls, layout: Layout) -> Tar:
        """The tar of a layout: the small files first, so that a reader knows early what it has."""
        members: list[Member] = []
        sizes = [(path, len(data)) for path, data in layout.files.items()]
        tree: list[tuple[str, int | None]] = [*sizes]
        for directory in layout.directories:
            tree.append((directory, None))
            tree += [
                (path, blob.size)
                for path, blob in layout.blobs.items()
                if path.rpartition("/")[0] == directory
            ]
        position = 0
        for path, size in tree:
            header = _header(path, size)
            member = Member(path=path, header=header, offset=position + len(header), size=size or 0)
            members.append(member)
            position = member.end
        # Two empty blocks, and then whole records.
        end = 2 * _BLOCK + -(position + 2 * _BLOCK) % tarfile.RECORDSIZE
        return cls(members=tuple(members), end=bytes(end))

    @property
    def size(self) -> int:
        """The length of the whole in bytes."""
        return self.members[-1].end + len(self.end)


def _header(path: str, size: int | None) -> bytes:
    """The header of a file or, without a size, of a directory; it says nothing of this machine."""
    entry = tarfile.TarInfo(path)
    entry.mode, entry.mtime = 0o644, 1
    if size is None:
        entry.type, entry.mode = tarfile.DIRTYPE, 0o755
    else:
        entry.size = size
    name = (path if size is not None else f"{path}/").encode(_ENCODING)
    if len(name) < tarfile.LENGTH_NAME:
        return entry.tobuf(tarfile.GNU_FORMAT, _ENCODING)
    # The whole name comes before the one that is cut off, in an entry of its own.
    long = tarfile.TarInfo("././@LongLink")
    long.type, long.mode, long.size = tarfile.GNUTYPE_LONGNAME, 0o644, len(name) + 1
    entry.name = path[: tarfile.LENGTH_NAME]
    content = name + bytes(_BLOCK - len(name) % _BLOCK)
    return (
        long.tobuf(tarfile.GNU_FORMAT, _ENCODING)
        + content
        + entry.tobuf(tarfile.GNU_FORMAT, _ENCODING)
    )
