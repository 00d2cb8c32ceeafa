from __future__ import annotations

import json

import pytest

from nixfetch_docker.imports.document import find_images

DIGEST = f"sha256:{'a' * 64}"
PULLED = {"imageName": "web", "imageDigest": DIGEST}
PREFETCHED = json.dumps(PULLED)
COMPOSE = "services:\n  web: {image: web}\n"
COMPOSE_JSON = json.dumps({"services": {"web": {"image": "web"}}})
NIX = '{ containers.web.image = "web"; }'


@pytest.mark.parametrize(
    ("suffix", "text", "place"),
    [
        pytest.param(".json", PREFETCHED, "FILE", id="nix-prefetch-docker"),
        pytest.param(".json", "\ufeff" + PREFETCHED, "FILE", id="byte order mark"),
        pytest.param(".json", COMPOSE_JSON, "FILE: services.web", id="compose as JSON"),
        pytest.param(".yaml", COMPOSE, "FILE: services.web", id="compose"),
        pytest.param(".YML", COMPOSE, "FILE: services.web", id="upper case"),
        pytest.param(".nix", NIX, "FILE: line 1", id="Nix"),
        pytest.param("", PREFETCHED, "FILE", id="JSON by its content"),
        pytest.param("", COMPOSE_JSON, "FILE: services.web", id="compose JSON by its content"),
        pytest.param("", f"name: x\n{COMPOSE}", "FILE: services.web", id="compose by its content"),
        pytest.param(".txt", NIX, "FILE: line 1", id="Nix by its content"),
    ],
)
def test_the_kind_of_a_text_follows_from_its_suffix_or_its_content(
    suffix: str, text: str, place: str
) -> None:
    findings = find_images(text, place="FILE", suffix=suffix)
    assert findings.problems == []
    assert [(image.name, image.place) for image in findings.images] == [("web", place)]


def test_what_is_left_out_has_its_file() -> None:
    findings = find_images("services: {own: {build: .}}", place="a.yaml", suffix=".yaml")
    assert findings.left_out == [
        "a.yaml: services.own: it is built and names no image, so it is left out"
    ]


def test_compose_json_must_be_a_compose_file() -> None:
    assert len(find_images(COMPOSE_JSON, place="stdin", is_compose_json=True).images) == 1
    (problem,) = find_images(PREFETCHED, place="stdin", is_compose_json=True).problems
    assert str(problem).startswith("stdin: the document: 'services' is missing; every compose ")


@pytest.mark.parametrize(
    ("suffix", "text", "message"),
    [
        pytest.param(".json", "{]", "a: line 1, column 2: this is not JSON", id="no JSON"),
        pytest.param(".nix", '"', "a: line 1: this string has no end", id="no Nix"),
        pytest.param("", "[" * 100_000, "a: its values are nested too deeply", id="deep JSON"),
        pytest.param(
            ".nix",
            "{ containers.b.image = c; }",
            "a: line 1: the image of 'b' is not a string in this file",
            id="an image that cannot be imported",
        ),
    ],
)
def test_a_problem_has_the_place_of_the_file(suffix: str, text: str, message: str) -> None:
    findings = find_images(text, place="a", suffix=suffix)
    assert findings.images == []
    assert [problem.cause for problem in findings.problems] == [message]


def test_nix_with_a_unit_in_a_text_is_nix() -> None:
    text = "{\n  a.image = \"a:1\";\n  b = ''\n[Service]\nExecStart=x\n'';\n}\n"
    assert [one.reference.familiar for one in find_images(text, place="F").images] == ["a:1"]
