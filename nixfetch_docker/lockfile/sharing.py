"""The layers that images of one platform share: in groups, each in the same images."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from string import ascii_uppercase

from ..base.bars import Part
from ..base.values import dataclass
from ..oci.blob import Blob
from .contents import Entry

# The sign of a layer that one image alone has, and of the groups beyond the 26th.
OWN = "."
REST = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Layers that the same images have, `names`; `number` is its place among the groups."""

    number: int
    names: Sequence[str]
    layers: Sequence[Blob]

    @property
    def sign(self) -> str:
        """A letter, or `*` beyond the 26th group."""
        return ascii_uppercase[self.number] if self.number < len(ascii_uppercase) else REST

    @property
    def size(self) -> int:
        """The size of the layers in bytes, each once."""
        return sum(layer.size for layer in self.layers)


class Sharing:
    """The groups of shared layers of some entries, which must be of one platform.

    The group whose sharing saves the most bytes comes first.
    """

    def __init__(self, entries: Iterable[Entry], *, shown: Iterable[Entry]) -> None:
        """`shown` are those of the entries whose groups are wanted: others need no letters."""
        wanted = {layer for entry in shown for layer in entry.locked.layers}
        users: dict[Blob, set[str]] = defaultdict(set)
        for entry in entries:
            for layer in entry.locked.layers:
                if layer in wanted:
                    users[layer].add(entry.name)
        by_names: dict[tuple[str, ...], list[Blob]] = defaultdict(list)
        for layer, names in users.items():
            if len(names) > 1:
                by_names[tuple(sorted(names))].append(layer)
        saved = sorted(by_names.items(), key=lambda one: (-_saved(*one), one[0]))
        self.groups = [
            Group(number=number, names=names, layers=layers)
            for number, (names, layers) in enumerate(saved)
        ]
        self._by_layer = {layer: group for group in self.groups for layer in group.layers}

    def group(self, layer: Blob) -> Group | None:
        """The group of a layer; None for one that a single image has."""
        return self._by_layer.get(layer)

    def sign(self, layer: Blob) -> str:
        """The sign of a layer's group, `OWN` where it has none."""
        group = self._by_layer.get(layer)
        return group.sign if group is not None else OWN

    def parts(self, entry: Entry) -> list[Part]:
        """An entry's layers as parts of a bar, the base layer first, each once."""
        return [Part(sign=self.sign(layer), size=layer.size) for layer in layers_once(entry)]


def layers_once(entry: Entry) -> list[Blob]:
    """The layers of an entry; one that its manifest repeats is fetched and stored once."""
    return list(dict.fromkeys(entry.locked.layers))


def _saved(names: Sequence[str], layers: Iterable[Blob]) -> int:
    """The bytes that a store need not keep because these images share these layers."""
    return (len(names) - 1) * sum(layer.size for layer in layers)
