"""One image among those that a reference leads to: by its platform, or by its config."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..base.values import replace
from ..oci.image import Image
from ..oci.manifest import Index

if TYPE_CHECKING:
    from ..oci.digest import Digest
    from ..oci.platform import Platform
    from ..oci.reference import Reference
    from .offers import Source


def read_image(source: Source, asked: Reference, platform: Platform | None) -> Image:
    """The image of a reference for one platform.

    Without a platform, an index gives the image for Linux on this machine's CPU, and a manifest
    is taken for any platform. Raises `NoSuchPlatform` and other `NixfetchError`.
    """
    named = content = source.manifest(asked)
    if platform is None and not isinstance(content.document, Index):
        return Image.of(asked, content)
    import os

    from ..oci.platform import Platform
    from .offers import Walk, choose, no_such_platform

    offers = Walk(source, asked).offers(content)
    available = [offer.platform for offer in offers]
    wanted = platform or Platform.of_machine(os.uname().machine)
    chosen = choose(wanted, offers)
    if chosen is None:
        raise no_such_platform([wanted], available)
    if chosen.digest != content.digest:
        content = source.manifest(replace(asked.name, digest=chosen.digest), chosen.size)
    image = Image.of(asked, content)
    index = named.digest if isinstance(named.document, Index) else None
    return replace(image, platforms=tuple(dict.fromkeys(available)), index=index)


def find_by_config(source: Source, asked: Reference, config: Digest) -> tuple[Digest, Platform]:
    """The manifest's digest and the platform of the image that has this config.

    Raises `NoSuchImage` and other `NixfetchError`.
    """
    from .offers import NoSuchImage, Walk

    walk = Walk(source, asked)
    for offer in walk.offers(source.manifest(asked)):
        if walk.manifest(offer).config.digest == config:
            return offer.digest, offer.platform
    raise NoSuchImage(f"no image there has the config {config} any more")
