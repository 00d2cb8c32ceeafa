from __future__ import annotations

import pytest

from nixfetch_docker.imports.nix_files.images import find_in_nix
from nixfetch_docker.imports.nix_files.texts import as_written
from nixfetch_docker.imports.nix_language.parser import parse

IN_TEXT = "it stands in a text of this file, which is not read as a whole"
POD = """
  apiVersion: v1
  kind: Pod
  spec:
    containers:
      - image: redis:7
        name: cache
      - name: web
        image: "ghcr.io/acme/web:2.0" # the shop
"""
STACK = """
  services:
    db:
      image: postgres:17
      # image: postgres:16
    app:
      image: acme/app:${version}
      volumes: [ ${dir}/a:/a ]
"""


@pytest.mark.parametrize(
    ("text", "images", "messages"),
    [
        pytest.param(
            f"""{{ pod = writeText "pod.yaml" ''{POD}''; }}""",
            ["redis:7", "ghcr.io/acme/web:2.0"],
            [],
            id="Kubernetes",
        ),
        pytest.param(
            f"""{{ containers.a.image = "a:1"; etc."compose.yaml".text = ''{STACK}''; }}""",
            ["a:1", "postgres:17"],
            [
                "line 1: line 6: 'acme/app:${version}' is no name of an image as it stands in this "
                "text; add the image to images.toml yourself"
            ],
            id="compose",
        ),
        pytest.param(
            """{ x = ''\n  services:\n    a:\n      image: redis\n    b: { }\n''; }""",
            ["redis:latest"],
            [],
            id="without a tag",
        ),
        pytest.param(
            """{ x = ''\n  services:\n    a:\n      image: localhost/a\n''; }""",
            [],
            [
                "line 1: line 3: localhost/a:latest is podman's name for an image that was built "
                "on this machine; push it to a registry, or build it with Nix"
            ],
            id="built here",
        ),
        pytest.param(
            """{ x = ''\n  - name: a\n    image: 'quay.io/a/b:1'\n''; }""",
            ["quay.io/a/b:1"],
            [],
            id="a part of a file",
        ),
        pytest.param(
            """{ x = "services:\\n  a:\\n    image: a:1\\n"; }""", ["a:1"], [], id="in quotes"
        ),
        pytest.param(
            """{ x = ''\n  image: /srv/photo.png\n  image: https://a.test/b:1\n''; }""",
            [],
            [],
            id="pictures",
        ),
        pytest.param("""{ x = "the image: it is big"; }""", [], [], id="prose"),
    ],
)
def test_yaml_in_a_text_is_read_by_its_lines(
    text: str, images: list[str], messages: list[str]
) -> None:
    findings = find_in_nix(text)
    assert [image.reference.familiar for image in findings.images] == images
    assert [str(problem) for problem in findings.problems] == messages
    remarks = {image.remark for image in findings.images if image.name != "a"}
    assert remarks <= {IN_TEXT}


def test_an_image_of_a_text_is_told_with_the_line_of_the_text() -> None:
    (image,) = find_in_nix(
        "{\n\n  x = ''\n    services:\n      a:\n        image: a:1\n  '';\n}"
    ).images
    assert (image.place, image.name, image.remark) == ("line 3", "a", IN_TEXT)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ('"a"', "a"),
        ('"${pkgs.podman}/bin"', "${podman}/bin"),
        ('"${lib.getExe pkgs.podman} run"', "${podman} run"),
        ('"${toString 1}${x}"', "${}${x}"),
        ("1", ""),
    ],
)
def test_a_text_is_written_with_the_names_of_what_it_interpolates(text: str, written: str) -> None:
    assert as_written(parse(text)) == written
