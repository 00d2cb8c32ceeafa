"""Resolving of requests to pins: tag, index, manifests. No layer is fetched."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from ..errors import NixfetchError
from ..oci.blob import Blob
from ..oci.document import InvalidManifest
from ..oci.manifest import Manifest
from ..oci.platform import Platform
from ..oci.reference import Reference
from ..registry.offers import Offer, Walk, no_such_platform
from ..versions.follow import Follow
from .images import DEFAULT_PLATFORMS, Request
from .lock import LockedImage, LockedPlatform
from .sources import ImageSource, Sources
from .tag_matching import find_versions

Map = Callable[[Callable[[Offer], LockedPlatform], Iterable[Offer]], Iterable[LockedPlatform]]


class Resolver:
    """Resolves requests against registries and files. Safe to use from several threads."""

    def __init__(self, sources: Sources, map_: Map, *, only_digest: bool = False) -> None:
        """`map_` fetches the platforms of one image: `map`, or one that does so concurrently.

        `only_digest` keeps the tags that are locked.
        """
        self._sources = sources
        self._map = map_
        self._only_digest = only_digest

    def resolve(self, request: Request, previous: LockedImage | None = None) -> LockedImage:
        """The pin of a request as of now; `previous` itself where nothing has changed.

        Raises `NixfetchError`: the source cannot be read, the manifest is not an image's, or the
        image lacks a platform.
        """
        if (
            request.frozen
            and previous is not None
            and replace(previous.request, frozen=request.frozen) == request
        ):
            return replace(previous, request=request)
        known = previous if previous is not None and previous.request == request else None
        source = self._sources.at(request.reference)
        asked = source.reference
        try:
            source.check(request.image)
            asked = source.tagged(self._follow(request.follow, source, known))
            # The tag first: asking for the digest is a request.
            if (
                known is not None
                and asked.tag == known.tag
                and source.digest(asked) == known.digest
            ):
                return known
            return self._lock(source, asked, request)
        except NixfetchError as error:
            raise error.at(source.display_name(asked)) from None

    def _follow(
        self, follow: Follow | None, source: ImageSource, known: LockedImage | None
    ) -> str | None:
        if follow is None:
            return None
        tag = known.tag if known is not None else None
        if tag is not None and self._only_digest:
            return tag
        return follow.choose(source.tags(), tag, find_versions)

    def _lock(self, source: ImageSource, asked: Reference, request: Request) -> LockedImage:
        walk = Walk(source, asked)
        content = source.manifest(asked)
        offers = walk.offers(content)
        chosen = _choose(request, offers)
        locked = self._map(lambda offer: _locked(walk, offer), chosen.values())
        return LockedImage(
            request=request,
            repository=asked.name,
            tag=asked.tag,
            digest=content.digest,
            platforms=dict(zip(chosen, locked, strict=True)),
        )


def _locked(walk: Walk, offer: Offer) -> LockedPlatform:
    manifest = offer.manifest or walk.fetch(offer.digest, offer.size)
    if not isinstance(manifest, Manifest):
        raise InvalidManifest(f"expected a manifest, found the index {offer.digest.short}")
    return LockedPlatform(
        manifest=Blob(digest=offer.digest, size=offer.size),
        media_type=manifest.media_type,
        config=manifest.config.blob,
        layers=tuple(layer.blob for layer in manifest.layers),
    )


def _choose(request: Request, offers: list[Offer]) -> dict[Platform, Offer]:
    """The offer for every platform asked for, in normal form, or for the default ones there are."""
    available = [offer.platform for offer in offers]
    chosen: dict[Platform, Offer] = {}
    for platform in request.platforms or DEFAULT_PLATFORMS:
        position = platform.choose(available)
        if position is not None:
            chosen[platform.normal] = offers[position]
        elif request.platforms is not None:
            raise no_such_platform(str(platform), available)
    if not chosen:
        raise no_such_platform(" or ".join(map(str, DEFAULT_PLATFORMS)), available)
    return chosen
