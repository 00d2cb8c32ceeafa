from __future__ import annotations

import json

import pytest

from nixfetch_docker.imports.document import find_images
from nixfetch_docker.imports.found.image import Findings
from nixfetch_docker.imports.unpinned import unpinned

D = f"sha256:{'a' * 64}"
PULLED = {"imageName": "redis", "imageDigest": D}
TAGGED = {**PULLED, "finalImageTag": "7"}
NPINS = {"pins": {"a": {"type": "Container", "image_name": "redis", "image_digest": D}}}
DOCKER2NIX = """fetchdocker {
  registry = "https://r.example.org/v2/"; imageName = "web"; tag = "1";
  imageConfig = fetchDockerConfig { sha256 = "%s"; }; imageLayers = [ ];
}""" % ("0" * 64)


def import_(text: str, suffix: str) -> Findings:
    return unpinned(find_images(text, place="FILE", suffix=suffix))


@pytest.mark.parametrize(
    ("suffix", "text", "image", "remark"),
    [
        pytest.param(
            ".yml",
            f"services: {{a: {{image: 'redis:7@{D}'}}}}",
            "redis:7",
            f"it follows its tag now, no longer {D}",
            id="compose",
        ),
        pytest.param(
            ".nix",
            f'{{ virtualisation.oci-containers.containers.a.image = "docker.io/redis:7@{D}"; }}',
            "redis:7",
            f"it follows its tag now, no longer {D}",
            id="containers of NixOS",
        ),
        pytest.param(
            ".json",
            json.dumps({**TAGGED, "finalImageName": "cache"}),
            "redis:7",
            "it was loaded as cache; image.override { name = …; } does that in Nix; "
            f"it follows its tag now, no longer {D}",
            id="another remark",
        ),
        pytest.param(
            ".nix",
            DOCKER2NIX,
            "r.example.org/web:1",
            f"it follows its tag now, no longer sha256:{'0' * 64}",
            id="docker2nix",
        ),
        pytest.param(".yml", "services: {a: {image: redis}}", "redis:latest", "", id="not pinned"),
    ],
)
def test_an_image_follows_its_tag_and_that_is_said(
    suffix: str, text: str, image: str, remark: str
) -> None:
    findings = import_(text, suffix)
    (found,) = findings.images
    assert (found.reference.familiar, found.remark, found.config) == (image, remark, None)
    assert findings.problems == []


@pytest.mark.parametrize(
    ("suffix", "text", "image"),
    [
        pytest.param(
            ".yml", f"services: {{a: {{image: 'redis@{D}'}}}}", f"redis@{D}", id="compose"
        ),
        pytest.param(".json", json.dumps(PULLED), f"redis:latest@{D}", id="nix-prefetch-docker"),
        pytest.param(".json", json.dumps(NPINS), f"redis:latest@{D}", id="npins"),
        pytest.param(
            ".nix",
            f'pullImage {{ imageName = "redis"; imageDigest = "{D}"; }}',
            f"redis:latest@{D}",
            id="pullImage",
        ),
        pytest.param(
            ".nix",
            f'{{tag}}: pullImage {{ imageName="redis"; imageDigest="{D}"; finalImageTag=tag; }}',
            f"redis@{D}",
            id="computed tag",
        ),
    ],
)
def test_a_digest_without_a_tag_stays_and_is_told(suffix: str, text: str, image: str) -> None:
    findings = import_(text, suffix)
    (found,), (problem,) = findings.images, findings.problems
    assert found.reference.familiar == image
    assert str(problem) == (
        f"{found.place}: {image}: no tag is written beside its digest, so it stays pinned; write "
        "the tag to follow into images.toml, in place of the digest"
    )


def test_what_else_was_found_stays() -> None:
    text = f"services: {{a: {{image: 'redis:7@{D}'}}, b: {{build: .}}, c: {{image: 'A'}}}}"
    whole = find_images(text, place="FILE", suffix=".yml")
    findings = unpinned(whole)
    assert (findings.left_out, findings.problems) == (whole.left_out, whole.problems)
    assert whole.left_out
    assert whole.problems
