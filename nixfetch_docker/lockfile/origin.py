"""The origin of a locked image and the commands behind its layers, as its config tells them."""

from __future__ import annotations

from ..errors import NixfetchError
from ..oci.config import ImageConfig
from ..oci.document import MANIFEST_LIMIT
from ..oci.labels import UNKNOWN, Origin
from .lock import LockedImage, LockedPlatform
from .sources import Sources


def find_origin(sources: Sources, image: LockedImage) -> Origin:
    """The origin that an image's labels give; `UNKNOWN` where they or the config are missing."""
    locked = next(iter(image.platforms.values()))
    if locked.config.size > MANIFEST_LIMIT:
        return UNKNOWN
    try:
        return Origin.from_config(_read_config(sources, image, locked))
    except NixfetchError:
        return UNKNOWN


def find_history(sources: Sources, image: LockedImage, locked: LockedPlatform) -> list[str]:
    """The command that made each layer; raises `NixfetchError` where the config is missing."""
    return list(ImageConfig.parse(_read_config(sources, image, locked)).history)


def _read_config(sources: Sources, image: LockedImage, locked: LockedPlatform) -> bytes:
    source = sources.at(image.place)
    return source.small_blob(image.repository, locked.config.digest, locked.config.size)
