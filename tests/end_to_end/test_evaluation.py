"""What Nix says of a lock that does not fit: whole messages, at evaluation, nothing built."""

from __future__ import annotations

import json

import pytest
from support import oci
from support.command import Project
from support.nix import REPOSITORY, Nix
from support.registry import Registry


@pytest.fixture
def locked(registry: Registry, project: Project) -> Project:
    for name in ("web", "other"):
        registry.push(f"{name}:1", oci.image(oci.layer({"etc/name": name.encode()})))
    project.update(
        f"""
        [defaults]
        platforms = ["linux/amd64"]
        [images]
        web.image = "{registry.host}/web:1"
        other.image = "{registry.host}/other:1"
        """
    )
    return project


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("/web:1", "/web:2", id="another reference"),
        pytest.param('"linux/amd64"', '"linux/amd64", "linux/arm64"', id="other defaults"),
    ],
)
def test_an_edited_image_does_not_evaluate(old: str, new: str, locked: Project, nix: Nix) -> None:
    locked.images.write_text(locked.images.read_text().replace(old, new))
    assert _error(nix, locked) == (
        "images.toml asks for an image 'web' that images.lock.toml does not have; "
        "run `nix run .#update-images`"
    )


def test_an_image_that_was_added_does_not_evaluate_and_the_others_do(
    locked: Project, nix: Nix
) -> None:
    locked.images.write_text(locked.images.read_text() + 'new.image = "redis"\n')
    assert _error(nix, locked, "new") == (
        "images.toml asks for an image 'new' that images.lock.toml does not have; "
        "run `nix run .#update-images`"
    )
    assert nix.build(locked.images, "web").is_dir()


def test_a_lock_that_is_not_there_is_named(locked: Project, nix: Nix) -> None:
    locked.lock.unlink()
    assert _error(nix, locked) == (
        f"{locked.lock} does not exist; run `nix run .#update-images` to write it, "
        "and in a git repository `git add` it"
    )


def test_a_lock_of_another_version_is_refused(locked: Project, nix: Nix) -> None:
    locked.lock.write_text(locked.lock.read_text().replace("version = 1", "version = 2"))
    assert _error(nix, locked) == (
        "images.lock.toml has version 2, and this nixfetch-docker reads version 1; "
        "update your nixfetch-docker input"
    )


def test_a_platform_that_is_not_locked_is_named(locked: Project, nix: Nix) -> None:
    assert _error(nix, locked, platform="linux/riscv64") == (
        "the image 'web' is not locked for linux/riscv64, only for linux/amd64; "
        'write platforms = ["linux/amd64", "linux/riscv64"] for it in images.toml '
        "and run `nix run .#update-images`"
    )


@pytest.mark.parametrize(
    ("asked", "built"),
    [("linux/arm64/v8", "linux/arm64"), ("linux/amd64/v1", "linux/amd64")],
)
def test_a_platform_is_built_whichever_of_its_names_is_asked_for(
    asked: str, built: str, registry: Registry, project: Project, nix: Nix
) -> None:
    image = oci.image(oci.layer({"a": b"a"}), platform=built)
    registry.push("web:1", image)
    project.update(f'[images.web]\nimage = "{registry.host}/web:1"\nplatforms = ["{asked}"]')
    assert nix.build(project.images, "web", platform=built).is_dir()


def test_evaluation_imports_nothing_that_is_built(locked: Project, nix: Nix) -> None:
    images = f"import {REPOSITORY}/tests/nix/images.nix {{ file = {locked.images}; }}"
    assert json.loads(nix.evaluate(f"({images}).web.outPath")).endswith("+web++1")
    assert _built(nix) == []


def _error(nix: Nix, project: Project, name: str = "web", platform: str | None = None) -> str:
    failed = nix.try_build(project.images, name, platform=platform)
    assert failed.returncode != 0
    assert _built(nix) == []
    # A newer Nix indents it, below its trace.
    lines = [line.strip() for line in failed.stderr.splitlines()]
    return [line for line in lines if line.startswith("error: ")][-1].removeprefix("error: ")


def _built(nix: Nix) -> list[str]:
    """The outputs in the store: all but derivations, sources and Nix's own."""
    names = [path.name for path in nix.store.glob("*")]
    return [name for name in names if name != ".links" and not name.endswith((".drv", "-source"))]
