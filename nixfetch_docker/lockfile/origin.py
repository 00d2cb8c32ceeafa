"""Where a locked image comes from, as its config says."""

from __future__ import annotations

from ..archives.local_reference import LocalReference
from ..errors import NixfetchError
from ..oci.labels import UNKNOWN, Origin
from ..oci.manifest import MANIFEST_LIMIT
from ..registry.registries import Registries
from .lock import LockedImage


def find_origin(registries: Registries, image: LockedImage) -> Origin:
    """Where an image says that it comes from; nothing where that cannot be learned."""
    config = next(iter(image.platforms.values())).config
    if isinstance(image.request.reference, LocalReference) or config.size > MANIFEST_LIMIT:
        return UNKNOWN
    try:
        data = registries.small_blob(image.repository, config.digest, config.size)
    except NixfetchError:
        return UNKNOWN
    return Origin.from_config(data)
