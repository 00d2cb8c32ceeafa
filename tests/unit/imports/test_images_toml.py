from __future__ import annotations

import pytest
import tomli

from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.imports.found.image import FoundImage
from nixfetch_docker.imports.images_toml import to_toml
from nixfetch_docker.lockfile.images import Images
from nixfetch_docker.lockfile.schema_line import SCHEMA_LINE
from nixfetch_docker.oci.platform import Platform
from nixfetch_docker.oci.reference import Reference

ARM64 = Platform.parse("linux/arm64")


def image(
    text: str, name: str = "", platform: Platform | None = None, *, plain_http: bool = False
) -> FoundImage:
    return FoundImage(
        place="",
        name=name,
        reference=Reference.parse(text),
        platform=platform,
        plain_http=plain_http,
    )


def write(*images: FoundImage) -> str:
    return to_toml(images, lambda _: None)


def test_an_image_has_its_reference_and_its_platform() -> None:
    assert write(image("redis:7", "db"), image("ghcr.io/acme/web:1", "web", ARM64)) == (
        f"{SCHEMA_LINE}# Written by `nixfetch-docker import`; `nixfetch-docker lock` locks it.\n"
        '\n[images.db]\nimage = "redis:7"\n'
        '\n[images.web]\nimage = "ghcr.io/acme/web:1"\nplatforms = ["linux/arm64"]\n'
    )


def test_a_registry_with_plain_http_is_written_once() -> None:
    images = [image(f"registry.lab:5000/{name}:1", name, plain_http=True) for name in ("a", "b")]
    assert tomli.loads(write(*images))["registries"] == {"registry.lab:5000": {"plain-http": True}}


@pytest.mark.parametrize(
    ("images", "names"),
    [
        pytest.param([image("a:1", "the site")], ["the-site"], id="space"),
        pytest.param([image("acme/web:1", "-.é")], ["web"], id="no valid character"),
        pytest.param([image("a:1", "x"), image("a:1", "y")], ["x"], id="same image"),
        pytest.param(
            [image("a:1", "x"), image("a:1", "y", ARM64)], ["x", "y"], id="another platform"
        ),
        pytest.param([image("a:1", "x"), image("b:2", "x")], ["x", "x-2"], id="taken: tag"),
        pytest.param(
            [image("a:1", "x"), image("b:1", "x"), image("c:1", "x")],
            ["x", "x-1", "x-2"],
            id="taken: number",
        ),
    ],
)
def test_every_image_has_a_name_of_its_own(images: list[FoundImage], names: list[str]) -> None:
    assert list(tomli.loads(write(*images))["images"]) == names


def test_the_text_is_an_images_toml() -> None:
    text = write(image("a:1", 'a "b"\n'), image("ghcr.io/acme/web:1", "", ARM64))
    assert len(Images.parse(text).requests) == 2


def test_a_short_name_that_means_another_image_here_is_written_in_full() -> None:
    def check(text: str) -> None:
        if text == "fedora:1":
            raise NixfetchError("it is an alias")

    text = to_toml([image("fedora:1"), image("redis:1")], check)
    written = [entry["image"] for entry in tomli.loads(text)["images"].values()]
    assert written == ["docker.io/library/fedora:1", "redis:1"]
