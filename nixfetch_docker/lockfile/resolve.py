"""Resolving of requests to pins: tag, index, manifests. No layer is fetched."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from ..base.values import replace
from ..errors import NixfetchError
from ..oci.platform import Platform
from ..oci.reference import Reference
from ..registry.offers import NoSuchPlatform
from ..versions.follow import Follow
from ..versions.minimum_age import TooYoung
from .images import DEFAULT_PLATFORMS, Request
from .lock import LockedImage
from .pin import Map, pin
from .sources import ImageSource, Sources
from .tag_matching import find_versions
from .vouching import Unvouched

Vouch = Callable[[LockedImage, LockedImage | None], LockedImage]

# So many newer tags are read in search of one that has every platform, or that is old enough.
_CANDIDATES_LIMIT = 5
_YOUNG_CANDIDATES_LIMIT = 20
# Why a followed tag is passed by for an older one.
_HELD_BACK = (NoSuchPlatform, TooYoung, Unvouched)


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
        vouch: Vouch = lambda pin, _: pin,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`map_` fetches the platforms of one image: `map`, or one that does so concurrently.

        `only_digest` keeps the tags that are locked. `vouch` gives a pin with the record of who
        vouches for it, as `vouching.Vouching.vouched` does. `now` gives the seconds from 1970.
        """
        self._sources = sources
        self._map = map_
        self._only_digest = only_digest
        self._vouch = vouch
        self._now = now

    def resolve(
        self,
        request: Request,
        previous: LockedImage | None = None,
        note: Callable[[str], None] = _ignore,
        passed_by: Callable[[str, NixfetchError], None] = _ignore,
    ) -> LockedImage:
        """The pin of a request as of now; `previous` itself where nothing has changed.

        A followed tag that lacks a platform, is too young or is not signed is passed by:
        `passed_by` is called with each such tag and the reason, and `note` with a line about the
        newest of each kind. Where all are too young, an image that is locked stays so. Raises
        `NixfetchError`: the source cannot be read, the manifest is not an image's, the image lacks
        a platform that is wanted or was locked, or nobody vouches for it.
        """
        if (
            request.frozen
            and previous is not None
            and _same_image(replace(previous.request, frozen=request.frozen), request)
        ):
            return self._frozen(previous, request)
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
                found = self._kept(known, request)
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
            return self._kept(previous, request)
        found = pin(source, asked, request, self._map, note=note, now=self._now())
        if previous is not None:
            _refuse_loss(found, previous)
        return self._vouch(found, previous)

    def _kept(self, previous: LockedImage, request: Request) -> LockedImage:
        """The pin so far, for a request that differs from its own in `_same_image` at most."""
        if previous.request == request:
            return self._vouch(previous, previous)
        return self._vouch(replace(previous, request=request), previous)

    def _frozen(self, previous: LockedImage, request: Request) -> LockedImage:
        """The pin so far, for which no tag is asked for, and no file read."""
        try:
            return self._vouch(replace(previous, request=request), previous)
        except NixfetchError as error:
            named = replace(previous.repository, tag=previous.tag)
            raise error.of(named.familiar) from None


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
    """Whether two requests differ at most in what they ask of the age and the signers of an image.

    So an image that is locked already is not replaced by an older one.
    """
    return before == after or _image_alone(before) == _image_alone(after)


def _image_alone(request: Request) -> Request:
    follow = replace(request.follow, minimum_age=None) if request.follow is not None else None
    return replace(request, follow=follow, signed_by=None)


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


def _and(platforms: Sequence[Platform]) -> str:
    """The platforms in words: `linux/amd64 and linux/arm64`."""
    return " and ".join(map(str, platforms))
