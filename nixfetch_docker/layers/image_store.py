"""A read-only store of images for `additionalimagestores` of containers-storage.conf.

It has the layout of containers/storage with the driver overlay, where each layer is a file system
that podman mounts (`composefs-data/composefs.blob`). It is made of texts and links; the file
systems stay where they are.

https://github.com/containers/storage/blob/v1.57.2/layers.go, images.go and drivers/overlay
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..base.dates import timestamp
from ..base.printable import json_text
from ..base.values import dataclass
from ..errors import NixfetchError, WrongContent
from ..oci.config import ImageConfig
from ..oci.descriptor import Descriptor
from ..oci.digest import Digest
from ..oci.document import InvalidManifest
from ..oci.manifest import Manifest, parse
from .stored_layer import FILE_SYSTEM, Facts

# Go's archive.Compression by the ends of media types; 0 is left out.
_COMPRESSIONS = {"gzip": 2, "zstd": 4}
_LONG_AGO = "1970-01-01T00:00:00Z"
_LINK_LETTERS = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredImage:
    """An image for the store: its name with the tag, its documents, its layers.

    `digest` is that of the manifest; `layers` are the directories of `stored_layer`, the base
    layer's first.
    """

    name: str
    digest: Digest
    manifest: bytes
    config: bytes
    layers: Sequence[Path]


class ImageStore:
    """The files of a store, collected image by image."""

    def __init__(self) -> None:
        self._layers: dict[str, dict[str, Any]] = {}
        self._images: dict[str, dict[str, Any]] = {}
        self._owners: dict[str, str] = {}
        self._files: dict[str, bytes] = {}
        self._links: dict[str, str] = {}
        self._directories: set[str] = set()

    def add(self, image: StoredImage) -> None:
        """Add an image; raises `NixfetchError` for one whose parts do not fit together."""
        try:
            self._add(image)
        except NixfetchError as error:
            raise error.of(image.name) from None

    def write(self, directory: Path) -> None:
        """Write the store into an empty directory; raises `FileError`."""
        self._files["overlay-layers/layers.json"] = _json(list(self._layers.values()))
        self._files["overlay-images/images.json"] = _json(list(self._images.values()))
        # podman opens them to lock, and cannot make them.
        for name in ("overlay-layers/layers.lock", "overlay-images/images.lock"):
            self._files[name] = b""
        for name in sorted(self._directories):
            (directory / name).mkdir(parents=True)
        for name, data in sorted(self._files.items()):
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        for name, target in sorted(self._links.items()):
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to(target)

    def _add(self, image: StoredImage) -> None:
        manifest = parse(image.manifest)
        if not isinstance(manifest, Manifest):
            raise InvalidManifest("it is an index, and no image")
        if len(manifest.layers) != len(image.layers):
            raise InvalidManifest(
                f"its manifest has {len(manifest.layers)} layers, and {len(image.layers)} are given"
            )
        for digest, document in (
            (image.digest, image.manifest),
            (manifest.config.digest, image.config),
        ):
            if not digest.matches(document):
                raise WrongContent(f"a document is not what its digest says, {digest}")
        config = ImageConfig.parse(image.config)
        diff_ids = config.diff_ids(len(image.layers))
        parents: list[str] = []
        for blob, diff_id, directory in zip(manifest.layers, diff_ids, image.layers, strict=True):
            parents.append(self._add_layer(blob, diff_id, directory, parents))
        self._add_image(image, _time(config.created), manifest.config.digest, "".join(parents[-1:]))

    def _add_layer(
        self, blob: Descriptor, diff_id: Digest, directory: Path, parents: Sequence[str]
    ) -> str:
        """The ID of a layer above `parents`, the base layer's ID first."""
        facts = Facts.read(directory)
        if facts.diff_id != diff_id:
            raise InvalidManifest(
                f"its layer {blob.digest.short} is {facts.diff_id} without compression, and "
                f"its config says {diff_id}",
                hint="no engine loads that; push the image again",
            )
        parent = parents[-1] if parents else ""
        layer = _layer_id(parent, diff_id)
        if layer in self._layers:
            return layer
        self._layers[layer] = {
            "id": layer,
            **({"parent": parent} if parent else {}),
            "created": _LONG_AGO,
            "compressed-diff-digest": str(blob.digest),
            "compressed-size": blob.size,
            "diff-digest": str(diff_id),
            "diff-size": facts.size,
            **_compression(blob.media_type),
            "uidset": list(facts.uids),
            "gidset": list(facts.gids),
        }
        here = f"overlay/{layer}"
        self._files[f"{here}/link"] = _link(layer).encode()
        if parents:
            lower = ":".join(f"l/{_link(one)}" for one in reversed(parents))
            self._files[f"{here}/lower"] = lower.encode()
        else:
            self._directories.add(f"{here}/empty")
        # podman takes the mode of the root from this directory.
        self._directories.add(f"{here}/diff")
        self._links[f"overlay/l/{_link(layer)}"] = f"../{layer}/diff"
        self._links[f"{here}/composefs-data/composefs.blob"] = str(directory / FILE_SYSTEM)
        return layer

    def _add_image(self, image: StoredImage, created: str, config: Digest, top: str) -> None:
        """Add what the store says of an image whose layers it has; `config` is its ID."""
        if self._owners.setdefault(image.name, config.hex) != config.hex:
            raise NixfetchError(
                "two images have this name", hint="give one of them another tag in images.toml"
            )
        digest = str(image.digest)
        documents = {
            "manifest": (digest, image.manifest),
            f"manifest-{digest}": (digest, image.manifest),
            str(config): (str(config), image.config),
        }
        known = self._images.setdefault(
            config.hex,
            {
                "id": config.hex,
                "digest": digest,
                "names": [],
                **({"layer": top} if top else {}),
                "metadata": "{}",
                "big-data-names": [],
                "big-data-sizes": {},
                "big-data-digests": {},
                "created": created,
            },
        )
        if image.name not in known["names"]:
            known["names"].append(image.name)
        for name, (named, data) in documents.items():
            # Another manifest of the same image: its layers are compressed otherwise.
            if name in known["big-data-names"]:
                continue
            known["big-data-names"].append(name)
            known["big-data-sizes"][name] = len(data)
            known["big-data-digests"][name] = named
            self._files[f"overlay-images/{config.hex}/{_file_name(name)}"] = data


def _layer_id(parent: str, diff_id: Digest) -> str:
    """The ID that containers/storage gives a layer: that of its tar, and of all below it."""
    if not parent:
        return diff_id.hex
    return hashlib.sha256(f"{parent}+{diff_id.hex}".encode()).hexdigest()


def _link(layer: str) -> str:
    """The short name of a layer for the options of a mount, whose length is limited."""
    hashed = hashlib.sha256(layer.encode()).digest()
    return base64.b32encode(hashed).decode()[:_LINK_LETTERS]


def _file_name(name: str) -> str:
    """The name of the file of a document; base64 stands for names that files may not have."""
    if name == "manifest":
        return name
    return "=" + base64.b64encode(name.encode()).decode()


def _compression(media_type: str) -> dict[str, int]:
    for ending, number in _COMPRESSIONS.items():
        if media_type.endswith(ending):
            return {"compression": number}
    return {}


def _time(text: str | None) -> str:
    """A time as Go reads it: one that it does not read makes the whole store unreadable."""
    seconds = timestamp(text or "")
    if seconds is None:
        return _LONG_AGO
    try:
        time = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return _LONG_AGO
    return time.replace(tzinfo=None).isoformat() + "Z"


def _json(value: object) -> bytes:
    return json_text(value).encode()
