"""One image for one platform, as its manifest describes it."""

from __future__ import annotations

from typing import Self

from ..base.values import dataclass
from ..errors import NixfetchError
from .blob import Blob
from .descriptor import Descriptor
from .digest import Digest
from .document import InvalidManifest
from .manifest import Content, Manifest
from .platform import Platform
from .reference import Reference


class NoSuchLayer(NixfetchError):
    """A number that no layer of an image has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A manifest, with the reference that led to it.

    `digest` is the manifest's own, `index` that of the index that the reference led to, or None
    where it led to the manifest itself. `data` are the registry's bytes. `platforms` are those of
    the index, empty where the reference led to no index.
    """

    reference: Reference
    digest: Digest
    data: bytes
    manifest: Manifest
    platforms: tuple[Platform, ...] = ()
    index: Digest | None = None

    @classmethod
    def of(cls, reference: Reference, content: Content) -> Self:
        """The image that a manifest describes; raises `InvalidManifest`, for an index too."""
        manifest = content.document
        if not isinstance(manifest, Manifest):
            raise InvalidManifest(
                "it is an index, which has no layers of its own",
                hint="take the manifest of one platform",
            )
        return cls(reference=reference, digest=content.digest, data=content.data, manifest=manifest)

    @classmethod
    def parse(cls, reference: Reference, data: bytes, content_type: str | None = None) -> Self:
        """Read a manifest's bytes; raises `InvalidManifest`, for an index too."""
        content = Content(digest=Digest.of(data), content_type=content_type, data=data)
        return cls.of(reference, content)

    @property
    def layers(self) -> tuple[Descriptor, ...]:
        """The layers, the base layer first."""
        return self.manifest.layers

    @property
    def size(self) -> int:
        """The size in bytes of the manifest, the config, and every layer once."""
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
