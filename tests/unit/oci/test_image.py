from __future__ import annotations

import pytest
from support.builders import encode, image_config, image_index, image_manifest

from nixfetch_docker.oci.blob import Blob
from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.oci.document import InvalidManifest
from nixfetch_docker.oci.image import Image, NoSuchLayer
from nixfetch_docker.oci.manifest import Content
from nixfetch_docker.oci.media_types import DOCKER_MANIFEST
from nixfetch_docker.oci.reference import Reference

REFERENCE = Reference.parse("redis:7")
CONFIG = image_config()
MANIFEST = encode(image_manifest(CONFIG, b"base", b"top", b"base"))
IMAGE = Image.parse(REFERENCE, MANIFEST)


def blob(data: bytes) -> Blob:
    return Blob(digest=Digest.of(data), size=len(data))


def test_an_image_is_known_by_the_digest_of_its_manifest() -> None:
    assert (IMAGE.reference, IMAGE.digest, IMAGE.data) == (REFERENCE, Digest.of(MANIFEST), MANIFEST)


def test_the_digest_of_the_content_is_trusted() -> None:
    """A registry's content is verified before: an image does not hash it again."""
    sha512 = Digest.of(MANIFEST, "sha512")
    content = Content(digest=sha512, content_type=None, data=MANIFEST)
    assert Image.of(REFERENCE, content).digest == sha512


def test_the_size_counts_every_layer_once() -> None:
    assert IMAGE.size == len(MANIFEST) + len(CONFIG) + len(b"base") + len(b"top")


def test_the_blobs_are_in_order_and_keep_a_repeated_layer() -> None:
    assert list(IMAGE.blobs) == [
        blob(data) for data in (MANIFEST, CONFIG, b"base", b"top", b"base")
    ]


@pytest.mark.parametrize(("number", "data"), [(1, b"base"), (2, b"top"), (3, b"base")])
def test_layers_are_counted_from_the_base(number: int, data: bytes) -> None:
    assert IMAGE.layer(number).blob == blob(data)


@pytest.mark.parametrize(
    ("layers", "number", "hint"),
    [
        pytest.param((b"base", b"top"), 0, "it has 1 to 2", id="zero"),
        pytest.param((b"base", b"top"), -1, "it has 1 to 2", id="from the end"),
        pytest.param((b"base", b"top"), 3, "it has 1 to 2", id="too many"),
        pytest.param((), 1, "it has none at all", id="an image without layers"),
    ],
)
def test_another_number_is_refused(layers: tuple[bytes, ...], number: int, hint: str) -> None:
    image = Image.parse(REFERENCE, encode(image_manifest(CONFIG, *layers)))
    with pytest.raises(NoSuchLayer) as caught:
        image.layer(number)
    assert str(caught.value) == f"redis:7: there is no layer {number}; {hint}"


def test_an_index_is_not_an_image() -> None:
    with pytest.raises(InvalidManifest) as caught:
        Image.parse(REFERENCE, encode(image_index()))
    assert str(caught.value) == (
        "it is an index, which has no layers of its own; take the manifest of one platform"
    )


def test_an_image_keeps_the_bytes_of_its_content() -> None:
    content = Content(digest=Digest.of(MANIFEST), content_type=None, data=MANIFEST)
    assert Image.of(REFERENCE, content) == IMAGE


def test_the_content_type_tells_the_kind_of_a_manifest_that_does_not() -> None:
    document = image_manifest(CONFIG)
    del document["mediaType"]
    image = Image.parse(REFERENCE, encode(document), DOCKER_MANIFEST)
    assert image.manifest.media_type == DOCKER_MANIFEST
    assert image.digest == Digest.of(encode(document))
