"""The contents of a lock: the images with their sizes, and the blobs that they share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from ..base.values import dataclass
from ..errors import UsageError
from ..oci.blob import Blob
from ..oci.platform import Platform
from .images import Images
from .lock import Lock, LockedImage, LockedPlatform
from .selection import choose_from, lacks_signers
from .vouchers import document as signed_by


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One image for one platform."""

    name: str
    image: LockedImage
    platform: Platform
    locked: LockedPlatform

    @property
    def size(self) -> int:
        """The size in bytes of the manifest, the config and every layer, each once."""
        return sum(blob.size for blob in set(self.locked.blobs()))


class Contents:
    """The entries of a lock, by name and platform, and the users of every blob."""

    def __init__(self, lock: Lock) -> None:
        self.entries = [
            Entry(name=name, image=image, platform=platform, locked=locked)
            for name, image in sorted(lock.images.items())
            for platform, locked in sorted(image.platforms.items())
        ]
        self._users: dict[Blob, set[tuple[str, Platform]]] = defaultdict(set)
        for entry in self.entries:
            for blob in entry.locked.blobs():
                self._users[blob].add((entry.name, entry.platform))

    def of_image(self, name: str) -> list[Entry]:
        """The entries of one image; raises `UsageError` where it is not locked."""
        entries = [entry for entry in self.entries if entry.name == name]
        if not entries:
            names = dict.fromkeys(entry.name for entry in self.entries)
            raise UsageError(f"no image {name!r} is locked", hint=choose_from(names, name))
        return entries

    def shared_size(self, entry: Entry) -> int:
        """The size in bytes of an entry's blobs that other images of its platform have too."""
        return sum(
            blob.size
            for blob in set(entry.locked.blobs())
            if any(
                name != entry.name and platform == entry.platform
                for name, platform in self._users[blob]
            )
        )

    def other_images(self, entry: Entry, blob: Blob) -> list[str]:
        """The names of the other images that have a blob of this entry."""
        return sorted({name for name, _ in self._users[blob]} - {entry.name})

    @property
    def platforms(self) -> list[Platform]:
        """The platforms of all entries, each once."""
        return sorted({entry.platform for entry in self.entries})

    def size(self, platform: Platform) -> int:
        """The size in bytes of all images for a platform, without sharing."""
        return sum(entry.size for entry in self.entries if entry.platform == platform)

    def stored_size(self, platform: Platform) -> int:
        """The size in bytes of all blobs for a platform, each once, as a store keeps them."""
        entries = (entry for entry in self.entries if entry.platform == platform)
        return sum(blob.size for blob in {blob for one in entries for blob in one.locked.blobs()})

    def document(self, entries: Iterable[Entry]) -> dict[str, Any]:
        """Some entries for programs, as docs/reference/show.schema.json describes it."""
        images: dict[str, Any] = {}
        for entry in entries:
            image: dict[str, Any] = {
                "repository": str(entry.image.repository),
                "tag": entry.image.tag,
                "digest": str(entry.image.digest),
                **signed_by(entry.image.vouchers),
                "platforms": {},
            }
            platforms = images.setdefault(entry.name, image)["platforms"]
            platforms[str(entry.platform)] = {
                "manifest": _blob(entry.locked.manifest),
                "config": _blob(entry.locked.config),
                "layers": [
                    {**_blob(layer), "alsoIn": self.other_images(entry, layer)}
                    for layer in entry.locked.layers
                ],
            }
        return {"version": 1, "images": images}


def state_of(name: str, images: Images, lock: Lock) -> str:
    """Why the lock of an image does not answer images.toml, in words; "" where it does."""
    if name not in images.requests:
        return "is not in images.toml any more"
    if name not in lock.images:
        return "is not locked yet"
    if lock.images[name].request != images.requests[name]:
        return "is locked for another entry than the one in images.toml"
    if lacks_signers(images, lock.images[name]):
        return "is locked without a signature that the table of its registry asks for"
    return ""


def _blob(blob: Blob) -> dict[str, str | int]:
    return {"digest": str(blob.digest), "size": blob.size}
