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
