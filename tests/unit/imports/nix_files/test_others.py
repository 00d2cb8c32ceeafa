from __future__ import annotations

import pytest

from nixfetch_docker.imports.nix_files.images import find_in_nix

LOOKS = "looks like an image, and nothing says what it is for; add it by `nixfetch-docker add`, if"


@pytest.mark.parametrize(
    "images",
    [
        ["docker.io/mysql:8.4.7", "docker.io/mysql:8.4"],
        ["acme/web:12", "acme/web:1"],
        ["ghcr.io/acme/web:1", "acme/web:1"],
        ["web:2-alpine", "web:2"],
        ["web:2", "web:2-alpine"],
    ],
)
def test_an_image_that_is_a_part_of_another_name_is_one_of_its_own(images: list[str]) -> None:
    one, other = images
    for text in (
        f'{{ a.db_image = "{one}"; b.db_image = "{other}"; }}',
        f'{{ oci-containers.containers.a.image = "{one}"; b.image = "{other}"; }}',
    ):
        found = [image.reference.familiar for image in find_in_nix(text).images]
        assert found == [text.removeprefix("docker.io/") for text in images]


@pytest.mark.parametrize(
    "text",
    [
        'let base = "ghcr.io/a/b:1"; in { containers.x.image = base + "-alpine"; }',
        '{ containers.x.image = "ghcr.io/a/b:1" + "-alpine"; }',
        'let base = "ghcr.io/a/b:1"; in { containers.x.image = "${base}-alpine"; }',
    ],
)
def test_a_piece_of_an_image_is_none_of_its_own(text: str) -> None:
    findings = find_in_nix(text)
    assert [image.reference.familiar for image in findings.images] == ["ghcr.io/a/b:1-alpine"]
    assert findings.problems == []


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        (
            '{ containers.a.image = "a:1"; x = { "ghcr.io/acme/b:edge" = 1; }; }',
            [f"line 1: 'ghcr.io/acme/b:edge' {LOOKS} it is one"],
        ),
        ('{ containers.a.image = "ghcr.io/a/b:1"; x."ghcr.io/a/b:1" = 1; }', []),
        ('{ containers.a.image = "a:1"; registries."registry.lab:5000".x = 1; }', []),
    ],
)
def test_an_image_that_is_the_name_of_an_attribute_is_told(text: str, messages: list[str]) -> None:
    assert [str(problem) for problem in find_in_nix(text).problems] == messages


@pytest.mark.parametrize(
    "values",
    [
        '{ image = { registry = "quay.io"; repository = "a/b"; tag = "1"; }; }',
        '{ image = { repository = "quay.io/a/b"; }; }',
        '{ image.repository = "quay.io/a/b"; image.tag = "1"; }',
        '{ sidecar.image.repository = "quay.io/a/b"; }',
    ],
)
def test_the_values_of_a_chart_are_told(values: str) -> None:
    findings = find_in_nix(f'{{\n  containers.a.image = "a:1";\n  chart.values = {values};\n}}')
    assert [str(problem) for problem in findings.problems] == [
        "line 3: a chart of Helm makes an image of these values; import what `helm template` prints"
    ]


def test_the_value_of_a_variable_that_is_named_as_an_image_is_one() -> None:
    text = '{ containers.a.image = "a:1"; env.PROXY_IMAGE.value = "acme/proxy:1"; }'
    assert [image.reference.familiar for image in find_in_nix(text).images] == [
        "a:1",
        "acme/proxy:1",
    ]


@pytest.mark.parametrize(
    "text",
    [
        '{ x.image = "localhost/a:1"; }',
        '{ lib, ... }: { options.x.image = lib.mkOption { default = "localhost/a:1"; }; }',
        'let toolImage = "localhost/a:1"; in { }',
    ],
)
def test_an_image_that_was_built_here_is_told_wherever_it_stands(text: str) -> None:
    findings = find_in_nix(text)
    assert findings.images == []
    assert [str(problem) for problem in findings.problems] == [
        "line 1: localhost/a:1 is podman's name for an image that was built on this machine; "
        "push it to a registry, or build it with Nix"
    ]


def test_a_registry_on_this_machine_is_one() -> None:
    (image,) = find_in_nix('{ x.image = "localhost:5000/a:1"; }').images
    assert image.reference.familiar == "localhost:5000/a:1"
