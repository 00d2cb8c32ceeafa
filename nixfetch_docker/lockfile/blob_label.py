"""Labels: a blob as people know it, by its image and its place in that."""

from __future__ import annotations

from collections.abc import Iterable

from ..base.values import dataclass, replace
from ..oci.digest import Digest
from ..oci.platform import Platform
from .contents import Entry
from .lock import LockedPlatform


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobLabel:
    """The names of the images that have a blob, and its `part` of the first: `layer 3 of 7`.

    `platform` is set where the images are wanted for several platforms and one has the blob.
    """

    names: tuple[str, ...]
    part: str
    platform: Platform | None = None

    @property
    def text(self) -> str:
        """The label on one line: `redis layer 3 of 7`, or `redis and 2 more, layer 3 of 7`."""
        platform = "" if self.platform is None else f" {self.platform}"
        others = len(self.names) - 1
        more = f" and {others} more," if others else ""
        return f"{self.names[0]}{platform}{more} {self.part}"


def blob_labels(entries: Iterable[Entry]) -> dict[Digest, BlobLabel]:
    """The label of every blob of some entries of a lock."""
    wanted = list(entries)
    has_several = len({entry.platform for entry in wanted}) > 1
    found: dict[Digest, BlobLabel] = {}
    for entry in wanted:
        platform = entry.platform if has_several else None
        for digest, part in _parts(entry.locked).items():
            known = found.get(digest)
            if known is None:
                found[digest] = BlobLabel(names=(entry.name,), part=part, platform=platform)
                continue
            names = known.names if entry.name in known.names else (*known.names, entry.name)
            same = known.platform if known.platform == platform else None
            found[digest] = replace(known, names=names, platform=same)
    return found


def _parts(locked: LockedPlatform) -> dict[Digest, str]:
    """The part of the image that each of its blobs is; a layer that occurs twice is the first."""
    layers = {
        layer.digest: f"layer {number} of {len(locked.layers)}"
        for number, layer in reversed(list(enumerate(locked.layers, 1)))
    }
    return layers | {locked.manifest.digest: "manifest", locked.config.digest: "config"}
