"""From a request to what it means today: tag, index, manifests. No layer is fetched."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from .digest import Digest
from .errors import NixfetchError
from .images import DEFAULT_PLATFORMS, Request
from .lock import Blob, LockedImage, LockedPlatform
from .manifest import (
    INDEX_TYPES,
    Descriptor,
    Index,
    InvalidManifest,
    Manifest,
    config_platform,
    parse,
)
from .platform import Platform
from .reference import DEFAULT_TAG, Reference
from .registry import MANIFEST_LIMIT, Registries

# An index of indexes is legal; nobody needs more than one of indexes of indexes.
_DEPTH_LIMIT = 3


class NoSuchPlatform(NixfetchError):
    """An image that has nothing for a platform asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Offer:
    """One platform's manifest, as far as it is known: read already, or by its descriptor."""

    platform: Platform
    digest: Digest
    size: int
    manifest: Manifest | None = None


Map = Callable[[Callable[[_Offer], LockedPlatform], Iterable[_Offer]], Iterable[LockedPlatform]]


class Resolver:
    """Resolves requests against registries."""

    def __init__(self, registries: Registries, map_: Map) -> None:
        """`map_` fetches the platforms of one image: `map`, or one that does so concurrently."""
        self._registries = registries
        self._map = map_

    def resolve(self, request: Request, previous: LockedImage | None = None) -> LockedImage:
        """What `request` means now, which is `previous` itself where nothing has changed.

        Raises `NixfetchError`: what the registry answers, a manifest that is no image's, a
        platform that the image does not have.
        """
        asked = request.reference
        if asked.tag is None and asked.digest is None:
            asked = replace(asked, tag=DEFAULT_TAG)
        try:
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
        top = parse(content.data, content.content_type)
        if isinstance(top, Index):
            offers = self._offers(asked, top, _DEPTH_LIMIT)
        else:
            offers = [self._offer(asked, top, content.digest, len(content.data))]
        chosen = _choose(request, offers)
        locked = self._map(lambda offer: self._lock(asked, offer), chosen.values())
        return LockedImage(
            request=request,
            repository=asked.name,
            tag=asked.tag,
            digest=content.digest,
            platforms=dict(zip(chosen, locked, strict=True)),
        )

    def _offers(self, asked: Reference, index: Index, depth: int) -> list[_Offer]:
        """All images of an index, those of the indexes in it among them, in order."""
        offers: list[_Offer] = []
        for entry in index.manifests:
            if entry.is_attestation:
                continue
            if entry.platform is not None and entry.media_type not in INDEX_TYPES:
                offers.append(_Offer(platform=entry.platform, digest=entry.digest, size=entry.size))
                continue
            inner = self._fetch(asked, entry.digest, entry.size)
            if isinstance(inner, Manifest):
                offers.append(self._offer(asked, inner, entry.digest, entry.size))
            elif depth > 1:
                offers += self._offers(asked, inner, depth - 1)
            else:
                raise InvalidManifest(f"its indexes are nested more than {_DEPTH_LIMIT} deep")
        return offers

    def _offer(self, asked: Reference, manifest: Manifest, digest: Digest, size: int) -> _Offer:
        """A manifest whose platform only its config knows."""
        platform = config_platform(self._config(asked, manifest.config))
        return _Offer(platform=platform, digest=digest, size=size, manifest=manifest)

    def _lock(self, asked: Reference, offer: _Offer) -> LockedPlatform:
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
        with self._registries.blob(asked.name, config.digest, config.size) as chunks:
            return b"".join(chunks)


def _choose(request: Request, offers: list[_Offer]) -> dict[Platform, _Offer]:
    """The offer for every platform asked for, or for the default ones that there are."""
    available = [offer.platform for offer in offers]
    chosen: dict[Platform, _Offer] = {}
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
    there_are = ", ".join(sorted({str(platform) for platform in available})) or "none"
    return NoSuchPlatform(
        f"there is no image for {wanted}",
        hint=f"set platforms to some of those that there are: {there_are}",
    )


def _blob(descriptor: Descriptor) -> Blob:
    return Blob(digest=descriptor.digest, size=descriptor.size)
