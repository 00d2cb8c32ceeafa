from __future__ import annotations

import json

import pytest
from support.builders import encode, image_manifest

from nixfetch_docker.archives.layout import Layout
from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.oci.image import Image
from nixfetch_docker.oci.reference import Reference

CONFIG, LAYER, OTHER = b"{}", b"layer", b"other"
MANIFEST = encode(image_manifest(CONFIG, LAYER, OTHER, LAYER))
HEX = Digest.of(MANIFEST).hex


def layout(reference: str) -> Layout:
    return Layout.of(Image.parse(Reference.parse(reference), MANIFEST))


def path(data: bytes) -> str:
    return f"blobs/sha256/{Digest.of(data).hex}"


def test_every_blob_is_one_file_by_its_digest() -> None:
    made = layout("redis:7")
    assert set(made.blobs) == {path(data) for data in (MANIFEST, CONFIG, LAYER, OTHER)}
    assert list(made.blobs) == sorted(made.blobs)
    assert made.blobs[path(LAYER)].size == len(LAYER)
    assert made.directories == ["blobs", "blobs/sha256"]


def test_the_docker_archive_lists_every_layer_in_order() -> None:
    (entry,) = json.loads(layout("redis:7").files["manifest.json"])
    assert entry == {
        "Config": path(CONFIG),
        "Layers": [path(LAYER), path(OTHER), path(LAYER)],
        "RepoTags": ["docker.io/library/redis:7"],
    }


@pytest.mark.parametrize(
    ("reference", "name", "tag"),
    [
        pytest.param("redis:7", "docker.io/library/redis:7", "7", id="tag"),
        pytest.param(f"a.b/c:1@sha256:{HEX}", "a.b/c:1", "1", id="tag and digest"),
        pytest.param(f"a.b/c@sha256:{HEX}", f"a.b/c:sha256-{HEX}", f"sha256-{HEX}", id="digest"),
    ],
)
def test_the_index_names_the_image_for_every_engine(reference: str, name: str, tag: str) -> None:
    index = json.loads(layout(reference).files["index.json"])
    (entry,) = index["manifests"]
    assert (entry["digest"], entry["size"]) == (f"sha256:{HEX}", len(MANIFEST))
    assert entry["annotations"] == {
        "io.containerd.image.name": name,
        "org.opencontainers.image.ref.name": tag,
    }
