"""One entry of a layer's tar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import TYPE_CHECKING

from ..base.values import dataclass

if TYPE_CHECKING:
    from ..registry.exchange import Piece


class Kind(Enum):
    """What an entry makes; the values are the type flags of headers."""

    FILE = b"0"
    HARD_LINK = b"1"
    SYMBOLIC_LINK = b"2"
    CHARACTER_DEVICE = b"3"
    BLOCK_DEVICE = b"4"
    DIRECTORY = b"5"
    FIFO = b"6"
    # Records for all that follows, which podman and docker leave unread.
    GLOBAL = b"g"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry. `mtime` is in nanoseconds since 1970; `link` is the target of either link.

    `content`, of `size` bytes, can be read once, before the next entry is read.
    """

    name: bytes
    kind: Kind
    mode: int = 0
    uid: int = 0
    gid: int = 0
    mtime: int = 0
    link: bytes = b""
    device: tuple[int, int] = (0, 0)
    xattrs: Mapping[bytes, bytes] = {}
    size: int = 0
    content: Iterator[Piece] = iter(())
