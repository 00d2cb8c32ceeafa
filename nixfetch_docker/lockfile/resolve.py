"""From a request to what it means today: tag, index, manifests. No layer is fetched."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from ..archives.local_reference import LocalReference
from ..archives.reader import LocalImage
from ..errors import NixfetchError
from ..oci.digest import Digest
from ..oci.manifest import (
    ACCEPTED_TYPES,
    MANIFEST_LIMIT,
    MANIFEST_TYPES,
    Content,
    Descriptor,
    Index,
    InvalidManifest,
    Manifest,
    config_platform,
    parse,
)
from ..oci.platform import Platform
from ..oci.reference import Reference
from ..registry.registries import Registries
from ..versions.follow import Follow
from .images import DEFAULT_PLATFORMS, Request
from .lock import Blob, LockedImage, LockedPlatform
from .tag_matching import find_versions

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


Map = Callable[[Callable[[Offer], LockedPlatform], Iterable[Offer]], Iterable[LockedPlatform]]


class _Source(Protocol):
    """Where an image is: registries, or a file."""

    def manifest(self, image: Reference, size: int | None = None) -> Content:
        """What a digest names or, without one, what is at the top."""

    def small_blob(self, repository: Reference, digest: Digest, size: int) -> bytes:
        """A blob of `size` bytes."""


class Resolver:
    """Resolves requests against registries and files."""

    def __init__(
        self,
        registries: Registries,
        map_: Map,
        *,
        check: Callable[[str], None] = lambda _: None,
        directory: Path = Path(),
        only_digest: bool = False,
    ) -> None:
        """`map_` fetches the platforms of one image: `map`, or one that does so concurrently.

        `check` raises for the text of a reference that must not be resolved; the paths of images
        in files start from `directory`. `only_digest` stays with the tags that are locked.
        """
        self._registries = registries
        self._map = map_
        self._check = check
        self._directory = directory
        self._only_digest = only_digest

    def resolve(self, request: Request, previous: LockedImage | None = None) -> LockedImage:
        """What `request` means now, which is `previous` itself where nothing has changed.

        Raises `NixfetchError`: what the registry answers, a manifest that is no image's, a
        platform that the image does not have.
        """
        asked = request.reference
        if (
            request.frozen
            and previous is not None
            and replace(previous.request, frozen=request.frozen) == request
        ):
            return replace(previous, request=request)
        if isinstance(asked, LocalReference):
            local = LocalImage.open(asked, self._directory)
            return self._walk(local, local.name, request, str(asked))
        known = previous if previous is not None and previous.request == request else None
        try:
            self._check(request.image)
            if request.follow is not None:
                asked = replace(asked, tag=self._follow(request.follow, asked, known))
            else:
                asked = asked.tagged
            if known is not None and asked.tag == known.tag:
                # A digest never moves; whether a tag did costs one HEAD to learn.
                current = asked.digest or self._registries.digest(asked)
                if current == known.digest:
                    return known
        except NixfetchError as error:
            raise error.at(asked.familiar) from None
        return self._walk(self._registries, asked, request, asked.familiar)

    def offers(self, asked: Reference, content: Content) -> list[Offer]:
        """All images in `content`, which is what the registry has for `asked`; in order."""
        return _Walk(self._registries, asked, self._map).offers(content)

    def _follow(self, follow: Follow, asked: Reference, known: LockedImage | None) -> str:
        tag = known.tag if known is not None else None
        if tag is not None and self._only_digest:
            return tag
        return follow.choose(self._registries.tags(asked.name), tag, find_versions)

    def _walk(self, source: _Source, asked: Reference, request: Request, place: str) -> LockedImage:
        try:
            return _Walk(source, asked, self._map).lock(request)
        except NixfetchError as error:
            raise error.at(place) from None


class _Walk:
    """From the top of one image down to its manifests."""

    def __init__(self, source: _Source, asked: Reference, map_: Map) -> None:
        self._source = source
        self._asked = asked
        self._map = map_
        self._fetched: set[Digest] = set()

    def lock(self, request: Request) -> LockedImage:
        content = self._source.manifest(self._asked)
        offers = self.offers(content)
        chosen = _choose(request, offers)
        locked = self._map(self._lock, chosen.values())
        return LockedImage(
            request=request,
            repository=self._asked.name,
            tag=self._asked.tag,
            digest=content.digest,
            platforms=dict(zip(chosen, locked, strict=True)),
        )

    def offers(self, content: Content) -> list[Offer]:
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
                inner = self._fetch(entry.digest, entry.size)
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
            platform = config_platform(data)
        except NixfetchError as error:
            raise error.at(f"its config {manifest.config.digest.short}") from None
        return Offer(platform=platform, digest=digest, size=size, manifest=manifest)

    def _lock(self, offer: Offer) -> LockedPlatform:
        manifest = offer.manifest or self._fetch(offer.digest, offer.size)
        if not isinstance(manifest, Manifest):
            raise InvalidManifest(f"{offer.digest.short} is an index where a manifest belongs")
        return LockedPlatform(
            manifest=Blob(digest=offer.digest, size=offer.size),
            media_type=manifest.media_type,
            config=_blob(manifest.config),
            layers=tuple(map(_blob, manifest.layers)),
        )

    def _fetch(self, digest: Digest, size: int) -> Manifest | Index:
        content = self._source.manifest(replace(self._asked.name, digest=digest), size)
        return parse(content.data, content.content_type)

    def _config(self, config: Descriptor) -> bytes:
        if config.size > MANIFEST_LIMIT:
            raise InvalidManifest(f"its config is said to have {config.size} bytes")
        return self._source.small_blob(self._asked.name, config.digest, config.size)


def _choose(request: Request, offers: list[Offer]) -> dict[Platform, Offer]:
    """The offer for every platform asked for, or for the default ones that there are."""
    available = [offer.platform for offer in offers]
    chosen: dict[Platform, Offer] = {}
    for platform in request.platforms or DEFAULT_PLATFORMS:
        position = platform.choose(available)
        if position is not None:
            chosen[platform] = offers[position]
        elif request.platforms is not None:
            raise _no_such_platform(str(platform), available)
    if not chosen:
        raise _no_such_platform(" or ".join(map(str, DEFAULT_PLATFORMS)), available)
    return chosen


def _no_such_platform(wanted: str, available: list[Platform]) -> NoSuchPlatform:
    there_are = ", ".join(sorted({str(platform) for platform in available}))
    hint = f"set platforms to some of those that there are: {there_are}" if there_are else ""
    what = f"there is no image for {wanted}" if there_are else "its index has no image at all"
    return NoSuchPlatform(what, hint=hint)


def _blob(descriptor: Descriptor) -> Blob:
    return Blob(digest=descriptor.digest, size=descriptor.size)
