"""The images that the pages for readers name, made up, in the registry that their commands ask.

Add an image here when a page names another one. Each is for linux/amd64 and linux/arm64.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from support import oci

PLATFORMS = ("linux/amd64", "linux/arm64")
_LAYER_BYTES = 3000


@dataclass(frozen=True, kw_only=True)
class Made:
    """What an image is made of: the layers that others of the repository have too, and its own."""

    shared: int = 1
    own: int = 2
    labels: Mapping[str, str] | None = None
    # Another content than that of the same tag before it was pushed again.
    edition: int = 1


def _tags(repository: str, made: Made, *tags: str) -> dict[str, Made]:
    return {f"{repository}:{tag}": made for tag in tags}


_REDIS = Made(
    shared=4,
    own=4,
    labels={
        "org.opencontainers.image.source": "https://github.com/redis/redis",
        "org.opencontainers.image.version": "7.4",
    },
)
_WEB = Made(
    shared=6,
    own=3,
    labels={"org.opencontainers.image.source": "https://github.com/acme/web"},
)

# By the full name, with the registry.
IMAGES: dict[str, Made] = {
    **_tags("docker.io/library/redis", _REDIS, "7.2-alpine", "7.2.5-alpine", "7.2.6-alpine"),
    **_tags("docker.io/library/redis", _REDIS, "7.4-alpine", "7.4.1-alpine", "7.4.2-alpine"),
    **_tags("docker.io/library/redis", _REDIS, "7-alpine", "8.0.0-alpine", "8.0-rc2-alpine"),
    **_tags("docker.io/library/redis", _REDIS, "latest", "7", "7.2", "7.2.5", "7.4", "7.4.1"),
    **_tags("docker.io/library/nginx", Made(), "latest", "1.26", "1.27", "1.27-alpine"),
    **_tags("docker.io/library/postgres", Made(), "latest", "16", "17", "17-alpine"),
    **_tags("docker.io/library/alpine", Made(own=0), "latest", "3.20", "3.21"),
    **_tags("docker.io/library/busybox", Made(own=0), "latest", "1.37"),
    **_tags("docker.io/library/debian", Made(own=0), "latest", "12", "bookworm", "jessie"),
    **_tags("ghcr.io/acme/web", _WEB, "2.0", "2.1", "2.2", "2.10", "latest"),
    **_tags("ghcr.io/acme/shop", Made(), "1.0", "latest"),
    **_tags("ghcr.io/acme/mail", Made(), "1.0", "latest"),
    **_tags("registry.lab:5000/team/app", Made(), "1.0", "latest"),
    **_tags(
        "quay.io/minio/minio",
        Made(),
        *("RELEASE.2024-10-13T13-34-11Z", "RELEASE.2024-11-07T00-52-20Z", "latest"),
    ),
}
REGISTRIES = sorted({name.partition("/")[0] for name in IMAGES})


def images(name: str, made: Made | None = None) -> Sequence[oci.Image]:
    """The image with a full name, for each platform; raises `KeyError` for one that is not here."""
    made = made or IMAGES[name]
    repository = name.rpartition(":")[0]
    return [_image(repository, name, made, platform) for platform in PLATFORMS]


def again(name: str) -> Sequence[oci.Image]:
    """The image that the tag gets when it is pushed again: the shared layers stay."""
    return images(name, replace(IMAGES[name], edition=2))


def _image(repository: str, name: str, made: Made, platform: str) -> oci.Image:
    layers = [_layer(f"{repository} {n} {platform}") for n in range(made.shared)]
    layers += [_layer(f"{name} {made.edition} {n} {platform}") for n in range(made.own)]
    return oci.image(*layers, platform=platform, labels=made.labels)


def _layer(seed: str) -> oci.Layer:
    source = random.Random(seed)  # noqa: S311 - content, not secrets
    path = f"usr/share/{source.randrange(1000)}"
    return oci.layer({path: source.randbytes(source.randrange(_LAYER_BYTES) + 1)})


def put(data: Path, name: str, made: Sequence[oci.Image]) -> None:
    """Put an image into the directory in which a CNCF Distribution keeps its data.

    As a push would leave it, in a tenth of the time; the repository is NAME without its tag.
    https://pkg.go.dev/github.com/docker/distribution@v2.8.2+incompatible/registry/storage
    """
    repository, _, tag = name.rpartition(":")
    # A port is no part of a repository's path.
    below = data / "docker/registry/v2/repositories" / repository.replace(":", "_")
    top = oci.index(made)
    blobs = [blob.data for image in made for blob in image.layers]
    blobs += [image.config for image in made]
    manifests = [*(image.manifest for image in made), top]
    for blob in [*blobs, *manifests]:
        digest = oci.digest(blob).removeprefix("sha256:")
        _write(data / "docker/registry/v2/blobs/sha256" / digest[:2] / digest / "data", blob)
    for blob in blobs:
        _link(below / "_layers", blob)
    for manifest in manifests:
        _link(below / "_manifests/revisions", manifest)
    current = below / "_manifests/tags" / tag
    _write(current / "current/link", oci.digest(top).encode())
    _link(current / "index", top)


def _link(directory: Path, blob: bytes) -> None:
    digest = oci.digest(blob)
    _write(directory / "sha256" / digest.removeprefix("sha256:") / "link", digest.encode())


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
