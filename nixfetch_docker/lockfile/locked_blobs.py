"""The blobs of locked images, each once, with the places to fetch it from."""

from __future__ import annotations

from collections.abc import Iterable

from ..base.values import dataclass, replace
from ..oci.digest import Digest
from .lock import LockedImage, LockedPlatform
from .place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedBlob:
    """A blob or a manifest of locked images, of `size` bytes, and the places that have it."""

    digest: Digest
    size: int
    is_manifest: bool
    places: tuple[Place, ...]


def locked_blobs(entries: Iterable[tuple[LockedImage, LockedPlatform]]) -> list[LockedBlob]:
    """The blobs of these entries of a lock, each once, in the order in which they first occur."""
    found: dict[Digest, LockedBlob] = {}
    for image, locked in entries:
        for blob in locked.blobs():
            known = found.get(blob.digest)
            if known is None:
                found[blob.digest] = LockedBlob(
                    digest=blob.digest,
                    size=blob.size,
                    is_manifest=blob is locked.manifest,
                    places=(image.place,),
                )
            elif image.place not in known.places:
                found[blob.digest] = replace(known, places=(*known.places, image.place))
    return list(found.values())
