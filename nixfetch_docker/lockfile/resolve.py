"""From a request to what it means today: tag, index, manifests. No layer is fetched."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from ..archives.local_reference import LocalReference
from ..archives.reader import LocalImage
from ..errors import NixfetchError
from ..oci.blob import Blob
from ..oci.manifest import InvalidManifest, Manifest
from ..oci.platform import Platform
from ..oci.reference import Reference
from ..registry.offers import Offer, Source, Walk, no_such_platform
from ..registry.registries import Registries
from ..versions.follow import Follow
from .images import DEFAULT_PLATFORMS, Request
from .lock import LockedImage, LockedPlatform
from .tag_matching import find_versions

Map = Callable[[Callable[[Offer], LockedPlatform], Iterable[Offer]], Iterable[LockedPlatform]]


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

    def _follow(self, follow: Follow, asked: Reference, known: LockedImage | None) -> str:
        tag = known.tag if known is not None else None
        if tag is not None and self._only_digest:
            return tag
        return follow.choose(self._registries.tags(asked.name), tag, find_versions)

    def _walk(self, source: Source, asked: Reference, request: Request, place: str) -> LockedImage:
        try:
            return self._lock(Walk(source, asked), source, asked, request)
        except NixfetchError as error:
            raise error.at(place) from None

    def _lock(self, walk: Walk, source: Source, asked: Reference, request: Request) -> LockedImage:
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
        raise InvalidManifest(f"{offer.digest.short} is an index where a manifest belongs")
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
