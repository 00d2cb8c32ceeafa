"""Image manifests and indexes: OCI's and Docker's schema 2, from the registry's bytes.

https://github.com/opencontainers/image-spec/blob/v1.1.0/manifest.md and image-index.md;
https://distribution.github.io/distribution/spec/manifest-v2-2/
"""

from __future__ import annotations

from functools import cached_property

from ..base.redact import literal
from ..base.table import Table
from ..base.values import dataclass
from .descriptor import Descriptor
from .digest import Digest
from .document import MANIFEST_SHAPE, InvalidManifest, parse_object, reading
from .media_types import (
    ACCEPTED_TYPES,
    CONFIG_TYPES,
    DOCKER_MANIFEST,
    INDEX_TYPES,
    LAYER_TYPES,
    MANIFEST_TYPES,
    OCI_INDEX,
    OCI_MANIFEST,
    OLD_CONFIG_TYPES,
    SCHEMA_1_TYPES,
)


@dataclass(frozen=True, kw_only=True)
class Content:
    """The bytes of a manifest or an index, with the `Content-Type` that came with them."""

    digest: Digest
    content_type: str | None
    data: bytes

    @cached_property
    def document(self) -> Manifest | Index:
        """The manifest or index that the bytes are, parsed once; raises `InvalidManifest`."""
        return parse(self.data, self.content_type)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One image for one platform: its config and its layers, the base layer first."""

    media_type: str
    config: Descriptor
    layers: tuple[Descriptor, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """The manifests (or further indexes) of one image for several platforms."""

    media_type: str
    manifests: tuple[Descriptor, ...]


def parse(data: bytes, content_type: str | None = None) -> Manifest | Index:
    """Read a manifest or an index.

    `content_type` is the header that came with it; it decides only where the body has no
    `mediaType` of its own. Raises `InvalidManifest`, which names the kind of any other document.
    """
    table = parse_object(data, MANIFEST_SHAPE)
    with reading():
        media_type = _media_type(table, content_type)
        # A body that reads as both could be one image to us and another to an engine:
        # https://github.com/opencontainers/distribution-spec/security/advisories/GHSA-mc8v-mgrf-8f4m
        if "manifests" in table and ("layers" in table or "config" in table):
            raise InvalidManifest(
                "it has the keys of a manifest and of an index, and no image has both",
                hint="build and push the image again",
            )
        if media_type in INDEX_TYPES:
            return _index(table, media_type)
        if media_type in MANIFEST_TYPES:
            return _manifest(table, media_type)
        raise _not_an_image(media_type)


def _index(table: Table, media_type: str) -> Index:
    manifests = tuple(Descriptor.from_table(entry) for entry in table.tables("manifests"))
    return Index(media_type=media_type, manifests=manifests)


def _manifest(table: Table, media_type: str) -> Manifest:
    config = Descriptor.from_table(table.table("config"))
    is_old = media_type == DOCKER_MANIFEST and config.media_type in OLD_CONFIG_TYPES
    if config.media_type not in CONFIG_TYPES and not is_old:
        # The config tells an image from an artifact: an image may have an artifactType as well.
        raise _not_an_image(table.get("artifactType", str) or config.media_type)
    layers = tuple(Descriptor.from_table(layer) for layer in table.tables("layers"))
    for layer in layers:
        if layer.media_type not in LAYER_TYPES:
            raise InvalidManifest(
                f"its layer {layer.digest.short} is {literal(layer.media_type)}",
                hint="no container engine unpacks that: the image is encrypted, or an artifact",
            )
    sizes = {config.digest: config.size}
    for blob in layers:
        if sizes.setdefault(blob.digest, blob.size) != blob.size:
            raise InvalidManifest(
                f"it gives {blob.digest.short} two sizes", hint="build and push the image again"
            )
    return Manifest(media_type=media_type, config=config, layers=layers)


def _media_type(table: Table, content_type: str | None) -> str:
    if table.get("schemaVersion", int) == 1:
        return SCHEMA_1_TYPES[0]
    own = table.get("mediaType", str)
    sent = content_type.partition(";")[0].strip().lower() if content_type else None
    if own is not None:
        return own
    if sent in (*ACCEPTED_TYPES, *SCHEMA_1_TYPES):
        return sent
    # OCI made mediaType optional, and some registries send text/plain.
    if "manifests" in table:
        return OCI_INDEX
    if "config" in table and "layers" in table:
        return OCI_MANIFEST
    return sent or ""


def _not_an_image(media_type: str) -> InvalidManifest:
    if media_type in SCHEMA_1_TYPES:
        return InvalidManifest(
            "it is a Docker schema 1 manifest, which names no config and which engines refuse",
            hint="push the image again with a current docker, podman or skopeo",
        )
    what = literal(media_type) if media_type else "a document without a media type"
    return InvalidManifest(
        f"it is {what}, which is not a container image",
        hint="only Docker schema 2 and OCI images can be locked",
    )
