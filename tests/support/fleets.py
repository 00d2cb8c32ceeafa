"""Images and requests as scripts/fleet.py counts them."""

from __future__ import annotations

import fleet

from . import oci
from .registry import Registry
from .tokens import Tokens


def model(repository: str, image: oci.Image) -> fleet.Image:
    """An image as the simulation takes it."""
    others = (image.config, *(layer.data for layer in image.layers))
    manifest = fleet.Blob(name=image.digest, size=len(image.manifest), is_manifest=True)
    blobs = [fleet.Blob(name=oci.digest(data), size=len(data)) for data in others]
    return fleet.Image(repository=repository, blobs=[manifest, *blobs])


class Counter:
    """Counts the requests to a registry that has no CDN, and to its token server."""

    def __init__(self, registry: Registry, tokens: Tokens) -> None:
        self._registry = registry
        self._tokens = tokens
        self._seen = self._asked = 0
        self.take()

    def take(self) -> fleet.Traffic:
        """The traffic since the last call, or since this counter was made."""
        accesses = self._registry.accesses()[self._seen :]
        tokens = len(self._tokens.asked) - self._asked
        self._seen += len(accesses)
        self._asked += tokens
        answered = [one for one in accesses if one.status == 200]
        manifests = sum("/manifests/" in one.path for one in answered)
        return fleet.Traffic(
            refused=len(accesses) - len(answered),
            tokens=tokens,
            manifests=manifests,
            blobs=len(answered) - manifests,
            size=sum(one.sent for one in answered),
        )
