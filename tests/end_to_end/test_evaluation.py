"""What evaluation says of a lock that does not fit: whole messages, with nothing built."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.nix import REPOSITORY, error, evaluate, try_evaluate

from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.lockfile.project import Project


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


# Changes of the lock, or of images.toml, that a pull request may bring, each with the field that
# both readers name. Evaluation reads the entries of one platform, here linux/amd64.
REDIS = "images.redis"
AMD64 = f"{REDIS}.platforms.linux/amd64"
HOSTILE = [
    pytest.param('tag = "7.4-alpine"', f"tag = {value}", f"{REDIS}.tag", id=f"tag {value:.30}")
    for value in [
        '"../../admin?x=1#"',
        r'"7\nCo-authored-by: Eve <eve@evil.example>"',
        r'"7\u001b[31m"',
        r'"7\u202e"',
        '"-7"',
        '""',
        f'"{"a" * 129}"',
        f'"{"a" * 1_000_000}"',
        "7",
        '["7"]',
    ]
]
HOSTILE += [
    pytest.param(
        'repository = "docker.io/library/redis"',
        f"repository = {value}",
        f"{REDIS}.repository",
        id=f"repository {value:.40}",
    )
    for value in [
        '"docker.io/library/../admin"',
        '"docker.io/library/redis?x=1#"',
        r'"docker.io/library/redis\n"',
        r'"docker.io/library/redis\u001b[31m"',
        '"docker.io/library/redis:7"',
        '"docker.io/Library/redis"',
        '"ann:secret@docker.io/library/redis"',
        '"https://docker.io/library/redis"',
        '"redis"',
        f'"docker.io/{"a" * 1_000_000}"',
        "1",
    ]
]
HOSTILE += [
    pytest.param(
        'size = 1572, media-type = "application/vnd.oci.image.manifest.v1+json"',
        new,
        f"{AMD64}.manifest.{key}",
        id=new[:40],
    )
    for key, new in [
        ("media-type", r'size = 1572, media-type = "text/html\u001b[31m"'),
        ("size", 'size = "1572", media-type = "application/vnd.oci.image.manifest.v1+json"'),
        ("size", 'size = -1, media-type = "application/vnd.oci.image.manifest.v1+json"'),
        ("size", 'size = 1.5, media-type = "application/vnd.oci.image.manifest.v1+json"'),
    ]
]
HOSTILE += [
    pytest.param(f'"{old * 64}"', f'"{new}"', f"{AMD64}.{field}.sha256", id=f"{field} {new:.30}")
    for field, old in [("manifest", "6"), ("config", "7"), ("layers[0]", "8")]
    for new in [
        "../../admin?x=1#",
        "A" * 64,
        "1" * 63,
        # Nix itself takes this for a sha256, in its own base 32.
        "0" * 52,
        "0" * 1_000_000,
    ]
]
HOSTILE += [
    pytest.param(
        f'digest = "sha256:{"5" * 64}"', 'digest = "../../admin"', f"{REDIS}.digest", id="digest"
    ),
    pytest.param('tag = "7.4', 'tog = 1\ntag = "7.4', REDIS, id="unknown key"),
    pytest.param(
        '[images.redis.platforms."linux/arm64"]',
        r'[images.redis.platforms."linux/\u001b[31m"]',
        f"{REDIS}.platforms",
        id="platform",
    ),
]


@pytest.mark.parametrize(("old", "new", "field"), HOSTILE)
def test_a_hostile_lock_is_refused_by_both_readers_and_not_shown(
    old: str, new: str, field: str, images: Path
) -> None:
    lock = images.with_name("images.lock.toml")
    assert old in lock.read_text()
    lock.write_text(lock.read_text().replace(old, new, 1))
    done = try_evaluate(_expression(images, "redis"))
    assert done.returncode != 0
    assert error(done.stderr).startswith(f"images.lock.toml: {field} ")
    assert "\x1b[31m" not in error(done.stderr)
    assert "admin" not in error(done.stderr)
    with pytest.raises(NixfetchError) as caught:
        Project(images_path=images).read_lock()
    assert field.replace("linux/amd64", '"linux/amd64"') in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "name",
    [r"a\u001b[31m", r"a\nb", "a b", r"\u202ea", "-a", "a/b", "", "a" * 129, "a" * 1_000_000],
)
def test_a_hostile_name_of_an_image_is_refused_by_both_readers_and_not_shown(
    name: str, images: Path
) -> None:
    images.write_text(f'{images.read_text()}\n[images."{name}"]\nimage = "redis"\n')
    message = _error(images, "redis")
    assert message.startswith("images.toml has an image whose name is none; use up to 128 letters")
    with pytest.raises(NixfetchError) as caught:
        Project(images_path=images).read_images()
    assert "this cannot name an image" in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("version", ['version = "\\u001b[31m"', "", "version = [1]"])
def test_a_lock_without_a_version_is_none(version: str, images: Path) -> None:
    lock = images.with_name("images.lock.toml")
    lock.write_text(lock.read_text().replace("version = 1", version))
    assert _error(images, "redis") == (
        "images.lock.toml is no lock: its version is no number; restore it from git, or delete it "
        "and run `nix run .#update-images`"
    )
