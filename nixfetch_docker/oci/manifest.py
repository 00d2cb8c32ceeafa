"""Image manifests and indexes: OCI's and Docker's schema 2, from the registry's bytes.

https://github.com/opencontainers/image-spec/blob/v1.1.0/manifest.md and image-index.md;
https://distribution.github.io/distribution/spec/manifest-v2-2/
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from ..base import strict_json
from ..base.redact import quote
from ..base.table import Table
from ..errors import NixfetchError
from .blob import Blob
from .digest import Digest
from .platform import Platform

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json"

MANIFEST_TYPES = (OCI_MANIFEST, DOCKER_MANIFEST)
INDEX_TYPES = (OCI_INDEX, DOCKER_INDEX)
ACCEPTED_TYPES = (*INDEX_TYPES, *MANIFEST_TYPES)

# The size that the distribution spec lets registries limit manifests to, and all do.
MANIFEST_LIMIT = 4 * 1024 * 1024

DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar"

_CONFIG_TYPES = ("application/vnd.oci.image.config.v1+json", DOCKER_CONFIG)
_SCHEMA_1_TYPES = (
    "application/vnd.docker.distribution.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
)
_OCI_LAYER = "application/vnd.oci.image.layer.v1.tar"
_OCI_FOREIGN_LAYER = "application/vnd.oci.image.layer.nondistributable.v1.tar"
_DOCKER_FOREIGN_LAYER = "application/vnd.docker.image.rootfs.foreign.diff.tar"
_LAYER_TYPES = frozenset(
    [DOCKER_LAYER, f"{DOCKER_LAYER}.gzip", f"{DOCKER_LAYER}.zstd"]
    + [_DOCKER_FOREIGN_LAYER, f"{_DOCKER_FOREIGN_LAYER}.gzip"]
    + [
        kind + compression
        for kind in (_OCI_LAYER, _OCI_FOREIGN_LAYER)
        for compression in ("", "+gzip", "+zstd")
    ]
)


class InvalidManifest(NixfetchError):
    """Bytes that are no manifest or index of a container image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A manifest or an index as it is kept: its bytes and what they are said to be."""

    digest: Digest
    content_type: str | None
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptor:
    """What a manifest or an index says of other content; `size` in bytes."""

    media_type: str
    digest: Digest
    size: int
    platform: Platform | None = None
    is_attestation: bool = False

    @classmethod
    def from_table(cls, table: Table) -> Self:
        """Read a descriptor; raises `InvalidField` or `InvalidDigest`."""
        platform = _platform(table.table("platform")) if "platform" in table else None
        reference_type = table.table_or_empty("annotations").get("vnd.docker.reference.type", str)
        digest = table.parse("digest", Digest.parse)
        size = table.size("size")
        _check_inline_data(table, digest, size)
        return cls(
            media_type=table.require("mediaType", str),
            digest=digest,
            size=size,
            platform=platform,
            # BuildKit marks its provenance and SBOM entries in both ways:
            # https://docs.docker.com/build/metadata/attestations/attestation-storage/
            is_attestation=reference_type is not None or str(platform) == "unknown/unknown",
        )

    @property
    def blob(self) -> Blob:
        """The content itself."""
        return Blob(digest=self.digest, size=self.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One image: its config and its layers, the base layer first."""

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
    `mediaType` of its own. Raises `InvalidManifest` for all that is no image, by name.
    """
    try:
        return _parse(parse_object(data), content_type)
    except InvalidManifest:
        raise
    except NixfetchError as error:
        raise InvalidManifest(str(error)) from None


def config_platform(data: bytes) -> Platform:
    """The platform that an image's config names.

    Images made before there were several platforms name none: those are linux/amd64.
    Raises `InvalidManifest`.
    """
    try:
        return _platform(parse_object(data))
    except InvalidManifest:
        raise
    except NixfetchError as error:
        raise InvalidManifest(str(error)) from None


def labels(data: bytes) -> dict[str, str]:
    """The labels of an image's config; raises `InvalidManifest`."""
    try:
        config = parse_object(data).table_or_empty("config")
        found = config.values.get("Labels")
    except InvalidManifest:
        raise
    except NixfetchError as error:
        raise InvalidManifest(str(error)) from None
    texts = found.items() if isinstance(found, Mapping) else ()
    return {key: value for key, value in texts if isinstance(value, str)}


def history(data: bytes) -> list[str]:
    """What made each layer, by an image's config; steps that made none are left out.

    Raises `InvalidManifest`.
    """
    try:
        steps = parse_object(data).tables_or_empty("history")
        made = [step for step in steps if not step.get("empty_layer", bool)]
        return [quote(step.get("created_by", str) or "") for step in made]
    except InvalidManifest:
        raise
    except NixfetchError as error:
        raise InvalidManifest(str(error)) from None


def _check_inline_data(table: Table, digest: Digest, size: int) -> None:
    """Content that a descriptor carries itself must be what it names.

    https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md#embedded-content
    """
    text = table.get("data", str)
    if text is None:
        return
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        data = None
    if data is None or len(data) != size or not digest.matches(data):
        raise InvalidManifest("the content in it is not what its digest names").at(
            table.where("data")
        )


def _parse(table: Table, content_type: str | None) -> Manifest | Index:
    media_type = _media_type(table, content_type)
    # A body that reads as both could mean one image to us and another to an engine:
    # https://github.com/opencontainers/distribution-spec/security/advisories/GHSA-mc8v-mgrf-8f4m
    if "manifests" in table and ("layers" in table or "config" in table):
        raise InvalidManifest("it is a manifest and an index at once, which no image is")
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
    artifact = table.get("artifactType", str)
    if artifact is not None or config.media_type not in _CONFIG_TYPES:
        raise _not_an_image(artifact or config.media_type)
    layers = tuple(Descriptor.from_table(layer) for layer in table.tables("layers"))
    for layer in layers:
        if layer.media_type not in _LAYER_TYPES:
            raise InvalidManifest(
                f"its layer {layer.digest.short} is {quote(repr(layer.media_type))}",
                hint="no container engine unpacks that; is it an encrypted image or an artifact?",
            )
    sizes = {config.digest: config.size}
    for blob in layers:
        if sizes.setdefault(blob.digest, blob.size) != blob.size:
            raise InvalidManifest(f"it says of {blob.digest.short} that it has two sizes")
    return Manifest(media_type=media_type, config=config, layers=layers)


def _media_type(table: Table, content_type: str | None) -> str:
    if table.get("schemaVersion", int) == 1:
        return _SCHEMA_1_TYPES[0]
    own = table.get("mediaType", str)
    sent = content_type.partition(";")[0].strip().lower() if content_type else None
    if own is not None:
        return own
    if sent in (*ACCEPTED_TYPES, *_SCHEMA_1_TYPES):
        return sent
    # OCI made mediaType optional, and some registries send text/plain.
    if "manifests" in table:
        return OCI_INDEX
    if "config" in table and "layers" in table:
        return OCI_MANIFEST
    return sent or ""


def _platform(table: Table) -> Platform:
    os = table.get("os", str) or "linux"
    architecture = table.get("architecture", str) or "amd64"
    variant = table.get("variant", str) or ""
    try:
        return Platform.of(os, architecture, variant)
    except NixfetchError as error:
        raise error.at(table.path or "the config") from None


def _not_an_image(media_type: str) -> InvalidManifest:
    if media_type in _SCHEMA_1_TYPES:
        return InvalidManifest(
            "it is a Docker schema 1 manifest, which names no config and which engines refuse",
            hint="push the image again with a current docker, podman or skopeo",
        )
    what = quote(repr(media_type)) if media_type else "a document without a media type"
    return InvalidManifest(
        f"it is {what}, which is no container image",
        hint="only Docker schema 2 and OCI images can be locked",
    )


def check_document(data: bytes, _content_type: str | None = None) -> None:
    """Raise `InvalidManifest` for what is no manifest, be it an artifact's, and no index."""
    if parse_object(data).get("schemaVersion", int) is None:
        raise InvalidManifest("it has no schemaVersion, which every manifest has")


def parse_object(data: bytes) -> Table:
    """A JSON object of a registry; raises `InvalidManifest`."""
    try:
        return strict_json.parse_table(data)
    except strict_json.InvalidJson as error:
        raise InvalidManifest(
            f"it is not JSON ({error.cause})",
            hint="is a proxy or a login page answering in the registry's place?",
        ) from None
