from __future__ import annotations

from pathlib import Path

import pytest
from support.builders import encode, image_config, image_manifest

from nixfetch_docker.endpoints.settings import RegistrySettings
from nixfetch_docker.nix.expression import InvalidName, image_expression, string
from nixfetch_docker.oci.image import Image
from nixfetch_docker.oci.reference import Reference

CONFIG = image_config()
SETTINGS = RegistrySettings(
    plain_http=False,
    mirrors=("https://mirror.example.org",),
    ca_file=Path('../our "CA".pem'),
    client_certificate=Path("client.pem"),
    client_key=Path("client.key"),
)


def image(reference: str, *layers: bytes) -> Image:
    return Image.parse(Reference.parse(reference), encode(image_manifest(CONFIG, *layers)))


def test_a_string_is_escaped_for_nix() -> None:
    assert string('a"b\\c${d}$e\n\r\t') == r'"a\"b\\c\${d}$e\n\r\t"'


def test_an_expression_is_laid_out_as_nixfmt_does() -> None:
    made = image("redis:7", b"layer")
    manifest, config, layer = made.blobs
    assert (
        image_expression(made, "localhost/redis:mine", settings=SETTINGS)
        == f"""\
# docker.io/library/redis:7, written by nixfetch-docker.
{{ fetchDocker }}:

fetchDocker {{
  repository = "docker.io/library/redis";
  name = "localhost/redis";
  tag = "mine";
  manifest = {{
    sha256 = "{manifest.digest.hex}";
    size = {manifest.size};
    media-type = "application/vnd.oci.image.manifest.v1+json";
  }};
  config = {{
    sha256 = "{config.digest.hex}";
    size = {config.size};
  }};
  layers = [
    {{
      sha256 = "{layer.digest.hex}";
      size = 5;
    }}
  ];
  registries."docker.io" = {{
    plain-http = false;
    mirrors = [
      "https://mirror.example.org"
    ];
    ca-file = builtins.path {{
      name = "ca.pem";
      path = ./. + "/../our \\"CA\\".pem";
    }};
  }};
}}
"""
    )


def test_an_image_by_digest_has_no_tag_and_one_without_layers_an_empty_list() -> None:
    made = image("redis")
    text = image_expression(image(f"redis@{made.digest}"))
    assert "tag" not in text
    assert "  layers = [ ];\n" in text


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("redis", "redis", id="as it is"),
        pytest.param("registry.lab:5000/redis", "registry.lab:5000/redis", id="with a port"),
        pytest.param("My Redis!", "my-redis", id="made valid"),
        pytest.param('${x}"\n\\', "x", id="escapes"),
        pytest.param("a//_b_/.c", "a/b/c", id="parts"),
    ],
)
def test_a_name_is_made_valid(name: str, expected: str) -> None:
    lines = image_expression(image("redis:7"), name).splitlines()
    assert f"  name = {string(expected)};" in lines


@pytest.mark.parametrize("name", ["", "…", "/"])
def test_a_name_without_letters_or_digits_is_refused(name: str) -> None:
    with pytest.raises(InvalidName) as caught:
        image_expression(image("redis:7"), name)
    assert str(caught.value) == (
        f"--name: {name!r} is not a name for an image; "
        "use letters and digits, as in localhost/redis"
    )
