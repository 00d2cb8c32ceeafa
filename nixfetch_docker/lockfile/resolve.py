"""Resolving of requests to pins: tag, index, manifests. No layer is fetched."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence

from ..base.redact import quote
from ..base.values import replace
from ..errors import NixfetchError, NotFoundError
from ..oci.blob import Blob
from ..oci.config import ImageConfig
from ..oci.document import InvalidManifest
from ..oci.manifest import Index
from ..oci.platform import Platform
from ..oci.reference import Reference
from ..registry.offers import (
    NoSuchPlatform,
    Offer,
    Walk,
    choose,
    no_such_platform,
    read_config,
)
from ..versions.follow import Follow
from .images import DEFAULT_PLATFORMS, Request
from .lock import LockedImage, LockedPlatform
from .single_platform import describe_single_platform
from .sources import ImageSource, Sources
from .tag_matching import find_versions

_Chosen = tuple[Platform, Offer]
Map = Callable[[Callable[[_Chosen], LockedPlatform], Iterable[_Chosen]], Iterable[LockedPlatform]]

# So many newer tags are read in search of one that has every platform.
_CANDIDATES_LIMIT = 5


def _ignore(_line: str) -> None:
    pass


class Resolver:
    """Resolves requests against registries and files. Safe to use from several threads."""

    def __init__(self, sources: Sources, map_: Map, *, only_digest: bool = False) -> None:
        """`map_` fetches the platforms of one image: `map`, or one that does so concurrently.

        `only_digest` keeps the tags that are locked.
        """
        self._sources = sources
        self._map = map_
        self._only_digest = only_digest

    def resolve(
        self,
        request: Request,
        previous: LockedImage | None = None,
        note: Callable[[str], None] = _ignore,
    ) -> LockedImage:
        """The pin of a request as of now; `previous` itself where nothing has changed.

        A followed tag that lacks a platform is passed by, and `note` is called with a line about
        it. Raises `NixfetchError`: the source cannot be read, the manifest is not an image's, or
        the image lacks a platform that is wanted or was locked.
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
            first, *others = self._tags(request.follow, source, known)
            try:
                asked = source.tagged(first)
                return self._resolve_tag(source, asked, request, previous, note)
            except NoSuchPlatform as error:
                newest = error
            for tag in others:
                asked = source.tagged(tag)
                try:
                    found = self._resolve_tag(source, asked, request, previous, note)
                except NoSuchPlatform:
                    continue
                note(f"{first} is passed by: {newest.cause}")
                return found
            asked = source.tagged(first)
            raise newest
        except NixfetchError as error:
            raise error.of(source.display_name(asked)) from None

    def _tags(
        self, follow: Follow | None, source: ImageSource, known: LockedImage | None
    ) -> Sequence[str | None]:
        """The tags to try, the newest first: never one that is older than the locked one."""
        if follow is None:
            return [None]
        tag = known.tag if known is not None else None
        if tag is not None and self._only_digest:
            return [tag]
        tags = follow.candidates(source.tags(), tag, find_versions)
        if tag is None:
            return tags[:_CANDIDATES_LIMIT]
        newer = tags[: tags.index(tag) + 1] if tag in tags else tags[:1]
        # The locked tag is the last resort, however many newer ones there are.
        return newer if len(newer) <= _CANDIDATES_LIMIT else [*newer[:_CANDIDATES_LIMIT], tag]

    def _resolve_tag(
        self,
        source: ImageSource,
        asked: Reference,
        request: Request,
        previous: LockedImage | None,
        note: Callable[[str], None],
    ) -> LockedImage:
        # The tag first: asking for the digest is a request.
        if (
            previous is not None
            and previous.request == request
            and asked.tag == previous.tag
            and source.digest(asked) == previous.digest
        ):
            return previous
        found = self._lock(source, asked, request, note)
        if previous is not None:
            _refuse_loss(found, previous)
        return found

    def _lock(
        self,
        source: ImageSource,
        asked: Reference,
        request: Request,
        note: Callable[[str], None],
    ) -> LockedImage:
        walk = Walk(source, asked)
        content = source.manifest(asked)
        offers = walk.offers(content, request.platforms or DEFAULT_PLATFORMS)
        chosen = _choose(request, offers)
        if asked.digest is not None and not isinstance(content.document, Index):
            platforms = [offer.platform for offer in offers]
            for line in describe_single_platform(source, asked, platforms):
                note(line)
        locked = self._map(functools.partial(_lock_platform, source, walk), chosen.items())
        return LockedImage(
            request=request,
            repository=asked.name,
            tag=asked.tag,
            digest=content.digest,
            platforms=dict(zip(chosen, locked, strict=True)),
        )


def _refuse_loss(found: LockedImage, previous: LockedImage) -> None:
    """Raise where an image that names no platforms has lost one that is locked."""
    if found.request.platforms or found.repository != previous.repository:
        return
    kept = set(previous.platforms)
    if previous.request.platforms:
        # The list of platforms was removed: the default ones are meant from now on.
        kept &= {platform.normal for platform in DEFAULT_PLATFORMS}
    lost = sorted(kept - found.platforms.keys())
    if lost:
        there_are = sorted(found.platforms)
        written = ", ".join(f'"{platform}"' for platform in there_are)
        raise NoSuchPlatform(
            f"it has no image for {_and(lost)} any more, which is locked at "
            f"{previous.tag or previous.digest.short}, only for {_and(there_are)}",
            hint=f"to accept that, write platforms = [{written}] for it in images.toml",
        )


def _lock_platform(
    source: ImageSource, walk: Walk, chosen: tuple[Platform, Offer]
) -> LockedPlatform:
    platform, offer = chosen
    try:
        manifest = walk.manifest(offer)
    except NotFoundError as error:
        raise NotFoundError(
            f"its index has the manifest {offer.digest.short} for {platform}, and the registry has "
            f"it no more ({error.cause})",
            hint="push the image again, or leave this platform out with platforms = […] in "
            "images.toml",
        ) from None
    for layer in manifest.layers:
        if layer.urls and not source.has(layer.digest, is_manifest=False):
            raise InvalidManifest(
                f"its layer {layer.digest.short} for {platform} is not in the registry, only at "
                f"{quote(layer.urls[0])}",
                hint="push the image to a registry of your own together with its foreign layers",
            )
    try:
        config = read_config(source, source.reference.name, manifest.config)
        ImageConfig.parse(config).check_layers(len(manifest.layers))
    except NixfetchError as error:
        raise error.at(f"its config {manifest.config.digest.short} for {platform}") from None
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
        offer = choose(platform, offers)
        if offer is not None:
            chosen[platform.normal] = offer
        elif request.platforms is not None:
            raise _none_of([platform], available)
    if not chosen:
        raise _none_of(DEFAULT_PLATFORMS, available)
    return chosen


def _none_of(wanted: Sequence[Platform], available: list[Platform]) -> NoSuchPlatform:
    """The error for an image that lacks platforms, which says where to write others."""
    error = no_such_platform(wanted, available)
    if error.hint:
        error.hint += ", by platforms = […] in images.toml or `add --platform`"
    return error


def _and(platforms: Sequence[Platform]) -> str:
    """The platforms in words: `linux/amd64 and linux/arm64`."""
    return " and ".join(map(str, platforms))
