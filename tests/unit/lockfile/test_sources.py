from __future__ import annotations

import shutil
from io import BytesIO
from pathlib import Path
from typing import cast

import pytest
from support.builders import encode, image_config, image_index, image_manifest
from support.in_memory import InMemoryRegistry

from nixfetch_docker.errors import NixfetchError, WrongContent
from nixfetch_docker.lockfile.place import parse_place
from nixfetch_docker.lockfile.sources import ImageSource, Sources
from nixfetch_docker.oci.descriptor import Descriptor
from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.oci.manifest import Manifest, parse
from nixfetch_docker.registry.download import Download
from nixfetch_docker.registry.registries import Registries

LAYER = b"layer"
CONFIG = image_config()
MANIFEST = encode(image_manifest(CONFIG, LAYER))


@pytest.fixture
def registry() -> InMemoryRegistry:
    registry = InMemoryRegistry()
    registry.push_image("linux/amd64", tag="7", layer=LAYER)
    registry.push(LAYER)
    return registry


@pytest.fixture
def layout(tmp_path: Path) -> Path:
    """The same image as an OCI layout."""
    blobs = tmp_path / "redis/blobs/sha256"
    blobs.mkdir(parents=True)
    for data in (LAYER, CONFIG, MANIFEST):
        (blobs / Digest.of(data).hex).write_bytes(data)
    manifest = parse(MANIFEST, None)
    assert isinstance(manifest, Manifest)
    entry = {
        "mediaType": manifest.media_type,
        "digest": str(Digest.of(MANIFEST)),
        "size": len(MANIFEST),
        "annotations": {"org.opencontainers.image.ref.name": "7"},
    }
    (tmp_path / "redis/index.json").write_bytes(encode(image_index(entry)))
    return tmp_path / "redis"


@pytest.fixture(params=["registry", "file"])
def source(request: pytest.FixtureRequest, registry: InMemoryRegistry, layout: Path) -> ImageSource:
    """The image from either kind of place."""
    sources = Sources(cast(Registries, registry), layout.parent)
    return sources.at(parse_place({"registry": "redis:7", "file": "oci:./redis"}[request.param]))


def completed(source: ImageSource, data: bytes, *, is_manifest: bool = False) -> bytes:
    sink = BytesIO()
    source.complete(Download(Digest.of(data), len(data), sink), is_manifest=is_manifest)
    return sink.getvalue()


def test_a_source_gives_the_manifest_of_its_image(source: ImageSource) -> None:
    assert source.manifest(source.tagged(None)).data == MANIFEST


def test_a_source_gives_a_blob_that_fits_into_memory(source: ImageSource) -> None:
    config: Descriptor = cast(Manifest, parse(MANIFEST, None)).config
    assert source.small_blob(source.reference.name, config.digest, config.size) == CONFIG


@pytest.mark.parametrize(
    ("data", "is_manifest"), [(LAYER, False), (CONFIG, False), (MANIFEST, True)]
)
def test_a_source_completes_a_download(data: bytes, is_manifest: bool, source: ImageSource) -> None:
    assert completed(source, data, is_manifest=is_manifest) == data


def test_a_source_that_lacks_a_blob_raises(source: ImageSource) -> None:
    with pytest.raises(NixfetchError):
        completed(source, b"another layer")


def test_a_registry_goes_on_with_a_blob_where_a_download_broke_off(
    registry: InMemoryRegistry,
) -> None:
    file = BytesIO(LAYER[:2])
    download = Download.resumed(Digest.of(LAYER), len(LAYER), file)
    registry.sources.at(parse_place("redis")).complete(download, is_manifest=False)
    assert file.getvalue() == LAYER
    assert registry.calls == [
        f"complete docker.io/library/redis@{Digest.of(LAYER)} from 2",
    ]


def test_a_file_gives_a_blob_from_its_beginning(layout: Path) -> None:
    source = at_file(layout)
    file = BytesIO(b"xx")
    source.complete(Download.resumed(Digest.of(LAYER), len(LAYER), file), is_manifest=False)
    assert file.getvalue() == LAYER


@pytest.mark.parametrize(
    ("asked", "tag", "expected"),
    [
        pytest.param("redis", None, "docker.io/library/redis:latest", id="the default tag"),
        pytest.param("redis:7", None, "docker.io/library/redis:7", id="the tag asked for"),
        pytest.param("redis", "7.4", "docker.io/library/redis:7.4", id="a tag that is followed"),
    ],
)
def test_the_reference_of_an_image_in_a_registry_gets_a_tag(
    asked: str, tag: str | None, expected: str, registry: InMemoryRegistry
) -> None:
    source = registry.sources.at(parse_place(asked))
    assert str(source.tagged(tag)) == expected
    assert source.display_name(source.tagged(tag)) == expected.rpartition("/")[2]


def test_an_image_in_a_file_has_its_own_name_and_messages_say_the_file(layout: Path) -> None:
    source = at_file(layout)
    assert str(source.tagged(None)) == "localhost/redis:7"
    assert source.display_name(source.reference) == "oci:./redis"


def test_the_digest_of_a_tag_is_one_request_and_that_of_a_digest_none(
    registry: InMemoryRegistry,
) -> None:
    source = registry.sources.at(parse_place("redis:7"))
    digest = source.digest(source.reference)
    assert digest == Digest.of(MANIFEST)
    assert registry.calls == ["digest docker.io/library/redis:7"]
    pinned = parse_place(f"redis@{digest}")
    source = registry.sources.at(pinned)
    assert source.digest(source.reference) == digest
    assert len(registry.calls) == 1


def test_a_file_is_read_to_know_whether_it_changed(layout: Path) -> None:
    source = at_file(layout)
    assert source.digest(source.reference) is None


def test_a_registry_says_whether_it_has_a_blob(registry: InMemoryRegistry) -> None:
    source = registry.sources.at(parse_place("redis"))
    assert source.has(Digest.of(LAYER), is_manifest=False)
    assert not source.has(Digest.of(b"gone"), is_manifest=True)
    assert [call.partition("@")[0] for call in registry.calls] == [
        "has blob docker.io/library/redis",
        "has manifest docker.io/library/redis",
    ]


def test_an_image_in_a_file_is_not_in_any_registry(layout: Path) -> None:
    with pytest.raises(NixfetchError) as caught:
        at_file(layout).has(Digest.of(LAYER), is_manifest=False)
    assert str(caught.value) == (
        "oci:./redis: an image in a file is not in any registry; name the other images alone"
    )


def test_the_text_of_a_reference_is_checked_for_registries_alone(layout: Path) -> None:
    checked: list[str] = []
    registry = InMemoryRegistry()
    sources = Sources(cast(Registries, registry), layout.parent, check=checked.append)
    for text in ("redis:7", "oci:./redis"):
        sources.at(parse_place(text)).check(text)
    assert checked == ["redis:7"]


def test_a_file_is_read_once(layout: Path) -> None:
    sources = Sources(cast(Registries, InMemoryRegistry()), layout.parent)
    assert sources.at(parse_place("oci:./redis")).reference.tag == "7"
    (layout / "index.json").unlink()
    assert sources.at(parse_place("oci:./redis")).reference.tag == "7"


def test_a_file_that_is_missing_is_named_once_it_is_read(layout: Path) -> None:
    shutil.rmtree(layout)
    source = at_file(layout)
    with pytest.raises(NixfetchError) as caught:
        _ = source.reference
    assert str(caught.value) == (
        "oci:./redis: there is no such file; paths start where images.toml is"
    )


def test_wrong_bytes_in_a_file_are_told_with_the_file(layout: Path) -> None:
    (layout / "blobs/sha256" / Digest.of(LAYER).hex).write_bytes(b"other")
    with pytest.raises(NixfetchError) as caught:
        completed(at_file(layout), LAYER)
    assert str(caught.value).startswith(
        f"oci:./redis: the content of {Digest.of(LAYER)} does not match its digest; "
    )


def test_too_many_bytes_in_a_file_are_refused(layout: Path) -> None:
    with pytest.raises(WrongContent):
        at_file(layout).complete(
            Download(Digest.of(LAYER), len(LAYER) - 1, BytesIO()), is_manifest=False
        )


def at_file(layout: Path) -> ImageSource:
    sources = Sources(cast(Registries, InMemoryRegistry()), layout.parent)
    return sources.at(parse_place("oci:./redis"))
