"""Headers of the tar that mkfs.erofs reads, in the one form of which it takes every byte.

mkfs.erofs refuses tars that podman unpacks (those without the magic of ustar), and reads others
otherwise (global records).
"""

from __future__ import annotations

from collections.abc import Mapping

from . import pax
from .entry import Kind
from .header import BLOCK

END = bytes(2 * BLOCK)

_XATTR = b"SCHILY.xattr."
_LONGEST_NAME = 100
_LARGEST_ID = 0o7777777
_LARGEST_SIZE = 0o77777777777
_SECOND = 10**9


def header(
    name: bytes,
    kind: Kind,
    *,
    mode: int = 0,
    uid: int = 0,
    gid: int = 0,
    mtime: int = 0,
    size: int = 0,
    link: bytes = b"",
    device: tuple[int, int] = (0, 0),
    xattrs: Mapping[bytes, bytes] | None = None,
) -> bytes:
    """The blocks before an entry's content. `mtime` is in nanoseconds since 1970, `size` in bytes.

    Names have no NUL, numbers are not negative.
    """
    records: dict[bytes, bytes] = {}
    seconds, nanoseconds = divmod(mtime, _SECOND)
    if len(name) > _LONGEST_NAME:
        records[b"path"] = name
    if len(link) > _LONGEST_NAME:
        records[b"linkpath"] = link
    if uid > _LARGEST_ID:
        records[b"uid"] = b"%d" % uid
    if gid > _LARGEST_ID:
        records[b"gid"] = b"%d" % gid
    if size > _LARGEST_SIZE:
        records[b"size"] = b"%d" % size
    if nanoseconds or seconds > _LARGEST_SIZE:
        # All nine digits: older versions read the number behind the point as nanoseconds.
        records[b"mtime"] = b"%d.%09d" % (seconds, nanoseconds)
    for key, value in (xattrs or {}).items():
        records[_XATTR + key] = value
    before = b""
    if records:
        data = pax.write(records)
        before = _block(b"x", b"x", size=len(data)) + data + bytes(-len(data) % BLOCK)
    return before + _block(
        name[:_LONGEST_NAME],
        kind.value,
        mode=mode,
        uid=min(uid, _LARGEST_ID),
        gid=min(gid, _LARGEST_ID),
        size=min(size, _LARGEST_SIZE),
        mtime=min(seconds, _LARGEST_SIZE),
        link=link[:_LONGEST_NAME],
        device=device,
    )


def _block(
    name: bytes,
    kind: bytes,
    *,
    mode: int = 0,
    uid: int = 0,
    gid: int = 0,
    mtime: int = 0,
    size: int = 0,
    link: bytes = b"",
    device: tuple[int, int] = (0, 0),
) -> bytes:
    start = b"%b%07o\0%07o\0%07o\0%011o\0%011o\0" % (
        *(name.ljust(_LONGEST_NAME, b"\0"), mode, uid, gid, size, mtime),
    )
    end = b"%b%bustar\x0000%b%07o\0%07o\0" % (
        *(kind, link.ljust(_LONGEST_NAME, b"\0"), bytes(64), *device),
    )
    checksum = sum(start) + sum(end) + 8 * ord(" ")
    return (b"%b%06o\0 %b" % (start, checksum, end)).ljust(BLOCK, b"\0")
