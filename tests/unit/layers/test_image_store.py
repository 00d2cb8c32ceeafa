"""The files of an image store, and what is refused because podman would refuse the store."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from support.builders import OCI_CONFIG, descriptor, encode, image_config

from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.layers.image_store import ImageStore, StoredImage
from nixfetch_docker.layers.stored_layer import FACTS, Facts
from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.oci.media_types import OCI_MANIFEST

_LAYER = "application/vnd.oci.image.layer.v1.tar"
# `image_config` gives these digests to its layers.
_TARS = [b"0", b"1"]


def layer(path: Path, tar: bytes) -> Path:
    """The directory of a layer with this tar."""
    path.mkdir(parents=True, exist_ok=True)
    facts = Facts(diff_id=Digest.of(tar), size=len(tar), uids=(0, 5), gids=(0,))
    (path / FACTS).write_text(json.dumps(facts.to_json()))
    return path


def image(
    path: Path,
    *,
    name: str = "x.lab/web:1",
    compression: str = "+gzip",
    config: bytes | None = None,
    **more: Any,
) -> StoredImage:
    """An image with two layers."""
    config = image_config(layers=2) if config is None else config
    manifest = encode(
        {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": descriptor(config, OCI_CONFIG),
            "layers": [descriptor(tar, _LAYER + compression) for tar in _TARS],
        }
    )
    values: dict[str, Any] = {
        "name": name,
        "digest": Digest.of(manifest),
        "manifest": manifest,
        "config": config,
        "layers": [layer(path / f"layer{number}", tar) for number, tar in enumerate(_TARS)],
    }
    return StoredImage(**values | more)


def written(path: Path, *images: StoredImage) -> Path:
    store = ImageStore()
    for one in images:
        store.add(one)
    store.write(path / "store")
    return path / "store"


def read(store: Path, name: str) -> Any:
    return json.loads((store / name).read_text())


def test_a_store_has_what_podman_reads(tmp_path: Path) -> None:
    one = image(tmp_path)
    store = written(tmp_path, one)
    base, top = read(store, "overlay-layers/layers.json")
    diff_ids = [hashlib.sha256(tar).hexdigest() for tar in _TARS]
    assert base["id"] == diff_ids[0]
    assert top["id"] == hashlib.sha256(f"{diff_ids[0]}+{diff_ids[1]}".encode()).hexdigest()
    assert (base.get("parent"), top["parent"]) == (None, base["id"])
    assert top["diff-digest"] == f"sha256:{diff_ids[1]}"
    assert top["compressed-diff-digest"] == f"sha256:{diff_ids[1]}"
    assert (top["diff-size"], top["compressed-size"], top["compression"]) == (1, 1, 2)
    assert (top["uidset"], top["gidset"]) == ([0, 5], [0])

    (found,) = read(store, "overlay-images/images.json")
    config = hashlib.sha256(one.config).hexdigest()
    assert (found["id"], found["digest"]) == (config, str(one.digest))
    assert (found["names"], found["layer"]) == ([one.name], top["id"])
    documents = {"manifest": one.manifest, f"manifest-{one.digest}": one.manifest}
    documents[f"sha256:{config}"] = one.config
    assert set(found["big-data-names"]) == set(documents)
    for name, data in documents.items():
        file = name if name == "manifest" else f"={base64.b64encode(name.encode()).decode()}"
        assert (store / "overlay-images" / config / file).read_bytes() == data
        assert found["big-data-sizes"][name] == len(data)
        assert found["big-data-digests"][name] == f"sha256:{hashlib.sha256(data).hexdigest()}"

    links = [(store / "overlay" / one["id"] / "link").read_text() for one in (base, top)]
    assert (store / "overlay" / top["id"] / "lower").read_text() == f"l/{links[0]}"
    assert not (store / "overlay" / base["id"] / "lower").exists()
    for identity, link, directory in zip((base["id"], top["id"]), links, one.layers, strict=True):
        assert len(link) == 26
        assert (store / "overlay/l" / link).readlink() == Path(f"../{identity}/diff")
        assert (store / "overlay/l" / link).is_dir()
        blob = store / "overlay" / identity / "composefs-data/composefs.blob"
        assert blob.readlink() == directory / "layer.erofs"
    for lock in ("overlay-layers/layers.lock", "overlay-images/images.lock"):
        assert (store / lock).read_bytes() == b""


def test_images_that_share_layers_have_them_once(tmp_path: Path) -> None:
    other = json.loads(image_config(layers=2)) | {"created": "2024-01-01T00:00:00Z"}
    images = [
        image(tmp_path / "one"),
        image(tmp_path / "two", name="x.lab/other:1", config=encode(other)),
    ]
    store = written(tmp_path, *images)
    assert len(read(store, "overlay-layers/layers.json")) == 2
    assert len(read(store, "overlay-images/images.json")) == 2


def test_an_image_under_two_names_and_with_two_manifests_is_one(tmp_path: Path) -> None:
    # Its layers are compressed by gzip in one repository, and not at all in the other.
    images = [
        image(tmp_path / "one"),
        image(tmp_path / "two", name="y.lab/web:2", compression=""),
        image(tmp_path / "one"),
    ]
    store = written(tmp_path, *images)
    (found,) = read(store, "overlay-images/images.json")
    assert found["names"] == ["x.lab/web:1", "y.lab/web:2"]
    assert {f"manifest-{one.digest}" for one in images} < set(found["big-data-names"])
    assert len(found["big-data-names"]) == 4


@pytest.mark.parametrize(
    ("created", "expected"),
    [
        ("2024-05-01T10:00:00.123456789+02:00", "2024-05-01T08:00:00Z"),
        ("2024-05-01T10:00:00Z", "2024-05-01T10:00:00Z"),
        # Go refuses these, and podman with them the whole store.
        ("yesterday", "1970-01-01T00:00:00Z"),
        ("2024-13-01T10:00:00Z", "1970-01-01T00:00:00Z"),
        ("0001-01-01T00:00:00+14:00", "1970-01-01T00:00:00Z"),
        (None, "1970-01-01T00:00:00Z"),
    ],
)
def test_the_time_of_an_image_is_one_that_podman_reads(
    created: str | None, expected: str, tmp_path: Path
) -> None:
    config = json.loads(image_config(layers=2))
    if created is not None:
        config["created"] = created
    store = written(tmp_path, image(tmp_path, config=encode(config)))
    assert read(store, "overlay-images/images.json")[0]["created"] == expected


@pytest.mark.parametrize(
    ("compression", "expected"), [("+gzip", 2), ("+zstd", 4), ("", None)], ids=["gzip", "zstd", "-"]
)
def test_the_compression_is_that_of_the_media_type(
    compression: str, expected: int | None, tmp_path: Path
) -> None:
    store = written(tmp_path, image(tmp_path, compression=compression))
    assert read(store, "overlay-layers/layers.json")[0].get("compression") == expected


def refused(path: Path, **more: Any) -> str:
    with pytest.raises(NixfetchError) as caught:
        written(path, image(path, **more))
    message = str(caught.value)
    assert message.startswith("x.lab/web:1: ")
    return message


def test_what_does_not_fit_together_is_refused(tmp_path: Path) -> None:
    other = layer(tmp_path / "other", b"another tar")
    assert "its config says" in refused(tmp_path, layers=[other, other])
    assert "2 layers, and 1 are given" in refused(tmp_path, layers=[other])
    assert "it lists 1 layer, and its manifest 2" in refused(
        tmp_path, config=image_config(layers=1)
    )
    wrong = Digest.of(b"another")
    assert "is not what its digest says" in refused(tmp_path, digest=wrong)
    index = encode({"schemaVersion": 2, "manifests": []})
    assert "it is an index" in refused(tmp_path, manifest=index)


def test_a_name_of_two_images_is_refused(tmp_path: Path) -> None:
    other = json.loads(image_config(layers=2)) | {"author": "somebody else"}
    images = [image(tmp_path / "one"), image(tmp_path / "two", config=encode(other))]
    with pytest.raises(NixfetchError, match=r"x\.lab/web:1: two images have this name"):
        written(tmp_path, *images)
