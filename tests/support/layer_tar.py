"""Tars of layers that are hard to unpack, entry by entry."""

from __future__ import annotations

import tarfile
from collections.abc import Mapping
from typing import Literal

FILE = tarfile.REGTYPE
DIRECTORY = tarfile.DIRTYPE
SYMBOLIC_LINK = tarfile.SYMTYPE
HARD_LINK = tarfile.LNKTYPE


def entry(
    name: str,
    kind: bytes = FILE,
    *,
    content: bytes = b"",
    mode: int = 0o644,
    owner: tuple[int, int] = (0, 0),
    mtime: int = 1000,
    link: str = "",
    device: tuple[int, int] = (0, 0),
    records: Mapping[str, str] | None = None,
    tar_format: Literal[0, 1, 2] = tarfile.PAX_FORMAT,
) -> bytes:
    """An entry with its content; `records` are those of its PAX header, with xattrs among them.

    Bytes that are no UTF-8 stand in names and records as surrogates.
    """
    made = tarfile.TarInfo(name)
    made.type, made.mode, made.mtime, made.linkname = kind, mode, mtime, link
    made.uid, made.gid = owner
    made.devmajor, made.devminor = device
    made.size = len(content)
    made.pax_headers = dict(records or {})
    header = made.tobuf(tar_format, "utf-8", "surrogateescape")
    return header + content + bytes(-len(content) % tarfile.BLOCKSIZE)


def directory(name: str, mode: int = 0o755, **more: int) -> bytes:
    """An entry of a directory."""
    return entry(name, DIRECTORY, mode=mode, **more)  # type: ignore[arg-type]


def tar(*entries: bytes) -> bytes:
    """A whole tar."""
    return b"".join(entries) + bytes(2 * tarfile.BLOCKSIZE)


def xattr(name: str, value: str) -> dict[str, str]:
    """A record of a PAX header with an extended attribute, whose value is in hexadecimal."""
    return {f"SCHILY.xattr.{name}": bytes.fromhex(value).decode("utf-8", "surrogateescape")}
