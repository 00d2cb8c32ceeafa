"""Resolving of requests to pins: tag, index, manifests. No layer is fetched."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

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
from ..versions.minimum_age import MinimumAge, TooYoung
from .images import DEFAULT_PLATFORMS, Request
from .lock import LockedImage, LockedPlatform
from .single_platform import describe_single_platform
from .sources import ImageSource, Sources
from .tag_matching import find_versions

_Chosen = tuple[Platform, Offer]
Map = Callable[[Callable[[_Chosen], LockedPlatform], Iterable[_Chosen]], Iterable[LockedPlatform]]

# So many newer tags are read in search of one that has every platform, or that is old enough.
_CANDIDATES_LIMIT = 5
_YOUNG_CANDIDATES_LIMIT = 20
# Why a followed tag is passed by for an older one.
_HELD_BACK = (NoSuchPlatform, TooYoung)


def _ignore(*_values: object) -> None:
    pass


class Resolver:
    """Resolves requests against registries and files. Safe to use from several threads."""

    def __init__(
        self,
        sources: Sources,
        map_: Map,
        *,
        only_digest: bool = False,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`map_` fetches the platforms of one image: `map`, or one that does so concurrently.

        `only_digest` keeps the tags that are locked. `now` gives the seconds from 1970.
        """
        self._sources = sources
        self._map = map_
        self._only_digest = only_digest
        self._now = now

    def resolve(
        self,
        request: Request,
        previous: LockedImage | None = None,
        note: Callable[[str], None] = _ignore,
        passed_by: Callable[[str, NixfetchError], None] = _ignore,
    ) -> LockedImage:
        """The pin of a request as of now; `previous` itself where nothing has changed.

        A followed tag that lacks a platform, or is too young, is passed by: `passed_by` is called
        with each such tag and the reason, and `note` with a line about the newest of each kind.
        Where all of them are too young, an image that is locked stays so. Raises `NixfetchError`:
        the source cannot be read, the manifest is not an image's, or the image lacks a platform
        that is wanted or was locked.
        """
        if (
            request.frozen
            and previous is not None
            and replace(previous.request, frozen=request.frozen) == request
        ):
            return replace(previous, request=request)
        known = (
            previous if previous is not None and _same_image(previous.request, request) else None
        )
        source = self._sources.at(request.reference)
        asked = source.reference
        held: dict[str | None, NixfetchError] = {}
        found = None
        try:
            source.check(request.image)
            for tag in self._tags(request.follow, source, known):
                asked = source.tagged(tag)
                try:
                    found = self._resolve_tag(source, asked, request, previous, note)
                    break
                except _HELD_BACK as error:
                    held[tag] = error
            if found is None:
                tag, reason = _failure(held)
                if known is None or not isinstance(reason, TooYoung):
                    asked = source.tagged(tag)
                    raise reason
                found = known if known.request == request else replace(known, request=request)
        except NixfetchError as error:
            raise error.of(source.display_name(asked)) from None
        _tell(held, note, passed_by)
        return found

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
        limit = _CANDIDATES_LIMIT if follow.minimum_age is None else _YOUNG_CANDIDATES_LIMIT
        if tag is None:
            return tags[:limit]
        newer = tags[: tags.index(tag) + 1] if tag in tags else tags[:1]
        # The locked tag is the last resort, however many newer ones there are.
        return newer if len(newer) <= limit else [*newer[:limit], tag]

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
            and _same_image(previous.request, request)
            and asked.tag == previous.tag
            and source.digest(asked) == previous.digest
        ):
            return previous if previous.request == request else replace(previous, request=request)
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
        age = request.follow.minimum_age if request.follow is not None else None
        lock = functools.partial(_lock_platform, source, walk, age, self._now())
        locked = self._map(lock, chosen.items())
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


def _same_image(before: Request, after: Request) -> bool:
    """Whether two requests differ at most in what they ask of the age of an image.

    So an image that is locked already is not replaced by an older one.
    """
    return before == after or _without_age(before) == _without_age(after)


def _without_age(request: Request) -> Request:
    follow = request.follow
    return replace(request, follow=replace(follow, minimum_age=None) if follow else None)


def _failure(
    held: Mapping[str | None, NixfetchError],
) -> tuple[str | None, NixfetchError]:
    """The newest tag that time alone does not help, or else the newest of all, with its error."""
    lasting = {tag: error for tag, error in held.items() if not isinstance(error, TooYoung)}
    return next(iter((lasting or held).items()))


def _tell(
    held: Mapping[str | None, NixfetchError],
    note: Callable[[str], None],
    passed_by: Callable[[str, NixfetchError], None],
) -> None:
    """Tell of the tags that were held back: of all, and of the newest with each kind of reason."""
    kinds = set()
    for tag, error in held.items():
        if tag is None:
            continue
        passed_by(tag, error)
        if type(error) not in kinds:
            kinds.add(type(error))
            note(f"{tag} is passed by: {error.cause}")


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


def _and(platforms: Sequence[Platform]) -> str:
    """The platforms in words: `linux/amd64 and linux/arm64`."""
    return " and ".join(map(str, platforms))
