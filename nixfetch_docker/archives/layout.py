"""The files of an image as engines load it: an OCI image layout and a docker-archive at once.

https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md and
https://github.com/moby/moby/blob/v25.0.0/image/spec/spec.md.

nix/fetchers/fetch-docker.nix and nix/lib/docker-archive.nix make the same files, to the byte. They
are described twice on purpose: an image that Nix builds must not depend on Python. End-to-end tests
compare the two.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Self

from ..base.values import dataclass
from ..oci.blob import Blob
from ..oci.image import Image
from ..oci.media_types import OCI_INDEX


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """An image's small `files`, in the order of writing, and its `blobs`, both by path."""

    files: Mapping[str, bytes]
    blobs: Mapping[str, Blob]

    @classmethod
    def of(cls, image: Image) -> Self:
        """The layout of an image, which engines load under the name and tag of its reference."""
        manifest, config, *layers = image.blobs
        name = str(image.reference.name)
        # Engines need a tag. Without one it is made of the digest, as in fetch-docker.nix.
        tag = image.reference.tag or str(image.digest).replace(":", "-")
        full_name = f"{name}:{tag}"
        entry = {
            "mediaType": image.manifest.media_type,
            "digest": str(image.digest),
            "size": len(image.data),
            "annotations": {
                "io.containerd.image.name": full_name,
                "org.opencontainers.image.ref.name": tag,
            },
        }
        archive = {
            "Config": _path(config),
            "RepoTags": [full_name],
            "Layers": list(map(_path, layers)),
        }
        return cls(
            files={
                "oci-layout": _json({"imageLayoutVersion": "1.0.0"}),
                "index.json": _json(
                    {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [entry]}
                ),
                "manifest.json": _json([archive]),
            },
            # A layer that occurs twice is one file.
            blobs=dict(sorted((_path(blob), blob) for blob in {manifest, config, *layers})),
        )

    @property
    def directories(self) -> list[str]:
        """The paths of all directories, each after its parent."""
        return ["blobs", *sorted({path.rpartition("/")[0] for path in self.blobs})]


def _path(blob: Blob) -> str:
    return f"blobs/{blob.digest.algorithm}/{blob.digest.hex}"


def _json(value: object) -> bytes:
    """JSON as Nix's builtins.toJSON writes it."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
