"""The entries of a layer's tar, one after the other.

They are read as Go's archive/tar reads them, by which podman and docker unpack layers, and in the
bytes that they have. Python's tarfile ends without a word where a header is broken, and takes the
rest of the layer for missing.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..base.redact import literal
from . import header as headers
from . import pax, sparse
from .entry import Entry, Kind
from .header import BLOCK, Header
from .invalid import InvalidLayer
from .stream import Stream

_XATTR = b"SCHILY.xattr."
# Long names and records, which are read whole.
_LONGEST = 1024 * 1024
_OLD_FILE = b"\0"
_LONG_NAME = b"L"
_LONG_LINK = b"K"
_RECORDS = b"x"
_KINDS = {kind.value: kind for kind in Kind}


def entries(stream: Stream) -> Iterator[Entry]:
    """The entries of a tar in their order; raises `InvalidLayer`."""
    while (header := _next_header(stream)) is not None:
        found: dict[bytes, bytes] = {}
        long: dict[bytes, bytes] = {}
        while header.kind in {_LONG_NAME, _LONG_LINK, _RECORDS}:
            data = _special(header, stream)
            if header.kind == _RECORDS:
                found = pax.records(data)
            else:
                long[header.kind] = data.partition(b"\0")[0]
            following = _next_header(stream)
            if following is None:
                return
            header = following
        if header.kind == Kind.GLOBAL.value:
            global_records = pax.records(_special(header, stream))
            yield Entry(name=global_records.get(b"path") or header.name, kind=Kind.GLOBAL)
            continue
        pax.apply(found, header)
        header.name = long.get(_LONG_NAME) or header.name
        header.link = long.get(_LONG_LINK) or header.link
        yield from _entry(header, found, stream)


def _next_header(stream: Stream) -> Header | None:
    """The next header, or None at the end: two blocks of zeros, or no more bytes."""
    block = stream.read(BLOCK)
    if not block:
        return None
    if len(block) < BLOCK:
        raise InvalidLayer("its tar ends in the middle of a header")
    if block.count(0) < BLOCK:
        return headers.parse(block)
    following = stream.read(BLOCK)
    if following and (len(following) < BLOCK or following.count(0) < BLOCK):
        raise InvalidLayer("its tar goes on behind a block that begins its end")
    return None


def _special(header: Header, stream: Stream) -> bytes:
    if not 0 <= header.size <= _LONGEST:
        raise InvalidLayer(f"its tar has a header of {header.size} bytes")
    data = stream.read_all(header.size)
    stream.skip(-header.size % BLOCK)
    return data


def _entry(header: Header, found: dict[bytes, bytes], stream: Stream) -> Iterator[Entry]:
    """The entry of a header and its records, one; what is left of its content is then passed."""
    kind = _kind(header)
    if header.size < 0:
        raise InvalidLayer(f"its tar has a negative size at {shown(header.name)}")
    physical = header.size if kind is Kind.FILE else 0
    content: Iterator[memoryview] = iter(())
    size = physical
    parts = sparse.read_parts(found, header, stream) if kind is Kind.FILE else None
    if parts is not None:
        size = header.size
        content = sparse.content(parts, size, stream)
    elif physical:
        content = stream.pieces(physical)
    yield Entry(
        name=header.name,
        kind=kind,
        mode=header.mode & 0o7777,
        uid=header.uid,
        gid=header.gid,
        mtime=header.mtime,
        link=header.link,
        device=(header.major, header.minor),
        xattrs={
            key.removeprefix(_XATTR): value
            for key, value in found.items()
            if key.startswith(_XATTR)
        },
        size=size,
        content=content,
    )
    for _ in content:
        pass
    stream.skip(-physical % BLOCK)


def _kind(header: Header) -> Kind:
    if header.kind == _OLD_FILE:
        return Kind.DIRECTORY if header.name.endswith(b"/") else Kind.FILE
    try:
        return _KINDS[header.kind]
    except KeyError:
        raise InvalidLayer(
            f"its tar has an entry of the type {shown(header.kind)} at {shown(header.name)}, "
            "which podman does not unpack"
        ) from None


def shown(name: bytes) -> str:
    """A name as messages show it."""
    return literal(name[:BLOCK].decode("utf-8", "backslashreplace"))
