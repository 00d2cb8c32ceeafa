"""What evaluation says of a lock that does not fit: whole messages, with nothing built."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.nix import REPOSITORY, error, evaluate, try_evaluate


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """An images.toml with the images `redis` and `web`, and its lock beside it."""
    copy = tmp_path / "project"
    shutil.copytree(REPOSITORY / "tests/nix/locked", copy)
    return copy / "images.toml"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("redis:7.4-alpine", "redis:8-alpine", id="another reference"),
        pytest.param('"linux/amd64", "linux/arm64"', '"linux/amd64"', id="other defaults"),
    ],
)
def test_an_edited_image_does_not_evaluate_and_the_others_do(
    old: str, new: str, images: Path
) -> None:
    text = images.read_text()
    assert old in text
    images.write_text(text.replace(old, new))
    assert _error(images, "redis") == (
        "images.toml asks for an image 'redis' that images.lock.toml does not have; "
        "run `nix run .#update-images`"
    )
    assert _path(images, "web")


def test_an_image_that_was_added_does_not_evaluate_and_the_others_do(images: Path) -> None:
    images.write_text(images.read_text() + '[images.new]\nimage = "redis"\n')
    assert _error(images, "new") == (
        "images.toml asks for an image 'new' that images.lock.toml does not have; "
        "run `nix run .#update-images`"
    )
    assert _path(images, "redis")


def test_a_lock_that_is_not_there_is_named(images: Path) -> None:
    lock = images.with_name("images.lock.toml")
    lock.unlink()
    assert _error(images, "redis") == (
        f"{lock} does not exist; run `nix run .#update-images` to write it, "
        "and in a git repository `git add` it"
    )


def test_a_lock_of_another_version_is_refused(images: Path) -> None:
    lock = images.with_name("images.lock.toml")
    lock.write_text(lock.read_text().replace("version = 1", "version = 2"))
    assert _error(images, "redis") == (
        "images.lock.toml has version 2, and this nixfetch-docker reads version 1; "
        "update your nixfetch-docker input"
    )


def test_evaluation_imports_nothing_that_is_built(images: Path) -> None:
    # This Nix has no store to build in.
    assert _path(images, "redis").endswith("-docker.io+library+redis++7.4-alpine")


def _expression(images: Path, name: str) -> str:
    return (
        f"(import {REPOSITORY}/tests/nix/images.nix {{ "
        f'file = {images}; platform = "linux/amd64"; }}).{name}.outPath'
    )


def _path(images: Path, name: str) -> str:
    return str(evaluate(_expression(images, name)))


def _error(images: Path, name: str) -> str:
    failed = try_evaluate(_expression(images, name))
    assert failed.returncode != 0, failed.stdout
    return error(failed.stderr)
