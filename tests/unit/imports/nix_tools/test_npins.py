from __future__ import annotations

import json
from typing import Any

import pytest

from nixfetch_docker.imports.document import find_images

DIGEST = f"sha256:{'a' * 64}"
CONTAINER = {
    "type": "Container",
    "image_name": "ghcr.io/acme/web",
    "image_tag": "2.1",
    "image_digest": DIGEST,
    "hash": "sha256-x",
}


@pytest.mark.parametrize(
    ("document", "images"),
    [
        pytest.param(
            {"pins": {"web": CONTAINER, "nixpkgs": {"type": "Channel"}}, "version": 7},
            {"web": f"ghcr.io/acme/web:2.1@{DIGEST}"},
            id="npins",
        ),
    ],
)
def test_containers_that_npins_pins_stay_pinned(document: Any, images: dict[str, str]) -> None:
    findings = find_images(json.dumps(document), place="F", suffix=".json")
    assert findings.problems == []
    assert {one.name: one.reference.familiar for one in findings.images} == images


@pytest.mark.parametrize(
    ("pin", "message"),
    [
        pytest.param(
            {"type": "Container", "image_name": "web"},
            "F: pins.web: web: its imageDigest is not a string in this file",
            id="no digest",
        ),
        pytest.param(
            {**CONTAINER, "image_digest": "x"},
            "F: pins.web: ghcr.io/acme/web: 'x' is not a digest",
            id="no digest at all",
        ),
        pytest.param(
            {**CONTAINER, "image_tag": 1},
            "F: pins.web.image_tag: expected a string, found an integer",
            id="a number",
        ),
    ],
)
def test_a_pin_that_cannot_be_read_is_a_problem(pin: Any, message: str) -> None:
    findings = find_images(json.dumps({"pins": {"web": pin}}), place="F", suffix=".json")
    (problem,) = findings.problems
    assert str(problem).startswith(message)
