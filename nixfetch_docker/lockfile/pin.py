"""The pin of one reference: the index, and the manifests and configs of its platforms."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence

from ..base.redact import quote
from ..errors import NixfetchError, NotFoundError
from ..oci.blob import Blob
from ..oci.config import ImageConfig
from ..oci.document import InvalidManifest
from ..oci.manifest import Index
from ..oci.platform import Platform
from ..oci.reference import Reference
from ..registry.offers import NoSuchPlatform, Offer, Walk, choose, no_such_platform, read_config
from ..versions.minimum_age import MinimumAge
from .images import DEFAULT_PLATFORMS, Request
from .lock import LockedImage, LockedPlatform
from .single_platform import describe_single_platform
from .sources import ImageSource

_Chosen = tuple[Platform, Offer]
Map = Callable[[Callable[[_Chosen], LockedPlatform], Iterable[_Chosen]], Iterable[LockedPlatform]]


def pin(
    source: ImageSource,
    asked: Reference,
    request: Request,
    map_: Map,
    *,
    note: Callable[[str], None] | None = None,
    now: float = 0,
) -> LockedImage:
    """The pin of a request that the reference `asked` gives now, without vouchers.

    `map_` fetches the platforms: `map`, or one that does so concurrently. `note` is called with
    lines about the image, for which its tag may be asked for. `now` is in seconds from 1970. Raises
    `TooYoung` for an image that is younger than the request wants, `NoSuchPlatform`, and other
    errors of the image and its source.
    """
    walk = Walk(source, asked)
    content = source.manifest(asked)
    offers = walk.offers(content, request.platforms or DEFAULT_PLATFORMS)
    chosen = _choose(request, offers)
    if note and asked.digest is not None and not isinstance(content.document, Index):
        platforms = [offer.platform for offer in offers]
        for line in describe_single_platform(source, asked, platforms):
            note(line)
    age = request.follow.minimum_age if request.follow is not None else None
    lock = functools.partial(_lock_platform, source, walk, age, now)
    locked = map_(lock, chosen.items())
    return LockedImage(
        request=request,
        repository=asked.name,
        tag=asked.tag,
        digest=content.digest,
        platforms=dict(zip(chosen, locked, strict=True)),
    )


def _lock_platform(
    source: ImageSource,
    walk: Walk,
    age: MinimumAge | None,
    now: float,
    chosen: tuple[Platform, Offer],
) -> LockedPlatform:
    """The blobs of an offer; raises `TooYoung` for one that is not of an `age` by `now`."""
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
        data = read_config(source, source.reference.name, manifest.config)
        config = ImageConfig.parse(data)
        config.check_layers(len(manifest.layers))
        created = config.created if age is not None else None
    except NixfetchError as error:
        raise error.at(f"its config {manifest.config.digest.short} for {platform}") from None
    if age is not None:
        age.check(created, now)
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
