"""The explanation of one pin: what was asked, since when it is locked, and what was passed by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..base import toml
from ..base.values import dataclass, replace
from ..errors import NixfetchError, UsageError
from ..versions.follow import Follow
from ..versions.passed_by import NewerTags, PassedBy, newer_tags
from .history import Commit, commit_that_locked
from .images import Images
from .lock import Lock, LockedImage
from .project import Project
from .resolve import Resolver, Vouch
from .selection import choose_from
from .sources import Sources
from .tag_matching import find_versions
from .vouchers import document

_UNREAD = "only the newest tags are looked at, and it is none of them"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """Another image that has some of the same layers."""

    name: str
    layers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why an image is locked at its tag.

    `asked` is the entry of images.toml that the pin answers. `since` is the commit that locked it,
    None where git does not tell; `newer` is None where no registry was asked. `notes` say what is
    not known, and why; `failure` is that of the registry.
    """

    name: str
    image: LockedImage
    since: Commit | None
    newer: NewerTags | None
    shared: Sequence[Shared]
    notes: Sequence[str]
    failure: NixfetchError | None = None

    @property
    def document(self) -> dict[str, Any]:
        """The explanation for programs."""
        newer = self.newer
        return {
            "version": 1,
            "name": self.name,
            "asked": dict(toml.parse(f"x = {self.image.request.to_toml()}").table("x").values),
            "repository": str(self.image.repository),
            "tag": self.image.tag,
            "digest": str(self.image.digest),
            **document(self.image.vouchers),
            "since": self.since.document if self.since is not None else None,
            "newer": list(newer.wanted) if newer is not None else None,
            "passedBy": (
                [{"tag": one.tag, "reason": one.reason} for one in newer.passed_by]
                if newer is not None
                else None
            ),
            "shared": [{"name": one.name, "layers": one.layers} for one in self.shared],
            "notes": list(self.notes),
            "error": str(self.failure) if self.failure is not None else None,
        }


def explain(
    project: Project,
    images: Images,
    lock: Lock,
    name: str,
    *,
    sources: Sources | None,
    vouch: Vouch = lambda pin, _: pin,
) -> Explanation:
    """Explain the pin of an image; `sources` is None where no registry is to be asked.

    `vouch` is that of `Resolver`.

    A registry that fails is told in `failure`, and a missing git in the notes. Raises `UsageError`
    for an image that is not locked.
    """
    image = _locked(project, images, lock, name)
    notes: list[str] = []
    if images.requests.get(name) != image.request:
        notes.append(f"images.toml asks for it otherwise by now: run {project.command('lock')}")
    newer = failure = None
    if image.request.frozen:
        notes.append("it is frozen, so it keeps its pin whatever its tags mean")
    follow = image.request.follow
    if follow is None or image.tag is None:
        notes.append("images.toml names what is locked, so no other tag is looked for")
    elif sources is None:
        notes.append("no registry was asked which newer tags there are")
    else:
        try:
            newer = _newer(image, image.tag, follow, Resolver(sources, map, vouch=vouch), sources)
        except NixfetchError as error:
            failure = error.at("which newer tags there are is not known")
    try:
        since = commit_that_locked(project, name, image)
        if since is None:
            notes.append("git has no commit with this pin yet")
    except NixfetchError as error:
        since = None
        notes.append(f"since when it is locked is not known: {error.cause}")
    return Explanation(
        name=name,
        image=image,
        since=since,
        newer=newer,
        shared=_shared(lock, name),
        notes=notes,
        failure=failure,
    )


def _locked(project: Project, images: Images, lock: Lock, name: str) -> LockedImage:
    image = lock.images.get(name)
    if image is None and name in images.requests:
        raise UsageError(
            f"{name} is not locked yet", hint=f"run {project.command('lock')} to pin it"
        )
    if image is None:
        known = dict.fromkeys([*images.requests, *lock.images])
        raise UsageError(f"no image is named {name!r}", hint=choose_from(known, name))
    return image


def _newer(
    image: LockedImage, tag: str, follow: Follow, resolver: Resolver, sources: Sources
) -> NewerTags:
    """The newer tags, where those that lack a platform are passed by too."""
    source = sources.at(image.request.reference)
    newer = newer_tags(follow, source.tags(), tag, find_versions)
    if not newer.wanted:
        return newer
    request = replace(image.request, frozen=None)
    held: dict[str, NixfetchError] = {}
    before = replace(image, request=request)
    found = resolver.resolve(request, before, passed_by=held.__setitem__)
    place = newer.wanted.index(found.tag) if found.tag in newer.wanted else len(newer.wanted)
    passed = [
        PassedBy(tag=one, reason=held[one].what if one in held else _UNREAD)
        for one in newer.wanted[:place]
    ]
    return NewerTags(wanted=newer.wanted[place:], passed_by=(*passed, *newer.passed_by))


def _shared(lock: Lock, name: str) -> list[Shared]:
    """The other images that have layers of this one, the most layers first."""
    own = {blob for one in lock.images[name].platforms.values() for blob in one.layers}
    counts = {
        other: len(own & {blob for one in image.platforms.values() for blob in one.layers})
        for other, image in lock.images.items()
        if other != name
    }
    found = [Shared(name=other, layers=layers) for other, layers in counts.items() if layers]
    return sorted(found, key=lambda one: (-one.layers, one.name))
