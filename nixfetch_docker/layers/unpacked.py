"""A layer as podman unpacks it, written as a tar for `mkfs.erofs --tar=f --aufs`.

What podman's unpacking makes is described by `Unpack` of containers/storage:
https://github.com/containers/storage/blob/v1.57.2/pkg/archive/archive.go. Where podman fails, this
fails; where mkfs.erofs would make something else, the tar that is written says it otherwise:

- A directory that no entry names gets an entry: mode 0755, of root, whatever a lower layer has.
  mkfs.erofs would make one that everybody can write into.
- The root is 0555, of root. podman passes over an entry such as `./`.
- A name that leads through a symbolic link of the layer is that of the place where it leads.
- Numbers, names, times and holes stand in the one form that mkfs.erofs reads in all versions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..oci.digest import Digest
from . import tar_writer
from .entry import Entry, Kind
from .header import BLOCK
from .invalid import InvalidLayer
from .path import is_root, parts_of
from .stored_layer import Facts
from .stream import Stream
from .tar_reader import entries, shown
from .tree import WHITEOUT, Directory, Link, Node, NoDirectory, Place, Special, Tree

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..registry.exchange import Piece

    Write = Callable[[Piece], object]

_WHITEOUT = b".wh."
_OPAQUE = b".wh..wh..opq"
_IMPLIED_MODE = 0o755
_ROOT_MODE = 0o555
# Linux's largest ID; the one above it says "leave it as it is".
_LARGEST_ID = 2**32 - 2
_LARGEST_DEVICE = (2**12 - 1, 2**20 - 1)
_LONGEST_TARGET = 4095
# Later times and those before 1970 are 1970, as for podman.
_LATEST = 2**63 - 1
_CAPABILITY = b"security.capability"
# podman leaves out what the kernel computes for each file system, or does not know.
_LEFT_OUT = b"security.selinux"
_KNOWN = (b"user.", b"trusted.", b"security.")
_ACLS = {b"system.posix_acl_access", b"system.posix_acl_default"}
_OVERLAY = b"trusted.overlay."
_LONGEST_XATTR = 255
_MOST_XATTR_BYTES = 64 * 1024


def write_unpacked(tar: Iterator[Piece], write: Write) -> Facts:
    """Write what a layer's tar unpacks to; raises `InvalidLayer`. Memory grows with the names."""
    digest = hashlib.sha256()
    size = 0

    def counted() -> Iterator[Piece]:
        nonlocal size
        for piece in tar:
            digest.update(piece)
            size += len(piece)
            yield piece

    stream = Stream(counted())
    layer = _Layer(write)
    for entry in entries(stream):
        layer.add(entry)
    stream.drain()
    write(tar_writer.END)
    return Facts(
        diff_id=Digest(algorithm="sha256", hex=digest.hexdigest()),
        size=size,
        uids=tuple(sorted(layer.uids)),
        gids=tuple(sorted(layer.gids)),
    )


class _Layer:
    def __init__(self, write: Write) -> None:
        self._write = write
        self._tree = Tree()
        self.uids = {0}
        self.gids = {0}
        write(tar_writer.header(b".", Kind.DIRECTORY, mode=_ROOT_MODE))

    def add(self, entry: Entry) -> None:
        """Write an entry; raises `InvalidLayer`."""
        parts = parts_of(entry.name)
        if not parts:
            self._add_root(entry)
            return
        name = parts[-1]
        try:
            place, made = self._tree.find(parts)
        except NoDirectory as error:
            # `.wh.a` and then `a/.wh.b`: some programs write both.
            if name.startswith(_WHITEOUT) and (error.is_parent or name != _OPAQUE):
                return
            raise InvalidLayer(f"{shown(entry.name)} is below what is no directory") from None
        for one in made:
            self._add_implied(one)
        if entry.kind is Kind.GLOBAL:
            # podman writes no file under its name, but makes room for one.
            if place.node is not None:
                raise InvalidLayer(
                    f"its tar has a global header in the place of {shown(entry.name)}"
                )
            return
        if name.startswith(_WHITEOUT):
            self._add_whiteout(place)
        elif entry.kind is Kind.HARD_LINK:
            self._add_hard_link(entry, place)
        else:
            self._add_file(entry, place)

    def _add_root(self, entry: Entry) -> None:
        if not is_root(entry.name) or entry.kind is Kind.GLOBAL:
            return
        if entry.kind is not Kind.DIRECTORY:
            raise InvalidLayer("its tar has an entry that would replace the root directory")
        self._put(b".", entry)

    def _add_implied(self, place: Place) -> None:
        if place.name.startswith(_WHITEOUT):
            raise InvalidLayer(
                f"it has a directory with the name of a whiteout: {shown(place.full)}"
            )
        self._write(tar_writer.header(place.full, Kind.DIRECTORY, mode=_IMPLIED_MODE))

    def _add_whiteout(self, place: Place) -> None:
        if place.name == _OPAQUE:
            # The root of a layer is above that of others whatever it has: the kernel does not ask.
            if place.path:
                self._write(tar_writer.header(place.full, Kind.FILE))
            return
        hidden = place.name.removeprefix(_WHITEOUT)
        if hidden in {b"", b".", b".."} or hidden in place.directory:
            raise InvalidLayer(f"{shown(place.full)} removes what the same layer has")
        self._write(tar_writer.header(place.full, Kind.FILE))
        hiding = Place(directory=place.directory, path=place.path, name=hidden)
        self._tree.put(hiding, WHITEOUT)

    def _add_file(self, entry: Entry, place: Place) -> None:
        old = place.node
        is_directory = entry.kind is Kind.DIRECTORY
        # podman sets the times of directories in the end, of whatever has their names by then.
        if isinstance(old, Directory) and not is_directory and old.has_entries():
            raise InvalidLayer(f"{shown(entry.name)} is a directory first, and then something else")
        self._put(place.full, entry)
        node: Node
        if is_directory:
            node = old if isinstance(old, Directory) else Directory()
            node.has_entry = True
        elif entry.kind is Kind.SYMBOLIC_LINK:
            node = Link(target=entry.link, uid=entry.uid, gid=entry.gid)
        else:
            xattrs = _xattrs(entry)
            attributes = _attributes(entry)
            node = Special(attributes=attributes, xattrs=xattrs) if xattrs else attributes
        self._tree.put(place, node)

    def _add_hard_link(self, entry: Entry, place: Place) -> None:
        parts = parts_of(entry.link)
        what = f"{shown(entry.name)} is a hard link to {shown(entry.link)}"
        if not parts:
            raise InvalidLayer(f"{what}, which is a directory")
        try:
            target, made = self._tree.find(parts)
        except NoDirectory:
            raise InvalidLayer(f"{what}, which no earlier entry of the layer has") from None
        node = target.node
        # What stands in the link's place goes first, and perhaps the target in it.
        here = (*place.path, place.name)
        is_gone = (*target.path, target.name)[: len(here)] == here
        if made or node is None or node is WHITEOUT or is_gone:
            raise InvalidLayer(f"{what}, which no earlier entry of the layer has")
        if isinstance(node, Directory):
            raise InvalidLayer(f"{what}, which is a directory")
        if isinstance(place.node, Directory) and place.node.has_entries():
            raise InvalidLayer(f"{shown(entry.name)} is a directory first, and then something else")
        if not _is_same(entry, node):
            raise InvalidLayer(f"{what}, which has another mode, owner, time or attribute")
        self._own(entry)
        self._write(tar_writer.header(place.full, Kind.HARD_LINK, link=target.full))
        self._tree.put(place, node)

    def _put(self, name: bytes, entry: Entry) -> None:
        """Write an entry under a name of ours, and its content."""
        self._own(entry)
        kind = entry.kind
        link = b""
        if kind is Kind.SYMBOLIC_LINK:
            link = entry.link
            if not 0 < len(link) <= _LONGEST_TARGET:
                raise InvalidLayer(
                    f"{shown(entry.name)} is a symbolic link with a target that is none"
                )
        device = entry.device if kind in {Kind.BLOCK_DEVICE, Kind.CHARACTER_DEVICE} else (0, 0)
        if not all(0 <= one <= most for one, most in zip(device, _LARGEST_DEVICE, strict=True)):
            raise InvalidLayer(
                f"{shown(entry.name)} is a device with a number that Linux does not have"
            )
        self._write(
            tar_writer.header(
                name,
                kind,
                mode=0o777 if kind is Kind.SYMBOLIC_LINK else entry.mode,
                uid=entry.uid,
                gid=entry.gid,
                mtime=_time(entry),
                size=entry.size,
                link=link,
                device=device,
                xattrs=_xattrs(entry),
            )
        )
        for piece in entry.content:
            self._write(piece)
        if padding := -entry.size % BLOCK:
            self._write(bytes(padding))

    def _own(self, entry: Entry) -> None:
        for owner, known in ((entry.uid, self.uids), (entry.gid, self.gids)):
            if not 0 <= owner <= _LARGEST_ID:
                raise InvalidLayer(
                    f"{shown(entry.name)} has the owner {owner}, which nobody can be"
                )
            known.add(owner)


def _time(entry: Entry) -> int:
    return entry.mtime if 0 <= entry.mtime <= _LATEST else 0


def _attributes(entry: Entry) -> int:
    """A number that two entries with other modes, owners or times do not share."""
    number = entry.mode
    for part in (entry.uid, entry.gid, _time(entry)):
        # Each has 64 bits, and may be negative.
        number = number << 64 | part + 2**63
    return number


def _is_same(entry: Entry, node: Node | None) -> bool:
    """Whether a hard link says of a file what the file's own entry says.

    podman gives the file what the link says; by then it is written.
    """
    if isinstance(node, Link):
        return (node.uid, node.gid) == (entry.uid, entry.gid)
    attributes, xattrs = (node.attributes, node.xattrs) if isinstance(node, Special) else (node, {})
    said = _xattrs(entry)
    # Whatever the link does not name stays, but for capabilities, which end with a change of owner.
    return (
        attributes == _attributes(entry)
        and said.items() <= xattrs.items()
        and said.get(_CAPABILITY) == xattrs.get(_CAPABILITY)
    )


def _xattrs(entry: Entry) -> dict[bytes, bytes]:
    """The extended attributes that podman sets; raises `InvalidLayer` where it would fail."""
    if not entry.xattrs:
        return {}
    found: dict[bytes, bytes] = {}
    has_content = entry.kind in {Kind.FILE, Kind.HARD_LINK, Kind.DIRECTORY}
    for name, value in entry.xattrs.items():
        if name == _LEFT_OUT or not (name.startswith(_KNOWN) or name in _ACLS):
            continue
        if name in _ACLS and entry.kind is Kind.SYMBOLIC_LINK:
            continue
        if name.startswith(_OVERLAY):
            what = f"{shown(entry.name)} has an attribute of overlayfs, {shown(name)}"
            raise InvalidLayer(what)
        if (
            name in _KNOWN
            or len(name) > _LONGEST_XATTR
            or len(value) > _MOST_XATTR_BYTES
            or (name.startswith(b"user.") and not has_content)
        ):
            what = f"{shown(entry.name)} has an attribute that no file can have, {shown(name)}"
            raise InvalidLayer(what)
        found[name] = value
    return found
