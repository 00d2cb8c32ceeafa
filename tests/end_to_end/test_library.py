"""The library against a real registry."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import oci
from support.registry import Registry

import nixfetch_docker


def test_a_program_reads_an_image(registry: Registry, tmp_path: Path) -> None:
    images = [
        oci.image(oci.layer({"a": b"a"}), platform=platform)
        for platform in ("linux/amd64", "linux/arm64")
    ]
    index = registry.push("acme/web:1.0", *images)
    name = f"{registry.host}/acme/web:1.0"
    with nixfetch_docker.connect(anonymous=True) as client:
        assert str(client.digest(name)) == index
        assert oci.digest(client.manifest(name)) == index
        platforms = client.platforms(name)
        assert list(map(str, platforms)) == ["linux/amd64", "linux/arm64"]
        assert client.tags(name) == ["1.0"]
        image = client.image(nixfetch_docker.Reference.parse(name), platforms[1])
        assert (str(image.digest), image.data) == (images[1].digest, images[1].manifest)
        assert client.config(image) == images[1].config
        assert image.size == images[1].size
        nixfetch_docker.write_archive(client, image, tmp_path / "web.tar")
        nixfetch_docker.write_directory(client, image, tmp_path / "web")
        with pytest.raises(nixfetch_docker.NixfetchError, match="there is no layer 2"):
            image.layer(2)
    assert (tmp_path / "web.tar").stat().st_size == 10240
    assert 'tag = "1.0";' in nixfetch_docker.image_expression(image)
