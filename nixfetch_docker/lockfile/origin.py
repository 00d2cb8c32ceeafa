"""The origin of a locked image and the commands behind its layers, as its config tells them."""

from __future__ import annotations

from collections.abc import Callable

from ..errors import NixfetchError
from ..oci.config import ImageConfig
from ..oci.document import MANIFEST_LIMIT
from ..oci.labels import UNKNOWN, Origin
from .lock import LockedImage, LockedPlatform
from .sources import Sources


def find_origin(
    sources: Sources, image: LockedImage, log: Callable[[str], None] = lambda _: None
) -> Origin:
    """The origin that an image's labels give; `UNKNOWN` where they or the config are missing.

    `log` is called with a line about labels that are left out.
    """
    locked = next(iter(image.platforms.values()))
    if locked.config.size > MANIFEST_LIMIT:
        return UNKNOWN
    try:
        origin = Origin.from_config(_read_config(sources, image, locked))
    except NixfetchError:
        return UNKNOWN
    for name in origin.left_out:
        log(f"{image.repository.familiar}: its label {name} is no URL, revision or date; left out")
    return origin


def find_history(sources: Sources, image: LockedImage, locked: LockedPlatform) -> list[str]:
    """The command that made each layer; raises `NixfetchError` where the config is missing."""
    return list(ImageConfig.parse(_read_config(sources, image, locked)).history)


def _read_config(sources: Sources, image: LockedImage, locked: LockedPlatform) -> bytes:
    source = sources.at(image.place)
    return source.small_blob(image.repository, locked.config.digest, locked.config.size)
