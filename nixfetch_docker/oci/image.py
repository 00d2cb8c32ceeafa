"""One image for one platform, as its manifest tells of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from ..errors import NixfetchError
from .blob import Blob
from .digest import Digest
from .manifest import Descriptor, InvalidManifest, Manifest, parse
from .platform import Platform
from .reference import Reference


class NoSuchLayer(NixfetchError):
    """A layer that an image does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A manifest, and where it is.

    `reference` is what was asked for; `digest` is the manifest's own, which another one leads to
    where the reference names an index; `data` are the registry's bytes. `platforms` are those that
    such an index has an image for.
    """

    reference: Reference
    digest: Digest
    data: bytes
    manifest: Manifest
    platforms: tuple[Platform, ...] = ()

    @classmethod
    def parse(cls, reference: Reference, data: bytes, content_type: str | None = None) -> Self:
        """Read a manifest's bytes; raises `InvalidManifest`, for an index too."""
        manifest = parse(data, content_type)
        if not isinstance(manifest, Manifest):
            raise InvalidManifest(
                "it is an index, which has no layers of its own",
                hint="take the manifest of one platform",
            )
        return cls(reference=reference, digest=Digest.of(data), data=data, manifest=manifest)

    @property
    def layers(self) -> tuple[Descriptor, ...]:
        """The layers, the base layer first."""
        return self.manifest.layers

    @property
    def size(self) -> int:
        """What the image weighs in bytes: its manifest, its config, and every layer once."""
        sizes = {layer.digest: layer.size for layer in self.layers}
        return len(self.data) + self.manifest.config.size + sum(sizes.values())

    @property
    def blobs(self) -> tuple[Blob, ...]:
        """The manifest, the config, the layers; a layer that occurs twice is here twice."""
        manifest = Blob(digest=self.digest, size=len(self.data))
        return (manifest, self.manifest.config.blob, *(layer.blob for layer in self.layers))

    def layer(self, number: int) -> Descriptor:
        """A layer by its number, the base layer being 1; raises `NoSuchLayer`."""
        if not 0 < number <= len(self.layers):
            there_are = f"1 to {len(self.layers)}" if self.layers else "none at all"
            raise NoSuchLayer(f"there is no layer {number}", hint=f"it has {there_are}").at(
                self.reference.familiar
            )
        return self.layers[number - 1]
