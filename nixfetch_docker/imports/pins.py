"""Pins by a config's digest, turned into pins by a manifest's digest, which images.toml has.

docker2nix pinned an image by its config and its layers; its registry is asked for the manifest
that has this config.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from ..base.values import replace
from ..endpoints.settings import RegistrySettings
from ..errors import NixfetchError
from ..oci.digest import Digest
from ..oci.platform import Platform
from ..oci.reference import Reference
from ..registry.offers import NoSuchImage
from .found.image import Findings, FoundImage


class ManifestFinder(Protocol):
    """Finds manifests by their configs, as `registry.client.Client` does."""

    def find(self, reference: Reference, config: Digest, /) -> tuple[Digest, Platform]:
        """The manifest's digest and the platform of the image of `reference` with this config."""


def registry_settings(images: Iterable[FoundImage]) -> dict[str, RegistrySettings]:
    """The settings, by host, of registries that the files reach by plain HTTP."""
    hosts = {image.reference.registry for image in images if image.plain_http}
    return {host: RegistrySettings(plain_http=True) for host in hosts}


def look_up(findings: Findings, finder: ManifestFinder) -> Findings:
    """The findings with every image pinned by its config pinned by its manifest instead.

    An image whose manifest is not found becomes a problem.
    """
    pinned = replace(findings, images=[], problems=list(findings.problems))
    for image in findings.images:
        if image.config is None:
            pinned.images.append(image)
            continue
        try:
            pinned.images.append(image.pinned(*finder.find(image.reference, image.config)))
        except NixfetchError as error:
            if isinstance(error, NoSuchImage):
                error.hint = "find its digest, or pass --follow-tags to follow the tag instead"
            pinned.problems.append(error.of(image.place))
    return pinned
