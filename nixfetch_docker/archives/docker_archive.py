"""Reading docker-archives, the tars that `docker save` writes.

https://github.com/moby/moby/blob/v25.0.0/image/spec/spec.md and
https://docs.docker.com/reference/cli/docker/image/save/
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import BinaryIO

from ..base.table import Table
from ..base.values import dataclass
from ..oci.digest import Digest
from ..oci.manifest import Content
from ..oci.media_types import DOCKER_CONFIG, DOCKER_LAYER, DOCKER_MANIFEST
from .compression import Compression
from .file_tree import FileTree, parse_json, read_small
from .local_image import LocalImage, full_name, not_one_image
from .local_reference import LocalReference
from .regular_file import check_size

_PIECE = 1024 * 1024


def read_docker_archive(tree: FileTree, reference: LocalReference) -> LocalImage:
    """The image of a docker-archive that `reference` names. Every layer is read to be hashed.

    An archive has no manifest of a registry, so a Docker manifest of its config and its layers is
    made, the same one each time. Raises `InvalidLocalImage`, and `InvalidField`.
    """
    entry = _choose(tree, reference)
    config_name, layer_names = entry.require("Config", str), entry.strings("Layers") or []
    config = read_small(tree, config_name)
    files: dict[str, _File] = {}
    total = 0
    with tree.several(dict.fromkeys([config_name, *layer_names])) as opened:
        for name, file in opened:
            files[name] = _measure(file)
            # Many names can mean one file, by links or by "./" before them.
            total += files[name].size
            check_size(total, "it")
    data = _manifest(config, [files[name] for name in layer_names])
    top = Content(digest=Digest.of(data), content_type=DOCKER_MANIFEST, data=data)
    return LocalImage(
        name=full_name(reference, entry.strings("RepoTags") or []),
        top=top,
        tree=tree,
        files={measured.digest: name for name, measured in files.items()},
        contents={top.digest: data},
    )


def _choose(tree: FileTree, reference: LocalReference) -> Table:
    """The entry of manifest.json for the image that `reference` names."""
    document = parse_json(read_small(tree, "manifest.json"), "manifest.json")
    entries = Table({"images": document}, "manifest.json").tables("images")
    names: Mapping[int, list[str]] = {
        position: entry.strings("RepoTags") or [] for position, entry in enumerate(entries)
    }
    chosen = [
        entry
        for position, entry in enumerate(entries)
        if reference.name is None or reference.name in names[position]
    ]
    if len(chosen) != 1:
        raise not_one_image([name for tags in names.values() for name in tags])
    return chosen[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """The digest of a file, its size in bytes, and its compression."""

    digest: Digest
    size: int
    compression: Compression


def _measure(file: BinaryIO) -> _File:
    hasher, size, compression = hashlib.sha256(), 0, Compression.NONE
    while piece := file.read(_PIECE):
        if size == 0:
            compression = Compression.of(piece)
        size += len(piece)
        hasher.update(piece)
    digest = Digest(algorithm="sha256", hex=hasher.hexdigest())
    return _File(digest=digest, size=size, compression=compression)


def _manifest(config: bytes, layers: list[_File]) -> bytes:
    """A manifest, https://distribution.github.io/distribution/spec/manifest-v2-2/."""
    document = {
        "schemaVersion": 2,
        "mediaType": DOCKER_MANIFEST,
        "config": {
            "mediaType": DOCKER_CONFIG,
            "size": len(config),
            "digest": str(Digest.of(config)),
        },
        "layers": [
            {
                "mediaType": f"{DOCKER_LAYER}{layer.compression.value}",
                "size": layer.size,
                "digest": str(layer.digest),
            }
            for layer in layers
        ],
    }
    return json.dumps(document, separators=(",", ":")).encode()
