"""Files with holes in a tar: those of PAX, which podman and docker unpack.

https://www.gnu.org/software/tar/manual/html_section/Sparse-Formats.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from . import number
from .header import BLOCK, Header
from .invalid import InvalidLayer
from .pax import SPARSE_MAP
from .stream import Stream

# The offset and the length of a part that is no hole, in bytes.
Part = tuple[int, int]

_ZEROS = bytes(1024 * 1024)
_LONGEST_MAP = 1024 * 1024
_LONGEST_LINE = 20


def read_parts(found: Mapping[bytes, bytes], header: Header, stream: Stream) -> list[Part] | None:
    """The parts of a sparse file, whose map is then read; None for any other file.

    The header gets the file's own name and size. Raises `InvalidLayer`.
    """
    version = (found.get(b"GNU.sparse.major", b""), found.get(b"GNU.sparse.minor", b""))
    if version not in {(b"0", b"0"), (b"0", b"1"), (b"1", b"0")} and (
        version != (b"", b"") or not found.get(SPARSE_MAP)
    ):
        return None
    header.name = found.get(b"GNU.sparse.name") or header.name
    physical = header.size
    size = found.get(b"GNU.sparse.size") or found.get(b"GNU.sparse.realsize")
    if size:
        header.size = number.of_text(size)
    if version == (b"1", b"0"):
        numbers, read = _map_in_content(stream, physical)
    else:
        text = found.get(SPARSE_MAP, b"")
        numbers, read = [number.of_text(one) for one in text.split(b",")] if text else [], 0
    if len(numbers) % 2:
        raise _invalid()
    parts = list(zip(numbers[::2], numbers[1::2], strict=True))
    _check(parts, header.size, physical - read)
    return parts


def content(parts: list[Part], size: int, stream: Stream) -> Iterator[memoryview]:
    """The content of a sparse file of `size` bytes, with zeros for holes; raises `InvalidLayer`."""
    position = 0
    for offset, length in parts:
        yield from _hole(offset - position)
        yield from stream.pieces(length)
        position = offset + length
    yield from _hole(size - position)


def _hole(size: int) -> Iterator[memoryview]:
    while size > 0:
        part = memoryview(_ZEROS)[:size]
        size -= len(part)
        yield part


def _map_in_content(stream: Stream, physical: int) -> tuple[list[int], int]:
    """The numbers before a file's content, a line each, and the bytes of the blocks they fill."""
    data = b""
    read = 0
    numbers: list[int] = []
    missing: int | None = None
    while missing is None or len(numbers) < missing:
        line, end, rest = data.partition(b"\n")
        if not end:
            read += BLOCK
            if read > min(physical, _LONGEST_MAP) or len(data) > _LONGEST_LINE:
                raise _invalid()
            data += stream.read_all(BLOCK)
            continue
        data = rest
        value = number.of_text(line)
        if missing is None:
            missing = 2 * value
            if not 0 <= missing <= _LONGEST_MAP:
                raise _invalid()
        else:
            numbers.append(value)
    return numbers, read


def _check(parts: list[Part], size: int, physical: int) -> None:
    position = 0
    for offset, length in parts:
        if offset < position or length < 0:
            raise _invalid()
        position = offset + length
    if position > size or sum(length for _, length in parts) != physical:
        raise _invalid()


def _invalid() -> InvalidLayer:
    return InvalidLayer("its tar has a sparse file whose map cannot be read")
