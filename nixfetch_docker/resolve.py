"""From a request to what it means today: tag, index, manifests. No layer is fetched."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from .digest import Digest
from .errors import NixfetchError
from .images import DEFAULT_PLATFORMS, Request
from .lock import Blob, LockedImage, LockedPlatform
from .manifest import (
    ACCEPTED_TYPES,
    MANIFEST_TYPES,
    Descriptor,
    Index,
    InvalidManifest,
    Manifest,
    config_platform,
    parse,
)
from .platform import Platform
from .reference import DEFAULT_TAG, Reference
from .registry import MANIFEST_LIMIT, Content, Registries

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


class Resolver:
    """Resolves requests against registries."""

    def __init__(
        self, registries: Registries, map_: Map, *, check: Callable[[str], None] = lambda _: None
    ) -> None:
        """`map_` fetches the platforms of one image: `map`, or one that does so concurrently.

        `check` raises for the text of a reference that must not be resolved.
        """
        self._registries = registries
        self._map = map_
        self._check = check

    def resolve(self, request: Request, previous: LockedImage | None = None) -> LockedImage:
        """What `request` means now, which is `previous` itself where nothing has changed.

        Raises `NixfetchError`: what the registry answers, a manifest that is no image's, a
        platform that the image does not have.
        """
        asked = request.reference
        if asked.tag is None and asked.digest is None:
            asked = replace(asked, tag=DEFAULT_TAG)
        try:
            self._check(request.image)
            if previous is not None and previous.request == request:
                # A digest never moves; whether a tag did costs one HEAD to learn.
                current = asked.digest or self._registries.digest(asked)
                if current == previous.digest:
                    return previous
            return self._resolve(request, asked)
        except NixfetchError as error:
            raise error.at(asked.familiar) from None

    def _resolve(self, request: Request, asked: Reference) -> LockedImage:
        content = self._registries.manifest(asked)
        offers = self.offers(asked, content)
        chosen = _choose(request, offers)
        locked = self._map(lambda offer: self._lock(asked, offer), chosen.values())
        return LockedImage(
            request=request,
            repository=asked.name,
            tag=asked.tag,
            digest=content.digest,
            platforms=dict(zip(chosen, locked, strict=True)),
        )

    def offers(self, asked: Reference, content: Content) -> list[Offer]:
        """All images in `content`, which is what the registry has for `asked`; in order."""
        top = parse(content.data, content.content_type)
        if isinstance(top, Index):
            return self._offers(asked, top, _DEPTH_LIMIT, set())
        return [self._offer(asked, top, content.digest, len(content.data))]

    def _offers(
        self, asked: Reference, index: Index, depth: int, fetched: set[Digest]
    ) -> list[Offer]:
        """All images of an index, those of the indexes in it among them, in order.

        What has been `fetched` once is not looked at again.
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
            if entry.digest in fetched:
                continue
            fetched.add(entry.digest)
            if len(fetched) > _FETCHES_LIMIT:
                raise InvalidManifest(
                    f"its index has more than {_FETCHES_LIMIT} entries that name no platform"
                )
            try:
                inner = self._fetch(asked, entry.digest, entry.size)
            except InvalidManifest:
                # An artifact that is kept beside the images.
                continue
            if isinstance(inner, Manifest):
                offers.append(self._offer(asked, inner, entry.digest, entry.size))
            elif depth > 1:
                offers += self._offers(asked, inner, depth - 1, fetched)
            else:
                raise InvalidManifest(f"its indexes are nested more than {_DEPTH_LIMIT} deep")
        return offers

    def _offer(self, asked: Reference, manifest: Manifest, digest: Digest, size: int) -> Offer:
        """A manifest whose platform only its config knows."""
        data = self._config(asked, manifest.config)
        try:
            platform = config_platform(data)
        except NixfetchError as error:
            raise error.at(f"its config {manifest.config.digest.short}") from None
        return Offer(platform=platform, digest=digest, size=size, manifest=manifest)

    def _lock(self, asked: Reference, offer: Offer) -> LockedPlatform:
        manifest = offer.manifest or self._fetch(asked, offer.digest, offer.size)
        if not isinstance(manifest, Manifest):
            raise InvalidManifest(f"{offer.digest.short} is an index where a manifest belongs")
        return LockedPlatform(
            manifest=Blob(digest=offer.digest, size=offer.size),
            media_type=manifest.media_type,
            config=_blob(manifest.config),
            layers=tuple(map(_blob, manifest.layers)),
        )

    def _fetch(self, asked: Reference, digest: Digest, size: int) -> Manifest | Index:
        content = self._registries.manifest(replace(asked.name, digest=digest), size)
        return parse(content.data, content.content_type)

    def _config(self, asked: Reference, config: Descriptor) -> bytes:
        if config.size > MANIFEST_LIMIT:
            raise InvalidManifest(f"its config is said to have {config.size} bytes")
        return self._registries.small_blob(asked.name, config.digest, config.size)


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
