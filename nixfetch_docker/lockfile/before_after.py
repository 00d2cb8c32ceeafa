"""The layers of one image before and after an update, for one platform."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..base.bars import Part
from ..base.values import dataclass
from ..oci.blob import Blob
from ..oci.platform import Platform
from .change import Change, ChangeKind

# The signs of layers that both images have, and of those that one of them has.
KEPT, GONE, ADDED = "=", "-", "+"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A layer with its number in its image, from 1 on, and what became of it as a sign."""

    number: int
    blob: Blob
    sign: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BeforeAfter:
    """The layers before and after, each once, the base layer first."""

    platform: Platform
    before: Sequence[Layer]
    after: Sequence[Layer]

    @property
    def differs(self) -> bool:
        """Whether the two images have other layers, or the same in another order."""
        return [one.blob for one in self.before] != [one.blob for one in self.after]

    @property
    def moved(self) -> list[Layer]:
        """The layers that are gone, and then those that are added."""
        return [one for one in (*self.before, *self.after) if one.sign != KEPT]


def befores_and_afters(change: Change) -> Iterator[BeforeAfter]:
    """For each platform that an updated image had or has, its layers; nothing for other changes."""
    before, after = change.before, change.after
    if change.kind is not ChangeKind.UPDATED or before is None or after is None:
        return
    for platform in sorted(before.platforms.keys() | after.platforms.keys()):
        had, has = before.platforms.get(platform), after.platforms.get(platform)
        old = had.layers if had is not None else ()
        new = has.layers if has is not None else ()
        yield BeforeAfter(
            platform=platform,
            before=list(_layers(old, frozenset(new), GONE)),
            after=list(_layers(new, frozenset(old), ADDED)),
        )


def parts(layers: Sequence[Layer]) -> list[Part]:
    """The layers as parts of a bar."""
    return [Part(sign=one.sign, size=one.blob.size) for one in layers]


def total(layers: Sequence[Layer]) -> int:
    """The size of the layers in bytes."""
    return sum(one.blob.size for one in layers)


def _layers(blobs: Sequence[Blob], others: frozenset[Blob], alone: str) -> Iterator[Layer]:
    numbers: dict[Blob, int] = {}
    for number, blob in enumerate(blobs, 1):
        numbers.setdefault(blob, number)
    for blob, number in numbers.items():
        yield Layer(number=number, blob=blob, sign=KEPT if blob in others else alone)
