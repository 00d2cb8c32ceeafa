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


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/../../secret"])
def test_no_file_outside_of_the_image_is_read(name: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    directory = tmp_path / "image"
    directory.mkdir()
    (directory / "manifest.json").write_bytes(encode([{"Config": name, "Layers": []}]))
    with pytest.raises(NixfetchError, match=f"it has no {name}; "):
        open_image(LocalReference.parse("docker-archive:./image"), tmp_path)


def layout(path: Path, *entries: tuple[str, str, bytes]) -> None:
    """Write index.json with these tags, architectures and manifests, and no blobs."""
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


def test_the_platforms_of_the_named_image_alone_are_offered(tmp_path: Path) -> None:
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


def test_the_image_of_one_entry_is_its_manifest(tmp_path: Path) -> None:
    layout(tmp_path / "image", ("1.0", "amd64", b"1"))
    (tmp_path / "image/blobs/sha256").mkdir(parents=True)
    (tmp_path / "image/blobs/sha256" / Digest.of(b"1").hex).write_bytes(b"1")
    image = open_image(LocalReference.parse("oci:./image"), tmp_path)
    assert (str(image.name), image.top.data) == ("localhost/image:1.0", b"1")
    assert image.top.content_type == "application/vnd.oci.image.manifest.v1+json"


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        pytest.param(
            "oci:./image",
            "this names none or several of the images in it; name one of these after a colon: a, b",
            id="several",
        ),
        pytest.param(
            "oci:./image:c",
            "this names none or several of the images in it; name one of these after a colon: a, b",
            id="none",
        ),
        pytest.param(
            "oci:./image:a",
            f"it has no blobs/sha256/{Digest.of(b'1').hex}; "
            "is it the right kind of file, and whole?",
            id="missing manifest",
        ),
        pytest.param(
            "oci:./absent", "there is no such file; paths start where images.toml is", id="absent"
        ),
    ],
)
def test_a_layout_without_the_image_is_refused(
    reference: str, message: str, tmp_path: Path
) -> None:
    layout(tmp_path / "image", ("a", "amd64", b"1"), ("b", "amd64", b"2"))
    with pytest.raises(NixfetchError) as caught:
        open_image(LocalReference.parse(reference), tmp_path)
    assert str(caught.value) == f"{reference}: {message}"


@pytest.mark.parametrize("mode", ["w:gz", "w:xz", "w:bz2"])
def test_a_damaged_archive_is_refused(
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
def test_a_name_that_no_file_can_have_is_refused(name: str, tmp_path: Path) -> None:
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
