"""Builders of the values and documents that several unit tests need."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from nixfetch_docker.base.values import replace
from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.lockfile.images import Request
from nixfetch_docker.lockfile.lock import Lock, LockedImage, LockedPlatform
from nixfetch_docker.oci.blob import Blob
from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.oci.media_types import OCI_INDEX, OCI_MANIFEST
from nixfetch_docker.oci.platform import Platform
from nixfetch_docker.oci.reference import Reference

OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"

Json = dict[str, Any]
T = TypeVar("T")
V = TypeVar("V")


def read_or_refused(read: Callable[[T], V], data: T) -> V | None:
    """The result of `read` for `data`, or None where it raises an error, which must be one line."""
    try:
        return read(data)
    except NixfetchError as error:
        message = str(error)
    assert "\n" not in message
    return None


def encode(document: Json) -> bytes:
    return json.dumps(document).encode()


def descriptor(data: bytes, media_type: str, **more: object) -> Json:
    return {"mediaType": media_type, "digest": str(Digest.of(data)), "size": len(data), **more}


def platform_fields(platform: str) -> Json:
    return dict(zip(("os", "architecture", "variant"), platform.split("/"), strict=False))


def image_config(
    platform: str = "linux/amd64", layers: int = 1, *, created: str | None = None
) -> bytes:
    diff_ids = [str(Digest.of(b"%d" % number)) for number in range(layers)]
    made = {} if created is None else {"created": created}
    rootfs = {"type": "layers", "diff_ids": diff_ids}
    return encode({**platform_fields(platform), **made, "rootfs": rootfs})


def image_manifest(config: bytes, *layers: bytes) -> Json:
    return {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": descriptor(config, OCI_CONFIG),
        "layers": [descriptor(layer, OCI_LAYER) for layer in layers],
    }


def image_index(*descriptors: Json) -> Json:
    return {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": list(descriptors)}


def request(image: str = "redis:7", *platforms: str) -> Request:
    return Request(
        image=image,
        reference=Reference.parse(image),
        platforms=tuple(map(Platform.parse, platforms)) or None,
    )


def locked_image(asked: Request | None = None, *, content: str = "") -> LockedImage:
    """A locked image with an index and two layers; another `content` gives other digests."""
    asked = asked or request()
    assert isinstance(asked.reference, Reference)
    return LockedImage(
        request=asked,
        repository=asked.reference.name,
        tag=asked.reference.tag if asked.follow is not None else asked.reference.tagged.tag,
        digest=asked.reference.digest or Digest.of(f"index{content}".encode()),
        platforms={
            platform.normal: LockedPlatform(
                manifest=_blob(f"manifest {platform}{content}"),
                media_type=OCI_MANIFEST,
                config=_blob(f"config {platform}{content}"),
                layers=(_blob("base"), _blob(f"layer {platform}{content}")),
            )
            for platform in asked.platforms or [Platform.parse("linux/amd64")]
        },
    )


def fleet_lock(
    images: Mapping[str, Mapping[str, int]], platform: str = "linux/amd64", *, repeated: int = 1
) -> Lock:
    """A lock of images by name, each with its layers by a name, of these sizes.

    Layers of one name are one layer, and each is in its image as often as `repeated` says.
    """
    found = {}
    for name, layers in images.items():
        one = locked_image(request(f"registry.lab/{name}:1", platform), content=name)
        blobs = tuple(
            Blob(digest=Digest.of(layer.encode()), size=size) for layer, size in layers.items()
        )
        platforms = {
            key: replace(locked, layers=blobs * repeated) for key, locked in one.platforms.items()
        }
        found[name] = replace(one, platforms=platforms)
    return Lock(images=found)


def _blob(text: str) -> Blob:
    return Blob(digest=Digest.of(text.encode()), size=len(text))
