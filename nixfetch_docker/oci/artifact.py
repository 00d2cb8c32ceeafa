"""Manifests of artifacts, such as signatures, and lists of those that refer to an image.

https://github.com/opencontainers/image-spec/blob/v1.1.0/manifest.md#guidelines-for-artifact-usage
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from ..base.table import InvalidField, Table, kind_of
from ..base.values import dataclass
from .descriptor import Descriptor
from .digest import Digest
from .document import MANIFEST_SHAPE, parse_object, reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A descriptor with its annotations: a layer of an artifact, or an entry of a list of them.

    https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md#properties
    """

    descriptor: Descriptor
    annotations: Mapping[str, str]

    @classmethod
    def from_table(cls, table: Table) -> Self:
        """Read a descriptor and its annotations; raises `InvalidField` and `InvalidDigest`."""
        return cls(descriptor=Descriptor.from_table(table), annotations=read_annotations(table))

    @property
    def digest(self) -> Digest:
        """The digest of the content."""
        return self.descriptor.digest

    @property
    def size(self) -> int:
        """The size of the content in bytes."""
        return self.descriptor.size


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """The manifest of an artifact: its kind, its layers, and what it refers to, if anything."""

    artifact_type: str
    layers: tuple[Attached, ...]
    annotations: Mapping[str, str]
    subject: Digest | None


def parse_artifact(data: bytes) -> Artifact:
    """Read the manifest of an artifact; raises `InvalidManifest`.

    Its kind is its `artifactType`, or else the media type of its config.
    """
    table = parse_object(data, MANIFEST_SHAPE)
    with reading():
        subject = table.table("subject") if "subject" in table else None
        own = table.get("artifactType", str)
        return Artifact(
            artifact_type=own or table.table_or_empty("config").get("mediaType", str) or "",
            layers=tuple(map(Attached.from_table, table.tables_or_empty("layers"))),
            annotations=read_annotations(table),
            subject=None if subject is None else subject.parse("digest", Digest.parse),
        )


def parse_referrers(data: bytes) -> tuple[Attached, ...]:
    """Read a list of the manifests that refer to an image, an index; raises `InvalidManifest`."""
    table = parse_object(data, MANIFEST_SHAPE)
    with reading():
        return tuple(map(Attached.from_table, table.tables("manifests")))


def read_annotations(table: Table) -> dict[str, str]:
    """The `annotations` of a descriptor or a statement; raises `InvalidField`."""
    annotations = table.table_or_empty("annotations")
    for key, value in annotations.values.items():
        if not isinstance(value, str):
            what = f"expected a string, found {kind_of(value)}"
            raise InvalidField(what).at(annotations.where(key))
    return dict(annotations.values)
