"""Builders of images for registries: layers of given files, manifests, indexes and layouts."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import subprocess
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A layer as a registry stores it; `diff_id` is the digest of its tar, uncompressed."""

    data: bytes
    media_type: str
    diff_id: str


def layer(files: Mapping[str, bytes], compression: str = "gzip") -> Layer:
    """A layer with files, by their paths; `compression` is gzip, zstd or none."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, content in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            entry.mode = 0o755
            tar.addfile(entry, io.BytesIO(content))
    return packed(buffer.getvalue(), compression)


def packed(plain: bytes, compression: str = "gzip") -> Layer:
    """A layer that is this tar; `compression` is gzip, zstd or none."""
    diff_id = digest(plain)
    match compression:
        case "gzip":
            data = gzip.compress(plain, 1, mtime=0)
            return Layer(data=data, media_type=f"{LAYER}+gzip", diff_id=diff_id)
        case "zstd":
            return Layer(data=_zstd(plain), media_type=f"{LAYER}+zstd", diff_id=diff_id)
        case _:
            return Layer(data=plain, media_type=LAYER, diff_id=diff_id)


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image for one platform."""

    platform: str
    layers: Sequence[Layer]
    labels: Mapping[str, str]
    command: Sequence[str]
    created: str = ""

    @property
    def config(self) -> bytes:
        os, architecture, *variant = self.platform.split("/")
        return encode(
            {
                "os": os,
                "architecture": architecture,
                **({"variant": variant[0]} if variant else {}),
                **({"created": self.created} if self.created else {}),
                "config": {"Labels": dict(self.labels), "Cmd": list(self.command)},
                "rootfs": {"type": "layers", "diff_ids": [one.diff_id for one in self.layers]},
                "history": [{"created_by": f"layer {n}"} for n, _ in enumerate(self.layers)],
            }
        )

    @property
    def manifest(self) -> bytes:
        return encode(
            {
                "schemaVersion": 2,
                "mediaType": MANIFEST,
                "config": descriptor(self.config, CONFIG),
                "layers": [descriptor(one.data, one.media_type) for one in self.layers],
            }
        )

    @property
    def digest(self) -> str:
        return digest(self.manifest)

    @property
    def id(self) -> str:
        return digest(self.config)

    @property
    def size(self) -> int:
        """The bytes of all its blobs, each counted once."""
        blobs = {one.data for one in self.layers} | {self.config, self.manifest}
        return sum(map(len, blobs))


def image(
    *layers: Layer,
    platform: str = "linux/amd64",
    labels: Mapping[str, str] | None = None,
    command: Sequence[str] = ("/hello",),
    created: str = "",
) -> Image:
    """An image of these layers; a container of it runs `command`.

    `created` is the date that its config has, "" for none.
    """
    return Image(
        platform=platform, layers=layers, labels=labels or {}, command=command, created=created
    )


def index(images: Sequence[Image]) -> bytes:
    """The index of images for several platforms, with an attestation as BuildKit adds it."""
    entries: list[dict[str, Any]] = []
    for one in images:
        entry = {**descriptor(one.manifest, MANIFEST), "platform": _platform(one.platform)}
        if any(layer.media_type.endswith("+zstd") for layer in one.layers):
            # As podman marks it. Without it, newer versions of skopeo change the index to push it.
            entry["annotations"] = {"io.github.containers.compression.zstd": "true"}
        entries.append(entry)
    return encode({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries})


def write_layout(path: Path, images: Sequence[Image]) -> str:
    """Write an OCI layout of an image, or of an index of several; returns the digest of that."""
    top = images[0].manifest if len(images) == 1 else index(images)
    blobs = path / "blobs" / "sha256"
    blobs.mkdir(parents=True)
    for one in images:
        for data in [one.config, one.manifest, *(layer.data for layer in one.layers)]:
            (blobs / _hex(data)).write_bytes(data)
    (blobs / _hex(top)).write_bytes(top)
    entry = descriptor(top, MANIFEST if len(images) == 1 else INDEX)
    (path / "index.json").write_bytes(encode({"schemaVersion": 2, "manifests": [entry]}))
    (path / "oci-layout").write_bytes(encode({"imageLayoutVersion": "1.0.0"}))
    return digest(top)


def descriptor(data: bytes, media_type: str) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": digest(data), "size": len(data)}


def digest(data: bytes) -> str:
    return f"sha256:{_hex(data)}"


def encode(value: object) -> bytes:
    return json.dumps(value, indent=1).encode()


def _hex(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _platform(text: str) -> dict[str, str]:
    return dict(zip(("os", "architecture", "variant"), text.split("/"), strict=False))


def _zstd(plain: bytes) -> bytes:
    return subprocess.run(["zstd", "-q", "-c"], input=plain, capture_output=True, check=True).stdout
