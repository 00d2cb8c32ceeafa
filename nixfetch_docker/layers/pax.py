"""The records of a PAX header.

https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html#tag_20_92_13_03
"""

from __future__ import annotations

from . import number
from .header import Header
from .invalid import InvalidLayer

# The map of a sparse file. GNU tar 1.15.90 writes a record for each of its numbers.
SPARSE_MAP = b"GNU.sparse.map"

_SPARSE = (b"GNU.sparse.offset", b"GNU.sparse.numbytes")
_TEXTS = {b"path", b"linkpath", b"uname", b"gname"}
_LONGEST_LENGTH = 10


def records(data: bytes) -> dict[bytes, bytes]:
    """The records by their keys, of which the last of several counts; raises `InvalidLayer`."""
    found: dict[bytes, bytes] = {}
    sparse: list[bytes] = []
    position = 0
    while position < len(data):
        blank = data.find(b" ", position, position + _LONGEST_LENGTH)
        if blank < 0:
            raise _invalid()
        end = position + number.of_text(data[position:blank])
        key, equals, value = data[blank + 1 : end - 1].partition(b"=")
        is_whole = blank + 1 < end <= len(data) and data[end - 1 : end] == b"\n"
        if not (is_whole and key and equals) or b"\0" in (value if key in _TEXTS else key):
            raise _invalid()
        if key in _SPARSE:
            if key != _SPARSE[len(sparse) % 2] or b"," in value:
                raise _invalid()
            sparse.append(value)
        else:
            found[key] = value
        position = end
    if sparse:
        found[SPARSE_MAP] = b",".join(sparse)
    return found


def apply(found: dict[bytes, bytes], header: Header) -> None:
    """Put what records say in the place of what the header says; raises `InvalidLayer`."""
    for key, value in found.items():
        if not value:
            continue
        if key == b"path":
            header.name = value
        elif key == b"linkpath":
            header.link = value
        elif key == b"uid":
            header.uid = number.of_text(value)
        elif key == b"gid":
            header.gid = number.of_text(value)
        elif key == b"size":
            header.size = number.of_text(value)
        elif key == b"mtime":
            header.mtime = number.time_of_text(value)


def write(pairs: dict[bytes, bytes]) -> bytes:
    """Records that `records` reads."""
    written = bytearray()
    for key, value in pairs.items():
        rest = b" %b=%b\n" % (key, value)
        length = len(rest)
        # The length counts its own digits.
        while length != len(rest) + len(str(length)):
            length = len(rest) + len(str(length))
        written += b"%d%b" % (length, rest)
    return bytes(written)


def _invalid() -> InvalidLayer:
    return InvalidLayer("its tar has a PAX header that cannot be read")
