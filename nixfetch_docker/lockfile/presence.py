"""The presence of locked blobs in the registries that they were locked from."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..base.values import dataclass
from ..errors import NixfetchError
from ..oci.digest import Digest
from .lock import LockedImage
from .locked_blobs import LockedBlob, locked_blobs
from .sources import Sources

Found = bool | NixfetchError
Map = Callable[[Callable[[LockedBlob], Found], Iterable[LockedBlob]], Iterable[Found]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """The number of an image's blobs, and those of them that its registry lacks.

    `error` says why that is not known.
    """

    total: int
    gone: tuple[Digest, ...] = ()
    error: NixfetchError | None = None


def find_presence(sources: Sources, image: LockedImage, map_: Map) -> Presence:
    """Ask an image's registry for every blob of every platform, by one HEAD request each.

    `map_` asks for all of them: `map`, or one that does so concurrently.
    """
    source = sources.at(image.place)

    def find(blob: LockedBlob) -> Found:
        try:
            return source.has(blob.digest, is_manifest=blob.is_manifest)
        except NixfetchError as error:
            return error

    blobs = locked_blobs((image, locked) for locked in image.platforms.values())
    found = list(map_(find, blobs))
    error = next((one for one in found if isinstance(one, NixfetchError)), None)
    gone = tuple(blob.digest for blob, one in zip(blobs, found, strict=True) if one is False)
    return Presence(total=len(blobs), gone=gone, error=error)
