from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nixfetch_docker.archives.local_reference import LocalReference
from nixfetch_docker.archives.reader import open_image
from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.oci.digest import Digest

JSON = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(["manifests", "Config", "Layers", "RepoTags", "digest", "annotations"]),
            inner,
        )
    ),
    max_leaves=8,
)


def archive(path: Path, files: dict[str, bytes], links: dict[str, str] | None = None) -> None:
    with tarfile.open(path, "w") as tar:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
        for name, target in (links or {}).items():
            entry = tarfile.TarInfo(name)
            entry.type = tarfile.SYMTYPE
            entry.linkname = target
            tar.addfile(entry)


def test_a_layer_that_occurs_again_by_a_link_is_the_same(tmp_path: Path) -> None:
    """As docker did it before 25."""
    manifest = [{"Config": "c.json", "RepoTags": ["a:1"], "Layers": ["x/layer.tar", "y/layer.tar"]}]
    files = {"c.json": b"{}", "x/layer.tar": b"layer", "manifest.json": encode(manifest)}
    archive(tmp_path / "a.tar", files, {"y/layer.tar": "../x/layer.tar"})
    image = open_image(LocalReference.parse("docker-archive:./a.tar"), tmp_path)
    layers = json.loads(image.top.data)["layers"]
    assert [layer["digest"] for layer in layers] == [str(Digest.of(b"layer"))] * 2
    assert str(image.name) == "docker.io/library/a:1"
    assert b"".join(image.read(Digest.of(b"layer"), 5)) == b"layer"


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/../../secret"])
def test_nothing_outside_is_read(name: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    directory = tmp_path / "image"
    directory.mkdir()
    (directory / "manifest.json").write_bytes(encode([{"Config": name, "Layers": []}]))
    with pytest.raises(NixfetchError, match=f"it has no {name}; "):
        open_image(LocalReference.parse("docker-archive:./image"), tmp_path)


def layout(path: Path, *entries: tuple[str, str, bytes]) -> None:
    """An OCI layout of manifests, which are only named here, with their tags and architectures."""
    manifests = [
        {
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "digest": str(Digest.of(data)),
            "size": len(data),
            "platform": {"os": "linux", "architecture": architecture},
            "annotations": {"org.opencontainers.image.ref.name": tag},
        }
        for tag, architecture, data in entries
    ]
    path.mkdir()
    (path / "index.json").write_bytes(encode({"schemaVersion": 2, "manifests": manifests}))


def test_of_several_images_for_several_platforms_only_the_named_one_counts(tmp_path: Path) -> None:
    layout(
        tmp_path / "image",
        ("other", "amd64", b"1"),
        ("other", "arm64", b"2"),
        ("web", "amd64", b"3"),
        ("web", "arm64", b"4"),
    )
    image = open_image(LocalReference.parse("oci:./image:web"), tmp_path)
    digests = [entry["digest"] for entry in json.loads(image.top.data)["manifests"]]
    assert digests == [str(Digest.of(data)) for data in (b"3", b"4")]
    assert image.top.digest == Digest.of(image.top.data)


def test_an_archive_without_names_is_one(tmp_path: Path) -> None:
    """As `docker save` of an image's ID writes it."""
    manifest = [{"Config": "c.json", "RepoTags": None, "Layers": None}]
    archive(tmp_path / "a.tar", {"c.json": b"{}", "manifest.json": encode(manifest)})
    image = open_image(LocalReference.parse("docker-archive:./a.tar"), tmp_path)
    assert str(image.name) == "localhost/a"


@pytest.mark.parametrize("mode", ["w:gz", "w:xz", "w:bz2"])
def test_a_spoiled_archive_is_refused(
    mode: Literal["w:gz", "w:xz", "w:bz2"], tmp_path: Path
) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, mode) as tar:
        entry = tarfile.TarInfo("manifest.json")
        entry.size = 50_000
        tar.addfile(entry, io.BytesIO(bytes(range(250)) * 200))
    whole = path.read_bytes()
    for position in range(20, len(whole), max(len(whole) // 40, 1)):
        path.write_bytes(whole[:position] + b"\xff\x00\xff" + whole[position + 3 :])
        with pytest.raises(NixfetchError, match=r"docker-archive:\./a\.tar: "):
            open_image(LocalReference.parse("docker-archive:./a.tar"), tmp_path)


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "x" * 300])
def test_no_name_breaks_anything(name: str, tmp_path: Path) -> None:
    directory = tmp_path / "image"
    directory.mkdir()
    (directory / "manifest.json").write_bytes(encode([{"Config": name, "Layers": []}]))
    with pytest.raises(NixfetchError):
        open_image(LocalReference.parse("docker-archive:./image"), tmp_path)
    with pytest.raises(NixfetchError):
        open_image(LocalReference.parse("oci:./" + "x" * 300), tmp_path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(JSON)
def test_any_json_is_read_or_refused(tmp_path: Path, document: object) -> None:
    directory = tmp_path / "image"
    directory.mkdir(exist_ok=True)
    for name in ("manifest.json", "index.json"):
        (directory / name).write_bytes(encode(document))
    for kind in ("oci", "docker-archive"):
        try:
            open_image(LocalReference.parse(f"{kind}:./image"), tmp_path)
        except NixfetchError as error:
            assert str(error).startswith(f"{kind}:./image: ")  # noqa: PT017 - either is right


def encode(document: object) -> bytes:
    return json.dumps(document).encode()
