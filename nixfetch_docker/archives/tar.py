"""A tar of a layout, in the format of GNU tar; its bytes depend on the layout alone.

https://www.gnu.org/software/tar/manual/html_node/Standard.html

nix/lib/image-stream.nix writes the same bytes with GNU tar. The archive is described twice on
purpose: a stream that Nix builds must not pull Python into its closure, and this one can write
blobs in any order while they arrive. End-to-end tests compare the two.
"""

from __future__ import annotations

import tarfile

from ..base.values import dataclass
from .layout import Layout

_BLOCK = tarfile.BLOCKSIZE
_ENCODING = "ascii"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A file or a directory in a tar.

    `header` stands before its content, which is `size` bytes at `offset` bytes into the tar.
    """

    path: str
    header: bytes
    offset: int
    size: int

    @property
    def padding(self) -> bytes:
        """The zeros that fill the last block of the content."""
        return bytes(-self.size % _BLOCK)

    @property
    def end(self) -> int:
        """The offset of the next member in bytes."""
        return self.offset + self.size + len(self.padding)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tar:
    """The members in their order, and the zeros in `end` that follow the last."""

    members: tuple[Member, ...]
    end: bytes

    @classmethod
    def of(cls, layout: Layout) -> Tar:
        """The tar of a layout. The small files come first: readers need them before the blobs."""
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
        # Two empty blocks mark the end; then a tar is filled to a multiple of the record size.
        end = 2 * _BLOCK + -(position + 2 * _BLOCK) % tarfile.RECORDSIZE
        return cls(members=tuple(members), end=bytes(end))

    @property
    def size(self) -> int:
        """The size of the whole tar in bytes."""
        return self.members[-1].end + len(self.end)


def _header(path: str, size: int | None) -> bytes:
    """The header of a file or, without a size, of a directory, with fixed owner and time."""
    entry = tarfile.TarInfo(path)
    entry.mode, entry.mtime = 0o644, 1
    if size is None:
        entry.type, entry.mode = tarfile.DIRTYPE, 0o755
    else:
        entry.size = size
    name = (path if size is not None else f"{path}/").encode(_ENCODING)
    if len(name) < tarfile.LENGTH_NAME:
        return entry.tobuf(tarfile.GNU_FORMAT, _ENCODING)
    # A long name stands in an entry of its own, before one with the name cut off.
    long = tarfile.TarInfo("././@LongLink")
    long.type, long.mode, long.size = tarfile.GNUTYPE_LONGNAME, 0o644, len(name) + 1
    entry.name = path[: tarfile.LENGTH_NAME]
    content = name + bytes(_BLOCK - len(name) % _BLOCK)
    return (
        long.tobuf(tarfile.GNU_FORMAT, _ENCODING)
        + content
        + entry.tobuf(tarfile.GNU_FORMAT, _ENCODING)
    )
