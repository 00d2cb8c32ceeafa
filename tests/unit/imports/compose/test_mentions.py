from __future__ import annotations

import json
from typing import Any

import pytest

from nixfetch_docker.imports.compose.images import find_in_compose

LOOKS = "looks like an image, and nothing says what it is for"


def service(**keys: Any) -> Any:
    return {"services": {"a": {"image": "a:1", **keys}}}


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        pytest.param(
            {"environment": {"RUNNER": "ghcr.io/a/b:1"}}, "services.a.environment.RUNNER", id="map"
        ),
        pytest.param(
            {"environment": ["X=1", "RUNNER=ghcr.io/a/b:1"]}, "services.a.environment[1]", id="list"
        ),
        pytest.param({"command": "run --image ghcr.io/a/b:1"}, "services.a.command", id="text"),
        pytest.param(
            {"command": ["--image", "ghcr.io/a/b:1"]}, "services.a.command[1]", id="words"
        ),
        pytest.param(
            {"labels": {"x.image": "ghcr.io/a/b:1"}}, 'services.a.labels."x.image"', id="label"
        ),
    ],
)
def test_an_image_in_another_key_is_told(keys: dict[str, Any], message: str) -> None:
    findings = find_in_compose(service(**keys))
    (problem,) = findings.problems
    assert problem.cause == f"{message}: 'ghcr.io/a/b:1' {LOOKS}"
    assert [one.name for one in findings.images] == ["a"]


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param({"volumes": ["./a.b/c:/x:ro", "/srv/a.b/c:/d"]}, id="volumes"),
        pytest.param({"environment": {"URL": "https://a.b/c:1", "N": 1}}, id="addresses"),
        pytest.param({"environment": {"X": "a:1"}, "ports": ["80:80"]}, id="no host"),
        pytest.param({"environment": {"X": "docker.io/library/a:1"}}, id="its own image"),
    ],
)
def test_other_texts_are_not_told(keys: dict[str, Any]) -> None:
    assert find_in_compose(service(**keys)).problems == []


def test_an_image_of_another_service_is_known() -> None:
    document = service(environment={"X": "ghcr.io/a/b:1"})
    document["services"]["b"] = {"image": "ghcr.io/a/b:1"}
    assert find_in_compose(document).problems == []


@pytest.mark.parametrize("image", ["app:1", "docker.io/library/app:1"])
def test_an_image_that_another_service_builds_is_left_out(image: str) -> None:
    services = {"app": {"build": ".", "image": "app:1"}, "worker": {"image": image}}
    findings = find_in_compose(json.loads(json.dumps({"services": services})))
    assert findings.images == []
    assert [str(one) for one in findings.problems][1] == (
        "services.worker: 'app:1' is built for services.app, so it is left out; "
        "if a registry has it too, add it to images.toml yourself"
    )
