"""Odd images and indexes, with skopeo and the engines as the judges of what they are."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from support import oci
from support.busybox import busybox, printing
from support.command import Project
from support.docker import Docker
from support.nix import Nix
from support.podman import Podman
from support.process import output
from support.registry import Registry

DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"

OTHER = oci.image(oci.layer({"a": b"other"}), platform="linux/arm64")
UNNAMED = oci.image(oci.layer({"a": b"unnamed"}), platform="linux/amd64")
NAMED = oci.image(oci.layer({"a": b"named"}), platform="linux/amd64")


def entry(image: oci.Image, **more: Any) -> dict[str, Any]:
    return {**oci.descriptor(image.manifest, oci.MANIFEST), **more}


def labelled(image: oci.Image) -> dict[str, Any]:
    os, architecture = image.platform.split("/")
    return entry(image, platform={"os": os, "architecture": architecture})


def locked_manifest(project: Project, platform: str) -> str:
    lock = tomllib.loads(project.lock.read_text())
    found: str = lock["images"]["web"]["platforms"][platform]["manifest"]["sha256"]
    return f"sha256:{found}"


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(entry(OTHER), id="no platform, of another architecture"),
        pytest.param(entry(OTHER, platform={}), id="empty platform, of another architecture"),
        pytest.param(
            entry(UNNAMED, platform={"os": "", "architecture": ""}), id="empty fields, of the same"
        ),
    ],
)
def test_skopeo_chooses_the_entry_that_is_locked(
    first: dict[str, Any], registry: Registry, project: Project, tmp_path: Path
) -> None:
    for image in (OTHER, UNNAMED, NAMED):
        registry.push("acme/web:part", image)
    index = {"schemaVersion": 2, "mediaType": oci.INDEX, "manifests": [first, labelled(NAMED)]}
    registry.put("acme/web", "1.0", oci.encode(index), oci.INDEX)
    web = f"{registry.host}/acme/web:1.0"
    project.update(f'[images.web]\nimage = "{web}"\nplatforms = ["linux/amd64"]\n')
    copy = tmp_path / "copy"
    options = ["--override-os=linux", "--override-arch=amd64", "--src-tls-verify=false"]
    output(
        [
            "skopeo",
            "--insecure-policy",
            *options[:2],
            "copy",
            options[2],
            f"docker://{web}",
            f"dir:{copy}",
        ]
    )
    chosen = oci.digest((copy / "manifest.json").read_bytes())
    assert locked_manifest(project, "linux/amd64") == chosen == NAMED.digest


@pytest.mark.parametrize("config_type", ["application/octet-stream", "text/plain"])
def test_an_old_config_type_is_locked_and_engines_run_the_image(
    config_type: str,
    registry: Registry,
    project: Project,
    nix: Nix,
    request: pytest.FixtureRequest,
) -> None:
    image = printing("old")
    registry.push("acme/web:part", image)
    manifest = {
        "schemaVersion": 2,
        "mediaType": DOCKER_MANIFEST,
        "config": oci.descriptor(image.config, config_type),
        "layers": [oci.descriptor(one.data, DOCKER_LAYER) for one in image.layers],
    }
    registry.put("acme/web", "1.0", oci.encode(manifest), DOCKER_MANIFEST)
    project.update(f'[images.web]\nimage = "{registry.host}/acme/web:1.0"\n')
    archive = nix.build(project.images, "web", "archive")
    name = f"{registry.host}/acme/web:1.0"
    for fixture in ("podman", "docker"):
        engine: Podman | Docker = request.getfixturevalue(fixture)
        engine.load(archive)
        assert engine.run(name) == "old"


def test_an_image_that_loses_a_platform_keeps_its_pin(registry: Registry, project: Project) -> None:
    arm64 = oci.image(busybox(), platform="linux/arm64")
    registry.push("acme/web:1.0", NAMED, arm64)
    web = f"{registry.host}/acme/web:1.0"
    before = project.update(f'[images.web]\nimage = "{web}"\n')
    registry.push("acme/web:1.0", UNNAMED)
    for command in ("update", "lock", "update --check", "update --json", "update --markdown"):
        done = project.try_run(*command.split())
        if command == "lock":
            # The request has not changed: nothing is asked.
            assert (done.returncode, project.lock.read_text()) == (0, before)
            continue
        assert (done.returncode, project.lock.read_text()) == (1, before)
        told = (
            "it has no image for linux/arm64 any more, which is locked at 1.0, only for linux/amd64"
        )
        assert told in done.stderr
        if command.endswith("json"):
            (document,) = json.loads(done.stdout)["images"]
            assert told in document["error"]
        elif command.endswith("markdown"):
            assert told in done.stdout
    accepted = project.update(f'[images.web]\nimage = "{web}"\nplatforms = ["linux/amd64"]\n')
    assert "linux/arm64" not in accepted
    assert locked_manifest(project, "linux/amd64") == UNNAMED.digest
