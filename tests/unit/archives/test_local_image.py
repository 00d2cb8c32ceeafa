from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import BinaryIO

import pytest

from nixfetch_docker.archives.local_image import LocalImage, full_name
from nixfetch_docker.archives.local_reference import LocalReference
from nixfetch_docker.archives.regular_file import InvalidLocalImage
from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.oci.manifest import Content
from nixfetch_docker.oci.reference import Reference
from nixfetch_docker.registry.offers import Source

TOP, INNER, CONFIG, LAYER = b"top", b"inner", b"config", b"layer"
WEB = Reference.parse("acme/web")


class Tree:
    """Files in memory."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self._files = files

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        yield BytesIO(self._files[name])

    @contextmanager
    def several(self, names: Iterable[str]) -> Iterator[Iterator[tuple[str, BinaryIO]]]:
        yield ((name, BytesIO(self._files[name])) for name in names)


def blob_path(data: bytes) -> str:
    return f"blobs/sha256/{Digest.of(data).hex}"


IMAGE = LocalImage(
    name=WEB,
    top=Content(digest=Digest.of(TOP), content_type="x", data=TOP),
    tree=Tree({blob_path(INNER): INNER, "layer.tar": LAYER, "wrong": b"wrong"}),
    files={Digest.of(LAYER): "layer.tar", Digest.of(b"right"): "wrong"},
    contents={Digest.of(CONFIG): CONFIG},
)


def test_it_is_a_source_of_one_image() -> None:
    source: Source = IMAGE
    assert source.manifest(WEB).data == TOP
    inner = source.manifest(Reference.parse(f"acme/web@{Digest.of(INNER)}"), len(INNER))
    assert (inner.data, inner.digest) == (INNER, Digest.of(INNER))
    assert source.small_blob(WEB, Digest.of(CONFIG), len(CONFIG)) == CONFIG


@pytest.mark.parametrize("data", [INNER, LAYER, CONFIG], ids=["layout", "file", "content"])
def test_a_blob_is_read_from_where_it_is(data: bytes) -> None:
    assert b"".join(IMAGE.read(Digest.of(data), len(data))) == data


@pytest.mark.parametrize(
    ("digest", "limit"),
    [
        pytest.param(Digest.of(b"right"), 5, id="other content"),
        pytest.param(Digest.of(b"right"), 1, id="too long as well"),
    ],
)
def test_content_that_does_not_match_its_digest_is_an_error(digest: Digest, limit: int) -> None:
    with pytest.raises(InvalidLocalImage) as caught:
        list(IMAGE.read(digest, limit))
    assert str(caught.value) == (
        f"the content of {digest} does not match its digest; "
        "if the image was changed, lock it again: nixfetch-docker update"
    )


@pytest.mark.parametrize(
    ("path", "names", "expected"),
    [
        pytest.param("./web", ["ghcr.io/acme/web:2"], "ghcr.io/acme/web:2", id="full name"),
        pytest.param("./web", ["1.0", "acme/web:2"], "docker.io/acme/web:2", id="any full name"),
        pytest.param("./web", ["1.0"], "localhost/web:1.0", id="tag"),
        pytest.param("./Web.tar.gz", [], "localhost/web", id="file"),
        pytest.param("./web", ["no tag!"], "localhost/web", id="no tag"),
        pytest.param("../.hidden", [], "localhost/image", id="file without a name"),
        pytest.param("./!", [], "localhost/image", id="invalid file name"),
        pytest.param("./web", ["Acme/Web:1"], "localhost/image", id="invalid full name"),
    ],
)
def test_the_name_comes_from_the_file_or_its_own_name(
    path: str, names: list[str], expected: str
) -> None:
    assert str(full_name(LocalReference.parse(f"oci:{path}"), names)) == expected
