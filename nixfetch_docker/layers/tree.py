"""What a layer has unpacked so far: names, and of each what it is.

Symbolic links on the way to a file are followed within the layer, as podman follows them, whose
unpacking sees no other layer.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..base.values import dataclass
from .invalid import InvalidLayer
from .tar_reader import shown

# What one layer may have: names, with those of directories that the tar leaves out.
_MOST_NAMES = 2_000_000
# Linux follows as many on the way to a file.
_MOST_LINKS = 40


class NoDirectory(Exception):
    """A path that leads through what is no directory: `is_parent` says that this is its end."""

    def __init__(self, *, is_parent: bool) -> None:
        super().__init__(is_parent)
        self.is_parent = is_parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A symbolic link."""

    target: bytes
    uid: int
    gid: int


class Directory(dict[bytes, "Node"]):
    """A directory: what is in it, by the names. `has_entry` says whether the tar names it."""

    __slots__ = ("has_entry",)

    def __init__(self, *, has_entry: bool = False) -> None:
        super().__init__()
        self.has_entry = has_entry

    def has_entries(self) -> bool:
        """Whether the tar names the directory, or one in it."""
        waiting = [self]
        for directory in waiting:
            if directory.has_entry:
                return True
            waiting += [node for node in directory.values() if isinstance(node, Directory)]
        return False


class Whiteout:
    """The mark that hides what lower layers have under its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Special:
    """A file with extended attributes: those, and `attributes` as `File` has them."""

    attributes: int
    xattrs: dict[bytes, bytes]


# A number stands for the mode, owner and time of a file without extended attributes: most names are
# those of such files.
Node = Directory | Link | Whiteout | Special | int

WHITEOUT = Whiteout()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a name leads: a directory, its path in the layer, and the name in it."""

    directory: Directory
    path: tuple[bytes, ...]
    name: bytes

    @property
    def node(self) -> Node | None:
        """What is there already."""
        return self.directory.get(self.name)

    @property
    def full(self) -> bytes:
        """The path with the name."""
        return b"/".join([*self.path, self.name])


class Tree:
    """The names of a layer."""

    def __init__(self) -> None:
        self.root = Directory()
        self._names = 0

    def put(self, place: Place, node: Node) -> None:
        """Have a node at a place; raises `InvalidLayer` for too many."""
        if place.name not in place.directory:
            self._names += 1
            if self._names > _MOST_NAMES:
                raise InvalidLayer(f"it has more than {_MOST_NAMES} files")
        place.directory[place.name] = node

    def find(self, parts: Sequence[bytes]) -> tuple[Place, list[Place]]:
        """The place of a path, and the directories missing on the way, the outermost first.

        These are in the tree from now on. Raises `NoDirectory`, and `InvalidLayer` for a symbolic
        link that leads nowhere.
        """
        inside: list[tuple[Directory, tuple[bytes, ...]]] = [(self.root, ())]
        made: list[Place] = []
        # The parts to go, the next one last, and how many of them are of links.
        waiting = list(reversed(parts[:-1]))
        own = len(waiting)
        links = 0
        while waiting:
            part = waiting.pop()
            is_own = len(waiting) < own
            own = min(own, len(waiting))
            directory, path = inside[-1]
            if part == b"..":
                if len(inside) > 1:
                    inside.pop()
                continue
            node = directory.get(part)
            if isinstance(node, Link):
                links += 1
                if links > _MOST_LINKS:
                    raise InvalidLayer(f"{shown(b'/'.join(parts))} leads through too many links")
                if node.target.startswith(b"/"):
                    del inside[1:]
                waiting += [
                    one for one in reversed(node.target.split(b"/")) if one not in {b"", b"."}
                ]
                continue
            if node is None:
                if not is_own:
                    raise InvalidLayer(
                        f"{shown(b'/'.join(parts))} leads through a symbolic link to what the "
                        "layer does not have"
                    )
                place = Place(directory=directory, path=path, name=part)
                node = Directory()
                self.put(place, node)
                made.append(place)
            if not isinstance(node, Directory):
                raise NoDirectory(is_parent=not waiting)
            inside.append((node, (*path, part)))
        directory, path = inside[-1]
        return Place(directory=directory, path=path, name=parts[-1]), made
