from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nixfetch_docker.digest import Digest
from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.local_image import LocalImage
from nixfetch_docker.local_reference import LocalReference

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
    image = LocalImage.open(LocalReference.parse("docker-archive:./a.tar"), tmp_path)
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
        LocalImage.open(LocalReference.parse("docker-archive:./image"), tmp_path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(JSON)
def test_any_json_is_read_or_refused(tmp_path: Path, document: object) -> None:
    directory = tmp_path / "image"
    directory.mkdir(exist_ok=True)
    for name in ("manifest.json", "index.json"):
        (directory / name).write_bytes(encode(document))
    for kind in ("oci", "docker-archive"):
        try:
            LocalImage.open(LocalReference.parse(f"{kind}:./image"), tmp_path)
        except NixfetchError as error:
            assert str(error).startswith(f"{kind}:./image: ")  # noqa: PT017 - either is right


def encode(document: object) -> bytes:
    return json.dumps(document).encode()
