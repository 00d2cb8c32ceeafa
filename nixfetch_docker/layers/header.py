"""One header block of a tar, in the formats V7, ustar, star and GNU.

It is read as Go's archive/tar reads it, by which podman and docker unpack layers:
https://pkg.go.dev/archive/tar, https://www.gnu.org/software/tar/manual/html_node/Standard.html
"""

from __future__ import annotations

from ..base.values import dataclass
from . import number
from .invalid import InvalidLayer

BLOCK = 512

_CHECKSUM = slice(148, 156)
_GNU = b"ustar  \0"
_USTAR = b"ustar\0"
_STAR = b"tar\0"


@dataclass(slots=True, kw_only=True)
class Header:
    """What a header says; `kind` is the type flag, `mtime` is in nanoseconds since 1970."""

    name: bytes
    link: bytes
    kind: bytes
    mode: int
    uid: int
    gid: int
    size: int
    mtime: int
    major: int
    minor: int


def parse(block: bytes) -> Header:
    """The header in a block of 512 bytes; raises `InvalidLayer`."""
    _check(block)
    magic = block[257:265]
    has_devices = magic == _GNU or magic.startswith(_USTAR)
    name = _text(block[0:100])
    prefix = _prefix(block, magic)
    return Header(
        name=prefix + b"/" + name if prefix else name,
        link=_text(block[157:257]),
        kind=block[156:157],
        mode=number.of_field(block[100:108]),
        uid=number.of_field(block[108:116]),
        gid=number.of_field(block[116:124]),
        size=number.of_field(block[124:136]),
        mtime=number.of_seconds(number.of_field(block[136:148])),
        major=number.of_field(block[329:337]) if has_devices else 0,
        minor=number.of_field(block[337:345]) if has_devices else 0,
    )


def _check(block: bytes) -> None:
    """Raise where the checksum is wrong. Some programs took bytes for signed numbers."""
    field = block[_CHECKSUM]
    try:
        expected = number.of_field(field)
    except InvalidLayer:
        raise _no_tar() from None
    found = sum(block) - sum(field) + len(field) * ord(" ")
    if expected != found:
        rest = block[: _CHECKSUM.start] + block[_CHECKSUM.stop :]
        if expected != found - 256 * sum(byte > 127 for byte in rest):
            raise _no_tar()


def _prefix(block: bytes, magic: bytes) -> bytes:
    """What stands before the name; GNU's format has no place for it."""
    if magic == _GNU:
        return _prefix_of_old_go(block)
    if not magic.startswith(_USTAR):
        return b""
    return _text(block[345:476] if block[508:512] == _STAR else block[345:500])


def _prefix_of_old_go(block: bytes) -> bytes:
    """The prefix that Go before 1.8 wrote into GNU's format, where two times belong."""
    try:
        for field in (block[345:357], block[357:369]):
            if field[0]:
                number.of_field(field)
    except InvalidLayer:
        prefix = _text(block[345:500])
        return prefix if prefix.isascii() else b""
    return b""


def _no_tar() -> InvalidLayer:
    return InvalidLayer("it is no tar, or a broken one (the checksum of a header is wrong)")


def _text(field: bytes) -> bytes:
    return field.partition(b"\0")[0]
