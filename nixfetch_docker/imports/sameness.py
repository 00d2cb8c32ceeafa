"""Whether a request of images.toml has an image of a file.

Names do not count, as a person chooses those of images.toml. A request has an image where

- the repository is the same, in the normal form of references, and
- it follows versions, the image has no digest, and its tag is one of these versions; or the digest
  is the same, or both have none, and the tag is the same, or one with a digest has none; and
- its platforms have that of the file, where the file names one.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..lockfile.images import DEFAULT_PLATFORMS, Request
from ..lockfile.place import in_registry
from ..lockfile.tag_matching import find_versions
from ..oci.platform import Platform
from ..versions.follow import Follow, NoSuchVersion
from .found.image import FoundImage


def has(request: Request, image: FoundImage) -> bool:
    """Whether a request of the same repository is for the tag and the digest of an image."""
    wanted = image.reference
    if request.follow is not None:
        return wanted.digest is None and _is_followed(request.follow, wanted.tag)
    asked = request.reference
    if not in_registry(asked):
        return False
    if asked.digest != wanted.digest:
        return False
    tags = {one for one in (asked.tagged.tag, wanted.tagged.tag) if one is not None}
    is_open = image.is_tag_assumed and wanted.digest is not None
    return len(tags) <= 1 or is_open


def _is_followed(follow: Follow, tag: str | None) -> bool:
    try:
        return tag is not None and bool(follow.candidates([tag], None, find_versions))
    except NoSuchVersion:
        return False


def has_platform(request: Request, platform: Platform | None) -> bool:
    """Whether a request has the platform that a file names, if it names one."""
    return platform is None or platform.normal in {one.normal for one in platforms_of(request)}


def platforms_of(request: Request) -> Sequence[Platform]:
    """The platforms that a request is locked for, as far as the image has them."""
    return DEFAULT_PLATFORMS if request.platforms is None else request.platforms
