"""Images in the storage of a registry, put there as files: nobody waits for a push of gigabytes."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from support import oci
from support.registry import Registry

MB = 1_000_000
_CHUNK = 1024 * 1024


def blob(registry: Registry, repository: str, size: int) -> str:
    """A blob of so many bytes that do not compress, new each time; returns its digest."""
    part = registry.directory / "part"
    hasher = hashlib.sha256()
    with part.open("wb") as file:
        left = size
        while left:
            data = os.urandom(min(left, _CHUNK))
            hasher.update(data)
            file.write(data)
            left -= len(data)
    digest = f"sha256:{hasher.hexdigest()}"
    place = registry.blob_file(digest)
    place.parent.mkdir(parents=True)
    part.rename(place)
    link(registry, repository, digest)
    return digest


def link(registry: Registry, repository: str, digest: str) -> None:
    """Let a repository have a blob that the registry's storage has."""
    repositories = registry.directory / "data/docker/registry/v2/repositories"
    file = repositories / repository / "_layers/sha256" / digest.removeprefix("sha256:") / "link"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(digest)


def image(registry: Registry, name: str, layers: dict[str, int], label: str = "") -> None:
    """Serve an image under a tag; `layers` are the digests and sizes of blobs that are there."""
    repository, _, tag = name.partition(":")
    config = json.dumps(
        {
            "os": "linux",
            "architecture": "amd64",
            "config": {"Labels": {"name": label}},
            "rootfs": {"type": "layers", "diff_ids": list(layers)},
            "history": [{"created_by": "RUN true"} for _ in layers],
        }
    ).encode()
    place = registry.blob_file(oci.digest(config))
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(config)
    link(registry, repository, oci.digest(config))
    manifest = {
        "schemaVersion": 2,
        "mediaType": oci.MANIFEST,
        "config": oci.descriptor(config, oci.CONFIG),
        "layers": [
            {"mediaType": oci.LAYER, "digest": digest, "size": size}
            for digest, size in layers.items()
        ],
    }
    registry.put(repository, tag, json.dumps(manifest).encode())


def of_layers(registry: Registry, name: str, count: int, size: int) -> dict[str, int]:
    """Serve an image of so many layers of so many bytes; returns their digests and sizes."""
    repository = name.partition(":")[0]
    layers = {blob(registry, repository, size): size for _ in range(count)}
    image(registry, name, layers, name)
    return layers


def fleet(registry: Registry, count: int) -> None:
    """Serve images of one small layer under the tags of one repository: fleet:0, fleet:1, …"""
    layer = blob(registry, "fleet", 2000)
    for number in range(count):
        image(registry, f"fleet:{number}", {layer: 2000}, str(number))


def project(directory: Path, registry: Registry, *names: str) -> Path:
    """A directory whose images.toml has these images; returns it."""
    directory.mkdir(parents=True)
    lines = "".join(f'i{n}.image = "{registry.host}/{name}"\n' for n, name in enumerate(names))
    (directory / "images.toml").write_text(f"[images]\n{lines}")
    return directory
