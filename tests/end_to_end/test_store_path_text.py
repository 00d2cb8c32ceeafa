"""Layers that contain store paths, as those that Nix built do.

Nix takes the store path of an input of the blob's build for a reference, which the output of a
fixed-output derivation must not have. Since 2.18 Nix discards references on request:
https://nix.dev/manual/nix/2.21/release-notes/rl-2.18
"""

from __future__ import annotations

import json
import re

import pytest
from support import oci
from support.command import Project
from support.nix import REPOSITORY, Nix
from support.podman import Podman
from support.process import output
from support.registry import Registry

VERSION = re.search(r"(\d+)\.(\d+)", output(["nix", "--version"]))
DISCARDS_REFERENCES = VERSION is not None and tuple(map(int, VERSION.groups())) >= (2, 18)


@pytest.fixture
def image(registry: Registry, project: Project, nix: Nix) -> oci.Image:
    """An image, locked as `web`, whose one layer names both inputs of the layer's build."""
    inputs = json.loads(
        nix.evaluate(
            f"with import {REPOSITORY}/tests/nix/host-pkgs.nix;"
            "[ nixfetch-docker.outPath cacert.outPath ]"
        )
    )
    made = oci.image(oci.layer({"etc/paths": "\n".join(inputs).encode()}, "none"))
    assert all(path.encode() in made.layers[0].data for path in inputs)
    registry.push("web:1", made)
    project.update(f'[images.web]\nimage = "{registry.host}/web:1"')
    return made


@pytest.mark.skipif(
    not DISCARDS_REFERENCES,
    reason="needs Nix 2.18 or newer, which discards references: `make test-current-nix` has it",
)
def test_the_layer_builds_without_references_and_loads(
    image: oci.Image, registry: Registry, project: Project, nix: Nix, podman: Podman
) -> None:
    blob = nix.build(project.images, "web", "layers", "0")
    assert blob.read_bytes() == image.layers[0].data
    assert output(["nix-store", "--query", "--references", blob], env=nix.env) == ""

    podman.load_stream(nix.build(project.images, "web", "stream"))
    assert f"sha256:{podman.inspect(f'{registry.host}/web:1')['Id']}" == image.id


@pytest.mark.skipif(
    DISCARDS_REFERENCES, reason="is about Nix before 2.18, which cannot discard references"
)
def test_a_nix_before_2_18_refuses_the_layer(image: oci.Image, project: Project, nix: Nix) -> None:
    failed = nix.try_build(project.images, "web", "layers", "0")
    assert failed.returncode != 0
    # 2.8 by the assertion `references.empty()`, 2.17 by "illegal path references".
    assert "references" in failed.stderr
    assert nix.paths(oci.digest(image.layers[0].data).replace(":", "-")) == []
