from __future__ import annotations

from typing import Any

import pytest

from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.imports.found.pull_image import from_pull_image
from nixfetch_docker.imports.nix_tools.prefetched import find_in_prefetched

DIGEST = f"sha256:{'a' * 64}"
REDIS = {
    "imageName": "redis",
    "imageDigest": DIGEST,
    "sha256": "0" * 52,
    "finalImageName": "redis",
    "finalImageTag": "7.4",
}


@pytest.mark.parametrize(
    ("document", "count"),
    [
        pytest.param(REDIS, 1, id="one output"),
        pytest.param([REDIS, REDIS], 2, id="array"),
        pytest.param({"a": REDIS, "b": REDIS}, 2, id="outputs by name"),
    ],
)
def test_outputs_of_nix_prefetch_docker(document: Any, count: int) -> None:
    findings = find_in_prefetched(document)
    assert findings.problems == []
    assert [image.reference.familiar for image in findings.images] == [
        f"redis:7.4@{DIGEST}"
    ] * count


@pytest.mark.parametrize(
    ("document", "message"),
    [
        pytest.param(
            {},
            "the document: expected 'services' of a compose file, or 'imageName' of "
            "nix-prefetch-docker",
            id="another object",
        ),
        pytest.param(
            [{"a": 1}],
            "[0]: expected 'services' of a compose file, or 'imageName' of nix-prefetch-docker",
            id="array of others",
        ),
        pytest.param("x", "the document: expected a table, found a string", id="string"),
        pytest.param(
            {"imageName": 1}, "imageName: expected a string, found an integer", id="wrong type"
        ),
    ],
)
def test_other_json_is_a_problem(document: Any, message: str) -> None:
    findings = find_in_prefetched(document)
    assert findings.images == []
    assert [str(problem) for problem in findings.problems] == [message]


def test_a_problem_keeps_the_other_outputs() -> None:
    findings = find_in_prefetched({"a": {**REDIS, "imageDigest": "no"}, "b": REDIS})
    assert len(findings.images) == 1
    (problem,) = findings.problems
    assert str(problem).startswith("redis: 'no' is not a digest; ")


@pytest.mark.parametrize(
    ("arguments", "platform"),
    [
        pytest.param({}, "None", id="none"),
        pytest.param({"arch": "arm64"}, "linux/arm64", id="architecture"),
        pytest.param({"os": "windows", "arch": "amd64"}, "windows/amd64", id="both"),
        pytest.param({"os": "linux"}, "None", id="system alone"),
    ],
)
def test_the_platform_is_that_of_the_architecture(arguments: dict[str, str], platform: str) -> None:
    assert str(from_pull_image({**REDIS, **arguments}.get).platform) == platform


@pytest.mark.parametrize("name", ["redis", "docker.io/library/redis"])
def test_a_final_name_that_is_the_images_own_needs_no_remark(name: str) -> None:
    assert from_pull_image({**REDIS, "finalImageName": name}.get).remark == ""


def test_a_missing_argument_is_refused() -> None:
    with pytest.raises(NixfetchError, match=r"^its imageName is not a string in this file; "):
        from_pull_image(lambda _: None)
