from __future__ import annotations

import json
from typing import Any

import pytest

from nixfetch_docker.imports.document import find_images

DIGEST = f"sha256:{'a' * 64}"
OLD = {"imageName": "library/redis", "imageDigest": DIGEST, "finalImageTag": "7.4"}
# As nvfetcher writes it: what is not set is null.
NEW = {
    "type": "docker",
    "imageName": "library/redis",
    "imageTag": "7.4",
    "imageDigest": DIGEST,
    "sha256": "sha256-x",
    "os": None,
    "arch": "arm64",
    "finalImageName": None,
    "finalImageTag": None,
    "tlsVerify": None,
}


@pytest.mark.parametrize(
    ("source", "image", "platform"),
    [
        pytest.param(NEW, f"redis:7.4@{DIGEST}", "linux/arm64", id="what is not set is null"),
        pytest.param(
            {**NEW, "finalImageTag": "mine"},
            f"redis:7.4@{DIGEST}",
            "linux/arm64",
            id="loaded under another tag",
        ),
        pytest.param(OLD, f"redis:7.4@{DIGEST}", "None", id="before it wrote imageTag"),
    ],
)
def test_generated_images_stay_pinned(source: Any, image: str, platform: str) -> None:
    document = {
        "cache": {"name": "cache", "src": source, "version": "7.4"},
        "tool": {"name": "tool", "src": {"type": "github", "owner": "a"}},
    }
    findings = find_images(json.dumps(document), place="F", suffix=".json")
    assert findings.problems == []
    (found,) = findings.images
    assert (found.name, found.place) == ("cache", "F: cache.src")
    assert (found.reference.familiar, str(found.platform)) == (image, platform)


TOML = """
[tool]
src.github = "acme/tool"
fetch.github = "acme/tool"

[cache]
src.manual = "7.4"
fetch.docker = "library/redis"
docker.arch = "arm64"

["the web"]
src = { manual = "2.1" }
fetch = { docker = "ghcr.io/acme/web" }
"""


@pytest.mark.parametrize("suffix", [".toml", ""])
def test_images_with_a_tag_of_an_nvfetcher_toml_are_found(suffix: str) -> None:
    findings = find_images(TOML, place="F", suffix=suffix)
    assert [
        (one.place, one.name, one.reference.familiar, str(one.platform)) for one in findings.images
    ] == [
        ("F: cache", "cache", "redis:7.4", "linux/arm64"),
        ('F: "the web"', "the web", "ghcr.io/acme/web:2.1", "None"),
    ]
    assert findings.problems == []


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        pytest.param(
            'src.container = "library/redis"\nsrc.include_regex = "7.*"',
            "F: a: nvfetcher chooses the tag of 'library/redis'; import _sources/generated.json, "
            "which it writes",
            id="newest tag",
        ),
        pytest.param(
            'src.github = "redis/redis"', "F: a: nvfetcher chooses the tag", id="a release"
        ),
        pytest.param(
            'src.manual = "7"\nsrc.prefix = "v"', "F: a: nvfetcher chooses the tag", id="changed"
        ),
        pytest.param('src.manual = "7 4"', "F: a: 'library/redis:7 4' has the tag", id="no tag"),
        pytest.param("src.manual = 7", "F: a.src.manual: expected a string", id="a number"),
        pytest.param("src = 1", "F: a.src: expected a table", id="no table"),
    ],
)
def test_a_tag_that_nvfetcher_chooses_is_told(keys: str, message: str) -> None:
    text = f'[a]\n{keys}\nfetch.docker = "library/redis"\n[b]\nsrc.manual="1"\nfetch.docker="b"\n'
    findings = find_images(text, place="F", suffix=".toml")
    (problem,) = findings.problems
    assert str(problem).startswith(message)
    assert [one.name for one in findings.images] == ["b"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            '[images.a]\nimage = "a:1"\n',
            "F: this is an images.toml already; run `nixfetch-docker lock`",
            id="images.toml",
        ),
        pytest.param(
            '[build]\nimage = "a:1"\n',
            "F: this is TOML, of which nvfetcher's alone is read; "
            "add the image to images.toml yourself",
            id="another kind",
        ),
        pytest.param("a = [", "F: end of document: Invalid value", id="not TOML"),
    ],
)
def test_other_toml_is_told(text: str, message: str) -> None:
    (problem,) = find_images(text, place="F", suffix=".toml").problems
    assert str(problem).startswith(message)
