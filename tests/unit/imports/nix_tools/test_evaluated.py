from __future__ import annotations

import json
from typing import Any

import pytest

from nixfetch_docker.imports.document import find_images

DIGEST = f"sha256:{'a' * 64}"


@pytest.mark.parametrize(
    ("document", "images"),
    [
        pytest.param(
            {
                "web": {"image": "web:1", "imageFile": None, "ports": ["80:80"]},
                "db": {"image": f"postgres:16@{DIGEST}", "imageFile": None, "imageStream": None},
            },
            {"web": "web:1", "db": f"postgres:16@{DIGEST}"},
            id="oci-containers",
        ),
        pytest.param(
            {"web": {"containerConfig": {"image": "docker://web:1"}, "ref": "web.container"}},
            {"web": "web:1"},
            id="containers of quadlet-nix",
        ),
        pytest.param(
            {
                "autoEscape": True,
                "containers": {"web": {"containerConfig": {"image": "web:1"}}},
                "images": {"db": {"imageConfig": {"image": "db:2"}}},
            },
            {"web": "web:1", "db": "db:2"},
            id="all of quadlet-nix",
        ),
        pytest.param({"containers": {"image": "web:1"}}, {"containers": "web:1"}, id="a name"),
    ],
)
def test_containers_that_nix_has_evaluated(document: Any, images: dict[str, str]) -> None:
    findings = find_images(json.dumps(document), place="F", suffix=".json")
    assert (findings.problems, findings.left_out) == ([], [])
    assert {one.name: one.reference.familiar for one in findings.images} == images


@pytest.mark.parametrize(
    ("container", "reason"),
    [
        pytest.param(
            {"image": "own:1", "imageFile": "/nix/store/x.tar"},
            "b.image: 'own:1' is not pulled from a registry, so it is left out",
            id="loaded from a file",
        ),
        pytest.param(
            {"containerConfig": {"image": "own.build"}},
            "b.containerConfig.image: 'own.build' is not pulled from a registry, so it is left out",
            id="built",
        ),
        pytest.param({"image": None}, "b: it names no image, so it is left out", id="none"),
    ],
)
def test_a_container_without_an_image_of_a_registry_is_left_out(
    container: Any, reason: str
) -> None:
    document = {"a": {"image": "a:1"}, "b": container}
    findings = find_images(json.dumps(document), place="F", suffix=".json")
    assert ([one.name for one in findings.images], findings.problems) == (["a"], [])
    assert findings.left_out == [f"F: {reason}"]


@pytest.mark.parametrize(
    ("container", "message"),
    [
        pytest.param({"image": 1}, "F: b.image: expected a string, found an integer", id="number"),
        pytest.param({"image": "B:1"}, "F: b.image: 'B:1' has upper case", id="no reference"),
        pytest.param("x", "F: b: expected a table, found a string", id="no table"),
    ],
)
def test_a_container_that_cannot_be_read_is_a_problem(container: Any, message: str) -> None:
    document = {"a": {"image": "a:1"}, "b": container}
    findings = find_images(json.dumps(document), place="F", suffix=".json")
    (problem,) = findings.problems
    assert str(problem).startswith(message)


@pytest.mark.parametrize(
    ("document", "images"),
    [
        pytest.param(
            {"a": {"web": {"image": "web:1"}}, "b": {"db": {"image": "db:1"}}},
            {"web": "web:1", "db": "db:1"},
            id="several machines",
        ),
        pytest.param(
            {
                "oci-containers": {"backend": "podman", "containers": {"web": {"image": "web:1"}}},
                "quadlet": {"containers": {"db": {"containerConfig": {"image": "db:1"}}}},
            },
            {"web": "web:1", "db": "db:1"},
            id="all of virtualisation",
        ),
        pytest.param(
            {"x": {"settings": {"services": {"db": {"service": {"image": "db:1"}}}}}},
            {"db": "db:1"},
            id="projects of arion",
        ),
        pytest.param(
            {"containers": {}, "volumes": {"v": {"volumeConfig": {"image": "v:1"}}}},
            {"v": "v:1"},
            id="volumes",
        ),
        pytest.param(
            {"containers": {"image": {"image": "a:1"}}}, {"image": "a:1"}, id="a container's name"
        ),
        pytest.param(
            {"containers": {"a": {"rawConfig": "[Container]\nContainerName=a\nImage=a:1\n"}}},
            {"a": "a:1"},
            id="a raw file of quadlet",
        ),
        pytest.param(
            {
                "a": {"image": "a:1"},
                "b": {"imageName": "b", "imageDigest": f"sha256:{'a' * 64}", "finalImageTag": "1"},
            },
            {"a": "a:1", "b": f"b:1@sha256:{'a' * 64}"},
            id="beside pullImage",
        ),
    ],
)
def test_containers_are_found_wherever_they_stand(document: Any, images: dict[str, str]) -> None:
    findings = find_images(json.dumps(document), place="F", suffix=".json")
    assert findings.problems == []
    assert {one.name: one.reference.familiar for one in findings.images} == images


@pytest.mark.parametrize(
    ("container", "message"),
    [
        pytest.param(
            {"image": "a", "digest": f"sha256:{'a' * 64}"},
            "F: a: its digest stands apart from its image",
            id="digest",
        ),
        pytest.param(
            {"image": "a:1", "environment": {"X": "ghcr.io/x/y:1"}},
            "F: a.environment.X: 'ghcr.io/x/y:1' looks like an image",
            id="another image",
        ),
    ],
)
def test_what_is_beside_an_image_is_told(container: Any, message: str) -> None:
    (problem,) = find_images(json.dumps({"a": container}), place="F", suffix=".json").problems
    assert str(problem).startswith(message)
