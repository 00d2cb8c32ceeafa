"""Media types of images: OCI's and Docker's.

https://github.com/opencontainers/image-spec/blob/v1.1.0/media-types.md and
https://distribution.github.io/distribution/spec/manifest-v2-2/#media-types
"""

from __future__ import annotations

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar"

MANIFEST_TYPES = (OCI_MANIFEST, DOCKER_MANIFEST)
INDEX_TYPES = (OCI_INDEX, DOCKER_INDEX)
ACCEPTED_TYPES = (*INDEX_TYPES, *MANIFEST_TYPES)
CONFIG_TYPES = (OCI_CONFIG, DOCKER_CONFIG)
# Docker before 1.11 and some builders gave configs of schema 2 these types, and engines take them:
# https://github.com/moby/moby/pull/21949
OLD_CONFIG_TYPES = ("", "application/octet-stream", "application/json", "text/plain")
SCHEMA_1_TYPES = (
    "application/vnd.docker.distribution.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
)

_OCI_LAYER = "application/vnd.oci.image.layer.v1.tar"
_OCI_FOREIGN_LAYER = "application/vnd.oci.image.layer.nondistributable.v1.tar"
_DOCKER_FOREIGN_LAYER = "application/vnd.docker.image.rootfs.foreign.diff.tar"

LAYER_TYPES = frozenset(
    [DOCKER_LAYER, f"{DOCKER_LAYER}.gzip", f"{DOCKER_LAYER}.zstd"]
    + [_DOCKER_FOREIGN_LAYER, f"{_DOCKER_FOREIGN_LAYER}.gzip"]
    + [
        kind + compression
        for kind in (_OCI_LAYER, _OCI_FOREIGN_LAYER)
        for compression in ("", "+gzip", "+zstd")
    ]
)
