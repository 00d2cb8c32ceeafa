"""The images that a reference leads to, one for each platform.

https://github.com/opencontainers/image-spec/blob/v1.1.0/image-index.md
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Sequence
from typing import Protocol

from ..base.redact import quote
from ..base.values import dataclass, replace
from ..errors import NixfetchError, NotFoundError
from ..oci.config import ImageConfig
from ..oci.descriptor import Descriptor
from ..oci.digest import Digest
from ..oci.document import MANIFEST_LIMIT, InvalidManifest
from ..oci.manifest import Content, Index, Manifest
from ..oci.media_types import ACCEPTED_TYPES, CONFIG_TYPES, MANIFEST_TYPES
from ..oci.platform import Platform
from ..oci.reference import Reference

# The spec allows indexes in indexes. No real image nests them deeper.
_DEPTH_LIMIT = 3

# An entry without a platform must be fetched. A hostile index could have any number of them, each
# as large as a manifest can be.
_READS_LIMIT = 100
_READ_MIB = 16
_READ_LIMIT = _READ_MIB * 1024 * 1024
_OFFERS_LIMIT = 20_000
# So many platforms are named in a message.
_SHOWN = 20

_REBUILD = "build and push the image again"
_BY_DIGEST = "name the manifest of one platform by its digest"


class NoSuchPlatform(NixfetchError):
    """A platform that an index has no image for."""


class NoSuchImage(NixfetchError):
    """An image that its reference does not lead to, or no longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The image of one platform: the digest and the size in bytes of its manifest.

    `manifest` is the manifest itself where it had to be read to know the platform, because the
    index does not say it.
    """

    platform: Platform
    digest: Digest
    size: int
    manifest: Manifest | None = None


class Source(Protocol):
    """A place that manifests and configs are read from: registries, or a file."""

    def manifest(self, image: Reference, size: int | None = None) -> Content:
        """The manifest or index that the reference's digest or else its tag names."""

    def small_blob(self, repository: Reference, digest: Digest, size: int) -> bytes:
        """A blob of `size` bytes that fits into memory."""


def no_such_platform(wanted: Sequence[Platform], available: list[Platform]) -> NoSuchPlatform:
    """The error for an image that has none of the platforms `wanted`, only those `available`."""
    there_are = listed({str(platform) for platform in available})
    hint = f"choose from {there_are}" if there_are else ""
    near = next(filter(None, (platform.nearest(available) for platform in wanted)), None)
    if near is not None and len(available) > 1:
        hint = f"the nearest is {near}; {hint}"
    names = " or ".join(map(str, wanted))
    what = f"there is no image for {names}" if there_are else "its index has no image at all"
    return NoSuchPlatform(what, hint=hint)


def listed(names: Collection[str]) -> str:
    """Names in order, for a message: a few of them, and how many more there are."""
    shown = ", ".join(quote(name) for name in heapq.nsmallest(_SHOWN, names))
    more = len(names) - _SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def choose(platform: Platform, offers: Sequence[Offer]) -> Offer | None:
    """The offer that serves a platform best, or None.

    An offer whose platform the index says comes before one whose platform its config alone says:
    the entry without a label may be a leftover of another build.
    """
    for is_labelled in (True, False):
        group = [offer for offer in offers if (offer.manifest is None) is is_labelled]
        position = platform.choose([offer.platform for offer in group])
        if position is not None:
            return group[position]
    return None


def read_config(source: Source, repository: Reference, config: Descriptor) -> bytes:
    """The bytes of an image's config; raises `InvalidManifest` where it is too large."""
    if config.size > MANIFEST_LIMIT:
        raise InvalidManifest(
            f"its config has {config.size} bytes, and {MANIFEST_LIMIT} are the most that is read",
            hint=_REBUILD,
        )
    return source.small_blob(repository, config.digest, config.size)


def _may_be_image(entry: Descriptor) -> bool:
    """Whether an index's entry is an image or an index, as far as its descriptor tells.

    Attestations, charts, signatures and SBOMs stand beside images. The image-spec wants unknown
    media types to be ignored.
    """
    is_artifact = entry.artifact_type not in {"", *CONFIG_TYPES}
    return entry.media_type in ACCEPTED_TYPES and not entry.is_attestation and not is_artifact


class Walk:
    """The search for all images below the manifest or index that a reference names.

    It remembers the manifests that it has fetched, so it serves one search.
    """

    def __init__(self, source: Source, asked: Reference) -> None:
        self._source = source
        self._asked = asked
        self._fetched: set[Digest] = set()
        self._reads = 0
        self._read_bytes = 0
        self._offered = 0

    def offers(self, content: Content, wanted: Collection[Platform] = ()) -> list[Offer]:
        """The images below `content`, which the reference names, in order.

        They are all images or, with `wanted`, enough of them to serve these platforms: entries
        without a platform are fetched only for a platform that no other entry serves. Raises
        `NixfetchError`.
        """
        top = content.document
        if isinstance(top, Index):
            return self._offers(top, wanted, _DEPTH_LIMIT)
        return [self._offer(top, content.digest, len(content.data))]

    def _offers(self, index: Index, wanted: Collection[Platform], depth: int) -> list[Offer]:
        """The images of an index and of the indexes in it, those with a platform first."""
        entries = [entry for entry in index.manifests if _may_be_image(entry)]
        offers = [
            Offer(platform=entry.platform, digest=entry.digest, size=entry.size)
            for entry in entries
            if entry.platform is not None and entry.media_type in MANIFEST_TYPES
        ]
        self._count_offers(len(offers))
        if wanted and all(choose(platform, offers) is not None for platform in wanted):
            return offers
        for entry in entries:
            is_known = entry.platform is not None and entry.media_type in MANIFEST_TYPES
            if is_known or entry.digest in self._fetched:
                continue
            self._fetched.add(entry.digest)
            self._count(entry.size)
            try:
                inner = self.fetch(entry.digest, entry.size)
            except NotFoundError as error:
                raise NotFoundError(
                    f"its index has the manifest {entry.digest.short} without a platform, and the "
                    f"registry has it no more ({error.cause})",
                    hint="push the image again, or choose among the platforms that the index names",
                ) from None
            except InvalidManifest:
                # An artifact, such as a signature, in the same index as the images.
                continue
            if isinstance(inner, Manifest):
                offers.append(self._offer(inner, entry.digest, entry.size))
            elif depth > 1:
                offers += self._offers(inner, wanted, depth - 1)
            else:
                raise InvalidManifest(
                    f"its indexes are nested more than {_DEPTH_LIMIT} deep", hint=_REBUILD
                )
        return offers

    def _count_offers(self, number: int) -> None:
        self._offered += number
        if self._offered > _OFFERS_LIMIT:
            raise InvalidManifest(
                f"its index has more than {_OFFERS_LIMIT} entries", hint=_BY_DIGEST
            )

    def _count(self, size: int) -> None:
        """Count a manifest of `size` bytes that is about to be read; raises `InvalidManifest`."""
        self._reads += 1
        self._read_bytes += size
        if self._reads > _READS_LIMIT or self._read_bytes > _READ_LIMIT:
            raise InvalidManifest(
                f"more than {_READS_LIMIT} manifests or {_READ_MIB} MiB of them would have to be "
                "read below its index",
                hint=_BY_DIGEST,
            )

    def _offer(self, manifest: Manifest, digest: Digest, size: int) -> Offer:
        """The offer of a manifest whose platform is in its config alone."""
        data = read_config(self._source, self._asked.name, manifest.config)
        try:
            platform = ImageConfig.parse(data).platform
        except NixfetchError as error:
            raise error.at(f"its config {manifest.config.digest.short}") from None
        return Offer(platform=platform, digest=digest, size=size, manifest=manifest)

    def manifest(self, offer: Offer) -> Manifest:
        """The manifest of an offer, fetched unless it was read before; raises `NixfetchError`."""
        if offer.manifest is not None:
            return offer.manifest
        self._count(offer.size)
        manifest = self.fetch(offer.digest, offer.size)
        if not isinstance(manifest, Manifest):
            raise InvalidManifest(
                f"expected a manifest, found the index {offer.digest.short}", hint=_REBUILD
            )
        return manifest

    def fetch(self, digest: Digest, size: int) -> Manifest | Index:
        """The manifest or index with this digest, of `size` bytes; raises `NixfetchError`."""
        return self._source.manifest(replace(self._asked.name, digest=digest), size).document
