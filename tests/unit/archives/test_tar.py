"""The tar of an image, read by Python's tarfile; an end-to-end test compares it with GNU tar."""

from __future__ import annotations

import io
import tarfile

from support.builders import encode, image_manifest

from nixfetch_docker.archives.layout import Layout
from nixfetch_docker.archives.tar import Tar
from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.oci.image import Image
from nixfetch_docker.oci.reference import Reference

CONFIG = b"{}"
LAYERS = (b"x" * 5000, b"y" * 512, b"")


def image(*layers: bytes) -> Image:
    data = encode(image_manifest(CONFIG, *layers))
    return Image.parse(Reference.parse("redis:7"), data)


def written(image: Image, blobs: dict[Digest, bytes]) -> bytes:
    layout = Layout.of(image)
    tar, data = Tar.of(layout), b""
    for member in tar.members:
        data += member.header
        assert len(data) == member.offset
        data += layout.files.get(member.path, b"")
        if member.path in layout.blobs:
            data += blobs[layout.blobs[member.path].digest]
        data += member.padding
        assert len(data) == member.end
    data += tar.end
    assert len(data) == tar.size
    return data


def test_a_reader_finds_every_file_of_the_layout() -> None:
    made = image(*LAYERS)
    layout = Layout.of(made)
    blobs = {Digest.of(data): data for data in (CONFIG, made.data, *LAYERS)}
    with tarfile.open(fileobj=io.BytesIO(written(made, blobs))) as tar:
        content = {
            member.name: tar.extractfile(member).read()  # type: ignore[union-attr]
            for member in tar.getmembers()
            if member.isfile()
        }
        directories = [member.name for member in tar.getmembers() if member.isdir()]
    assert content == {
        **layout.files,
        **{path: blobs[blob.digest] for path, blob in layout.blobs.items()},
    }
    assert directories == ["blobs", "blobs/sha256"]


def test_the_same_image_gives_the_same_bytes() -> None:
    made = image(*LAYERS)
    blobs = {Digest.of(data): data for data in (CONFIG, made.data, *LAYERS)}
    assert written(made, blobs) == written(image(*LAYERS), blobs)
    assert len(written(made, blobs)) % tarfile.RECORDSIZE == 0


def test_a_path_of_more_than_100_characters_is_whole() -> None:
    layer = {
        "mediaType": "application/vnd.oci.image.layer.v1.tar",
        "digest": f"sha512:{'a' * 128}",
        "size": 3,
    }
    made = Image.parse(
        Reference.parse("redis:7"), encode({**image_manifest(CONFIG), "layers": [layer]})
    )
    blobs = {Digest.of(data): data for data in (CONFIG, made.data)}
    blobs[made.layers[0].digest] = b"abc"
    with tarfile.open(fileobj=io.BytesIO(written(made, blobs))) as tar:
        assert f"blobs/sha512/{'a' * 128}" in tar.getnames()
        member = tar.extractfile(f"blobs/sha512/{'a' * 128}")
        assert member is not None
        assert member.read() == b"abc"
