from __future__ import annotations

from pathlib import Path

import pytest

from nixfetch_docker.imports.compose.surroundings import Surroundings
from nixfetch_docker.imports.document import find_images
from nixfetch_docker.imports.found.image import Findings

DIGEST = f"sha256:{'a' * 64}"
FILES = {
    "n/web.json": f'{{"schemaVersion": 2, "config": {{"digest": "{DIGEST}"}}, "layers": []}}',
    "n/index.json": '{"manifests": []}',
    "n/bad.json": '{"config": {"digest": "x"}}',
    "n/text": "text",
}


def found(arguments: str) -> Findings:
    def read(path: Path) -> str:
        if str(path) not in FILES:
            raise FileNotFoundError
        return FILES[str(path)]

    text = f"nix2container.pullImageFromManifest {{ {arguments} }}"
    surroundings = Surroundings(directory=Path("n"), read=read)
    return find_images(text, place="F", suffix=".nix", surroundings=surroundings)


@pytest.mark.parametrize(
    ("arguments", "reference"),
    [
        pytest.param(
            'imageName = "library/web"; imageManifest = ./web.json;', "web:latest", id="defaults"
        ),
        pytest.param(
            'imageName = "x/web"; imageTag = "1"; imageManifest = ./web.json; '
            'registryUrl = "ghcr.io"; arch = "arm64";',
            "ghcr.io/x/web:1",
            id="another registry",
        ),
    ],
)
def test_an_image_is_pinned_by_the_config_of_its_manifest(arguments: str, reference: str) -> None:
    findings = found(arguments)
    assert findings.problems == []
    (image,) = findings.images
    assert (image.reference.familiar, str(image.config)) == (reference, DIGEST)
    assert (image.name, image.place, image.manifest) == ("web", "F: line 1", "")


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        pytest.param("./no.json", "n/no.json: there is no such file; check its name", id="absent"),
        pytest.param("./text", "n/text: line 1, column 1: this is not JSON", id="no JSON"),
        pytest.param(
            "./index.json",
            "n/index.json: it is not the manifest of an image; write it anew by getManifest",
            id="index",
        ),
        pytest.param("./bad.json", "n/bad.json: config.digest: 'x' is not a digest", id="digest"),
        pytest.param(
            "f x", "web:latest: its imageManifest is not the path of a file", id="computed"
        ),
        pytest.param(
            "./${x}.json", "web:latest: its imageManifest is not the path of a file", id="in part"
        ),
    ],
)
def test_a_manifest_that_cannot_be_read_is_a_problem(manifest: str, message: str) -> None:
    findings = found(f'imageName = "web"; imageManifest = {manifest};')
    assert findings.images == []
    (problem,) = findings.problems
    assert str(problem).startswith(f"F: line 1: {message}")
