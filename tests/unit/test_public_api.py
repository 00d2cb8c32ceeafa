"""What other programs import."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from support import oci
from support.registry import Registry

import nixfetch_docker

PUBLIC = [
    "Client",
    "Digest",
    "Image",
    "Images",
    "Lock",
    "Login",
    "NixfetchError",
    "Platform",
    "Reference",
    "RegistrySettings",
    "__version__",
    "connect",
    "image_expression",
    "stream_archive",
    "write_archive",
    "write_directory",
]


def test_the_public_names_are() -> None:
    assert nixfetch_docker.__all__ == PUBLIC
    assert set(PUBLIC) <= set(dir(nixfetch_docker))


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_is_there_and_says_what_it_is(name: str) -> None:
    value = getattr(nixfetch_docker, name)
    assert isinstance(value, str) or value.__doc__


def test_type_checkers_know_the_same_names() -> None:
    tree = ast.parse(Path(nixfetch_docker.__file__).read_text())
    block = next(node for node in tree.body if isinstance(node, ast.If))
    names = {
        alias.name
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert names == {*PUBLIC} - {"__version__"}


def test_another_name_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="module 'nixfetch_docker' has no attribute 'nothing'"):
        nixfetch_docker.nothing  # noqa: B018


def test_importing_the_package_imports_nothing_else() -> None:
    script = (
        "import sys, nixfetch_docker; "
        "print([name for name in sys.modules if name.startswith(('nixfetch_docker.', 'httpx'))])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout == b"[]\n"


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
