"""Following versions, against a real registry with some hundred tags."""

from __future__ import annotations

import os

import pytest
import tomli
from support import oci
from support.command import Project
from support.nix import Nix
from support.registry import Registry

HOST = {"x86_64": "linux/amd64", "aarch64": "linux/arm64"}[os.uname().machine]
OLD, NEW = (oci.image(oci.layer({"is": name.encode()}), platform=HOST) for name in ("old", "new"))
VERSIONS = [f"{number // 20 + 1}.{number // 4 % 5}.{number % 4}" for number in range(100)]
TAGS = [
    *VERSIONS,
    *(f"{version}-alpine3.20" for version in VERSIONS[60:]),
    *("latest", "5", "5.4", "6.0.0-rc1", "2024-05-01", "20240501"),
    *("RELEASE.2024-01-02", "RELEASE.2023-12-31"),
    *(f"sha-{n:07x}" for n in range(60)),
]


@pytest.fixture
def registry(registry: Registry) -> Registry:
    registry.push("acme/web:1.0.0", OLD)
    registry.tag("acme/web", OLD, *TAGS)
    return registry


def ask(project: Project, registry: Registry, *lines: str) -> None:
    image = f'image = "{registry.host}/acme/web"'
    project.images.write_text("\n".join(["[images.web]", image, *lines, ""]))


def locked_tag(project: Project) -> str:
    tag: str = tomli.loads(project.lock.read_text())["images"]["web"]["tag"]
    return tag


@pytest.mark.parametrize(
    ("lines", "tag"),
    [
        (['version = "^2.1"'], "2.4.3"),
        (['version = "~4.2"'], "4.2.3"),
        (['version = "4.x-alpine"'], "4.4.3-alpine3.20"),
        (['version = "*"', 'suffix = "alpine"'], "5.4.3-alpine3.20"),
        (['version = ">=6-rc"'], "6.0.0-rc1"),
        (["tag-pattern = '^RELEASE\\.(?P<version>.+)$'"], "RELEASE.2024-01-02"),
    ],
)
def test_the_newest_version_is_locked_and_built(
    lines: list[str], tag: str, registry: Registry, project: Project, nix: Nix
) -> None:
    ask(project, registry, *lines)
    project.run("update")
    assert locked_tag(project) == tag
    assert (
        nix.evaluate(f"(import {nix.images} {{ file = {project.images}; }}).web.imageTag").strip()
        == f'"{tag}"'
    )


def test_a_newer_version_is_followed_and_an_unchanged_one_costs_a_list_and_a_head(
    registry: Registry, project: Project
) -> None:
    ask(project, registry, 'version = "^5"')
    project.run("update")
    before = len(registry.asked())
    assert project.run("update") == ""
    assert registry.asked()[before:] == ["GET acme/web/tags/list", "HEAD acme/web/manifests/5.4.3"]

    registry.push("acme/web:5.10.0", NEW)
    assert project.run("update").startswith("web: updated 5.4.3 -> 5.10.0 (linux/amd64: ")


def test_the_precision_that_is_locked_is_kept(registry: Registry, project: Project) -> None:
    ask(project, registry, 'version = "5.4"')
    project.run("update")
    lock = project.lock.read_text()
    project.lock.write_text(lock.replace('tag = "5.4.3"', 'tag = "5.4"'))
    registry.tag("acme/web", OLD, "5.4.9")
    project.run("update")
    assert locked_tag(project) == "5.4"


def test_only_digest_stays_with_the_tag(registry: Registry, project: Project) -> None:
    ask(project, registry, 'version = "^5"')
    project.run("update")
    registry.push("acme/web:5.10.0", NEW)
    registry.push("acme/web:5.4.3", NEW)
    told = project.run("update", "--only-digest")
    assert told.startswith(f"web: updated 5.4.3 {OLD.digest[:19]} -> {NEW.digest[:19]}\n")
    assert told.endswith("\n     the tag 5.4.3 was pushed again, with other content\n")
    assert project.run("update").startswith("web: updated 5.4.3 ")
    assert locked_tag(project) == "5.10.0"


def test_a_frozen_image_keeps_its_pin_without_a_request(
    registry: Registry, project: Project, nix: Nix
) -> None:
    ask(project, registry, 'version = "^5"')
    project.run("update")
    registry.push("acme/web:5.10.0", NEW)
    before = registry.asked()
    ask(project, registry, 'version = "^5"', "frozen = true")
    project.run("update")
    assert registry.asked() == before
    assert locked_tag(project) == "5.4.3"
    assert "frozen = true" in project.lock.read_text()

    ask(project, registry, 'version = "^5"', "frozen = false")
    project.run("update")
    assert locked_tag(project) == "5.10.0"
    assert nix.build(project.images, "web").is_dir()


def test_a_constraint_without_a_match_names_the_newest_versions(
    registry: Registry, project: Project
) -> None:
    ask(project, registry, 'version = "^9"')
    failed = project.try_run("update")
    assert failed.returncode == 1
    assert failed.stderr.splitlines()[0] == (
        f"nixfetch-docker: web: {registry.host}/acme/web: none of its {len(TAGS)} tags is '^9'; "
        "there are 5.4.0-alpine3.20, 5.4.1, 5.4.1-alpine3.20, 5.4.2, 5.4.2-alpine3.20, 5.4.3, "
        "5.4.3-alpine3.20, 6.0.0-rc1 (`nixfetch-docker tags` lists all tags)"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            'image = "web:1"\nversion = "^1"',
            "images.web.version: the image already names a tag or a digest; remove that, or this",
        ),
        (
            'image = "oci:./web"\nversion = "^1"',
            "images.web.version: an image in a file has no tags to follow; remove this",
        ),
    ],
)
def test_a_version_beside_a_tag_is_refused(text: str, message: str, project: Project) -> None:
    project.images.write_text(f"[images.web]\n{text}\n")
    failed = project.try_run("update")
    assert (failed.returncode, failed.stderr) == (
        1,
        f"nixfetch-docker: images.toml: line 3, column 11: {message}\n",
    )
