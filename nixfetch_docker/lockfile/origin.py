"""The origin of a locked image, as its config tells it."""

from __future__ import annotations

from ..errors import NixfetchError
from ..oci.labels import UNKNOWN, Origin
from ..oci.manifest import MANIFEST_LIMIT
from .lock import LockedImage
from .sources import Sources


def find_origin(sources: Sources, image: LockedImage) -> Origin:
    """The origin that an image's labels give; `UNKNOWN` where they or the config are missing."""
    config = next(iter(image.platforms.values())).config
    if config.size > MANIFEST_LIMIT:
        return UNKNOWN
    try:
        data = sources.at(image.place).small_blob(image.repository, config.digest, config.size)
    except NixfetchError:
        return UNKNOWN
    return Origin.from_config(data)
