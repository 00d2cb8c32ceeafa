"""The images that an index has, one for each platform."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from ..errors import NixfetchError
from ..oci.config import ImageConfig
from ..oci.descriptor import Descriptor
from ..oci.digest import Digest
from ..oci.document import MANIFEST_LIMIT, InvalidManifest
from ..oci.manifest import Content, Index, Manifest, parse
from ..oci.media_types import ACCEPTED_TYPES, MANIFEST_TYPES
from ..oci.platform import Platform
from ..oci.reference import Reference

# An index of indexes is legal; nobody needs more than one of indexes of indexes.
_DEPTH_LIMIT = 3

# Few entries of an index must be fetched to know what they are; a hostile one's have no end.
_FETCHES_LIMIT = 100


class NoSuchPlatform(NixfetchError):
    """An image that has nothing for a platform asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One platform's manifest, as far as it is known: read already, or by its descriptor."""

    platform: Platform
    digest: Digest
    size: int
    manifest: Manifest | None = None


class Source(Protocol):
    """Where an image is: registries, or a file."""

    def manifest(self, image: Reference, size: int | None = None) -> Content:
        """What a digest names or, without one, what is at the top."""

    def small_blob(self, repository: Reference, digest: Digest, size: int) -> bytes:
        """A blob of `size` bytes."""


def no_such_platform(wanted: str, available: list[Platform]) -> NoSuchPlatform:
    """The error for an image that has nothing for the platform `wanted`, only for `available`."""
    there_are = ", ".join(sorted({str(platform) for platform in available}))
    hint = f"set platforms to some of those that there are: {there_are}" if there_are else ""
    what = f"there is no image for {wanted}" if there_are else "its index has no image at all"
    return NoSuchPlatform(what, hint=hint)


class Walk:
    """From the top of one image down to its manifests."""

    def __init__(self, source: Source, asked: Reference) -> None:
        self._source = source
        self._asked = asked
        self._fetched: set[Digest] = set()

    def offers(self, content: Content) -> list[Offer]:
        """All images that `content`, the top, leads to, in its order; raises `NixfetchError`."""
        top = parse(content.data, content.content_type)
        if isinstance(top, Index):
            return self._offers(top, _DEPTH_LIMIT)
        return [self._offer(top, content.digest, len(content.data))]

    def _offers(self, index: Index, depth: int) -> list[Offer]:
        """All images of an index, those of the indexes in it among them, in order.

        What has been fetched once is not looked at again.
        """
        offers: list[Offer] = []
        for entry in index.manifests:
            # What is unknown in an index is no error (image-spec, "Image Index Property
            # Descriptions").
            if entry.is_attestation or entry.media_type not in ACCEPTED_TYPES:
                continue
            if entry.platform is not None and entry.media_type in MANIFEST_TYPES:
                offers.append(Offer(platform=entry.platform, digest=entry.digest, size=entry.size))
                continue
            if entry.digest in self._fetched:
                continue
            self._fetched.add(entry.digest)
            if len(self._fetched) > _FETCHES_LIMIT:
                raise InvalidManifest(
                    f"its index has more than {_FETCHES_LIMIT} entries that name no platform"
                )
            try:
                inner = self.fetch(entry.digest, entry.size)
            except InvalidManifest:
                # An artifact that is kept beside the images.
                continue
            if isinstance(inner, Manifest):
                offers.append(self._offer(inner, entry.digest, entry.size))
            elif depth > 1:
                offers += self._offers(inner, depth - 1)
            else:
                raise InvalidManifest(f"its indexes are nested more than {_DEPTH_LIMIT} deep")
        return offers

    def _offer(self, manifest: Manifest, digest: Digest, size: int) -> Offer:
        """A manifest whose platform only its config knows."""
        data = self._config(manifest.config)
        try:
            platform = ImageConfig.parse(data).platform
        except NixfetchError as error:
            raise error.at(f"its config {manifest.config.digest.short}") from None
        return Offer(platform=platform, digest=digest, size=size, manifest=manifest)

    def fetch(self, digest: Digest, size: int) -> Manifest | Index:
        """The manifest or index with this digest, of `size` bytes; raises `NixfetchError`."""
        content = self._source.manifest(replace(self._asked.name, digest=digest), size)
        return parse(content.data, content.content_type)

    def _config(self, config: Descriptor) -> bytes:
        if config.size > MANIFEST_LIMIT:
            raise InvalidManifest(f"its config is said to have {config.size} bytes")
        return self._source.small_blob(self._asked.name, config.digest, config.size)
