"""Whether locked images are as their registries have them, and signed as images.toml demands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ..base.accident import accident
from ..base.values import dataclass, replace
from ..errors import Cancelled, NixfetchError
from ..oci.platform import Platform
from ..versions.follow import NoSuchVersion
from .images import Images
from .lock import Lock, LockedImage, LockedPlatform
from .pin import pin
from .sources import Sources
from .tag_matching import find_versions
from .vouchers import document

if TYPE_CHECKING:
    from ..signatures.voucher import Voucher

_RESTORE = "restore the lock from git, or delete it and run `nixfetch-docker update`"

Verified = Callable[[LockedImage], "tuple[Voucher, ...] | None"]


class WrongLock(NixfetchError):
    """A lock that names other blobs for an image than its registry has under its digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found of one locked image.

    `vouchers` are those who signed it, None where nobody is demanded. `error` says what is wrong,
    or why that is not known.
    """

    name: str
    image: LockedImage
    vouchers: tuple[Voucher, ...] | None = None
    error: NixfetchError | None = None

    @property
    def document(self) -> dict[str, Any]:
        """The finding for programs, as docs/reference/verify.schema.json describes it."""
        return {
            "name": self.name,
            "repository": str(self.image.repository),
            "tag": self.image.tag,
            "digest": str(self.image.digest),
            "verified": self.error is None,
            "demanded": self.vouchers is not None if self.error is None else None,
            **document(self.vouchers or ()),
            "error": str(self.error) if self.error is not None else None,
        }


def audit(
    name: str, images: Images, lock: Lock, *, sources: Sources, verified: Verified
) -> Finding:
    """Compare the pin of an image with its source, and have its signatures checked.

    No tag is asked for. `verified` is that of `vouching.Vouching`. It is asked for what images.toml
    demands now, whatever was demanded when the image was locked. Every error of the image is in the
    finding.
    """
    image = lock.images[name]
    try:
        _compare(image, sources)
        vouchers = verified(_asked_now(name, image, images))
    except Cancelled:
        raise
    except Exception as error:
        failure = error if isinstance(error, NixfetchError) else accident(error)
        return Finding(name=name, image=image, error=failure.of(name))
    return Finding(name=name, image=image, vouchers=vouchers)


def _asked_now(name: str, image: LockedImage, images: Images) -> LockedImage:
    """The pin with what images.toml demands now, and with a record of that demand alone."""
    request = images.requests.get(name)
    if request is None or request.signed_by == image.request.signed_by:
        return image
    asked = replace(image.request, signed_by=request.signed_by)
    return replace(image, request=asked, vouchers=())


def _compare(image: LockedImage, sources: Sources) -> None:
    """Raise `WrongLock` unless all blobs of a pin are those that its digest leads to.

    A registry's answer is verified by the digest, so what is compared is what was once pushed.
    """
    _check_tag(image)
    source = sources.at(image.place)
    asked = replace(image.repository, digest=image.digest)
    request = replace(
        image.request, platforms=tuple(image.platforms), follow=None, signed_by=None, frozen=None
    )
    found = pin(source, asked, request, map)
    for platform, locked in sorted(image.platforms.items()):
        wrong = next(_differences(platform, locked, found.platforms[platform]), None)
        if wrong is not None:
            raise WrongLock(f"{wrong}, by its digest {image.digest.short}", hint=_RESTORE)


def _check_tag(image: LockedImage) -> None:
    """Raise `WrongLock` for a tag that an update could not have taken.

    Whoever writes an older one into the lock has an image that was signed once, too.
    """
    follow = image.request.follow
    if follow is None:
        return
    if image.tag is None:
        raise WrongLock("the lock has no tag, and a tag is followed", hint=_RESTORE)
    try:
        follow.candidates([image.tag], image.tag, find_versions)
    except NoSuchVersion:
        raise WrongLock(
            f"the lock has the tag {image.tag}, which is none that is followed", hint=_RESTORE
        ) from None


def _differences(
    platform: Platform, locked: LockedPlatform, found: LockedPlatform
) -> Iterator[str]:
    """What the lock has otherwise than the image, in words."""
    for what, one, other in (
        ("manifest", locked.manifest, found.manifest),
        ("config", locked.config, found.config),
    ):
        if one.digest != other.digest:
            yield (
                f"the lock has the {what} {one.digest.short} for {platform}, and the image has "
                f"{other.digest.short}"
            )
        elif one != other:
            yield (
                f"the lock has {one.size} bytes for the {what} for {platform}, and the image has "
                f"{other.size}"
            )
    if locked.media_type != found.media_type:
        yield f"the lock has another media type for the manifest for {platform} than the image"
    if len(locked.layers) != len(found.layers):
        yield (
            f"the lock has {len(locked.layers)} layers for {platform}, and the image has "
            f"{len(found.layers)}"
        )
    for number, (layer, other) in enumerate(zip(locked.layers, found.layers, strict=False), 1):
        if layer != other:
            yield (
                f"the lock has layer {number} for {platform} as {layer.digest.short} with "
                f"{layer.size} bytes, and the image has {other.digest.short} with {other.size}"
            )
