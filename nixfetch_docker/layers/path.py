"""Names of a layer's entries as paths below its root."""

from __future__ import annotations

from .invalid import InvalidLayer
from .tar_reader import shown

# Linux's limits, in bytes: NAME_MAX, and PATH_MAX without the byte that ends a path.
_LONGEST_PART = 255
_LONGEST = 4095


def parts_of(name: bytes) -> list[bytes]:
    """The parts of a name, without `.`; each `..` takes the part before it away, if there is one.

    Raises `InvalidLayer` for a name that Linux does not take.
    """
    if len(name) > _LONGEST:
        raise InvalidLayer(f"its tar has a name of {len(name)} bytes: {shown(name)}")
    found: list[bytes] = []
    for part in name.split(b"/"):
        if part == b"..":
            del found[-1:]
        elif part not in {b"", b"."}:
            if len(part) > _LONGEST_PART:
                raise InvalidLayer(f"its tar has a name of {len(part)} bytes: {shown(part)}")
            found.append(part)
    return found


def is_root(name: bytes) -> bool:
    """Whether a name without parts is that of the root itself, such as `/` or `..`.

    podman passes over entries such as `./`.
    """
    return name.startswith(b"/") or b".." in name.split(b"/")
