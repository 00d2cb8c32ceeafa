"""Descriptors: how a manifest or an index refers to other content.

https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md
"""

from __future__ import annotations

import base64
from typing import Self

from ..base.table import Table
from ..base.values import dataclass
from .blob import Blob
from .digest import Digest
from .document import InvalidManifest
from .platform import Platform


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptor:
    """A descriptor of content of `size` bytes.

    `platform` is the one that an index gives for a manifest, `artifact_type` the kind of a manifest
    that is no image. `urls` are places outside the registry. `is_attestation` tells BuildKit's
    entries for provenance and SBOMs.
    """

    media_type: str
    digest: Digest
    size: int
    platform: Platform | None = None
    artifact_type: str = ""
    urls: tuple[str, ...] = ()
    is_attestation: bool = False

    @classmethod
    def from_table(cls, table: Table) -> Self:
        """Read a descriptor.

        Raises `InvalidField`, `InvalidDigest`, and `InvalidManifest` for embedded content that its
        digest does not name.
        """
        platform = Platform.from_table(table.table("platform")) if "platform" in table else None
        reference_type = table.table_or_empty("annotations").get("vnd.docker.reference.type", str)
        digest = table.parse("digest", Digest.parse)
        size = table.size("size")
        _check_embedded(table, digest, size)
        return cls(
            # Old builders left the type of a config empty or out.
            media_type=table.get("mediaType", str) or "",
            digest=digest,
            size=size,
            platform=platform,
            artifact_type=table.get("artifactType", str) or "",
            urls=tuple(table.strings("urls") or ()),
            # https://docs.docker.com/build/metadata/attestations/attestation-storage/
            is_attestation=reference_type is not None or str(platform) == "unknown/unknown",
        )

    @property
    def blob(self) -> Blob:
        """The content itself, as the lock names it."""
        return Blob(digest=self.digest, size=self.size)


def _check_embedded(table: Table, digest: Digest, size: int) -> None:
    """Raise where `data` is not the content that the digest names.

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
        raise InvalidManifest(
            "the embedded content does not match the digest and the size",
            hint="build and push the image again",
        ).at(table.where("data"))
