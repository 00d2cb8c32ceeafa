from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.builders import locked_image, request

from nixfetch_docker.base.files import FileError
from nixfetch_docker.errors import NixfetchError, UsageError
from nixfetch_docker.lockfile.addition import Addition
from nixfetch_docker.lockfile.lock import Lock
from nixfetch_docker.lockfile.project import Project

REDIS = '[images.redis]\nimage = "redis:7"\n'


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.at(tmp_path / "images.toml")


@pytest.mark.parametrize(
    ("image", "name"), [("ghcr.io/acme/web:2.1", "web"), ("oci:./images/app.tar", "app")]
)
def test_an_image_is_named_after_its_repository_or_its_file(
    image: str, name: str, project: Project
) -> None:
    addition = Addition.prepare(project, image)
    assert addition.name == name
    assert addition.request.image == image


def test_an_addition_writes_both_files_and_keeps_the_rest(project: Project) -> None:
    project.images_path.write_text(f"# mine\n{REDIS}")
    redis = locked_image()
    project.lock_path.write_text(Lock(images={"redis": redis}).to_toml())
    addition = Addition.prepare(project, "ghcr.io/acme/web:1", platforms=["linux/amd64"])
    assert addition.images.requests.keys() == {"redis", "web"}
    web = locked_image(addition.request)
    report = addition.write(web)
    assert project.images_path.read_text() == (
        f"# mine\n{REDIS}\n"
        '[images.web]\nimage = "ghcr.io/acme/web:1"\nplatforms = ["linux/amd64"]\n'
    )
    assert project.read_lock().lock == Lock(images={"redis": redis, "web": web})
    assert report.pins == ("", f"1 {web.digest.short}")


def test_nothing_is_written_before_the_image_is_locked(project: Project) -> None:
    Addition.prepare(project, "redis:7")
    assert list(project.directory.iterdir()) == []


@pytest.mark.parametrize(
    ("image", "options", "error", "message"),
    [
        pytest.param(
            "redis:8",
            {},
            UsageError,
            "an image is named 'redis' already; give another --name",
            id="name that is taken",
        ),
        pytest.param("acme/Web", {}, NixfetchError, "upper case", id="no reference"),
        pytest.param(
            "web:1",
            {"name": "a b"},
            UsageError,
            "--name: 'a b' cannot name an image; use letters, ",
            id="name that cannot be one",
        ),
        pytest.param(
            "web:1", {"name": ""}, UsageError, "--name: '' cannot name an image; ", id="empty name"
        ),
        pytest.param(
            "web",
            {"version": "newest"},
            UsageError,
            "--version: 'newest' is not a version constraint; ",
            id="version that is none",
        ),
        pytest.param(
            "ghcr.io/acme/web:2.1",
            {"version": "^2 <3"},
            UsageError,
            "ghcr.io/acme/web:2.1 names a tag or a digest already, so --version has nothing to "
            "choose; write ghcr.io/acme/web --version '^2 <3', or leave out --version",
            id="version beside a tag",
        ),
        pytest.param(
            f"web@sha256:{'0' * 64}",
            {"version": "2"},
            UsageError,
            "names a tag or a digest already",
            id="version beside a digest",
        ),
        pytest.param(
            "oci:./images/app",
            {"version": "2"},
            UsageError,
            "an image in a file has no tags to follow; leave out --version",
            id="version of a file",
        ),
    ],
)
def test_a_bad_addition_is_refused(
    image: str, options: Any, error: type[Exception], message: str, project: Project
) -> None:
    project.images_path.write_text(REDIS)
    with pytest.raises(error) as caught:
        Addition.prepare(project, image, **options)
    assert message in str(caught.value)


def test_an_images_toml_that_changed_meanwhile_is_kept_with_its_lock(project: Project) -> None:
    addition = Addition.prepare(project, "redis:7")
    project.images_path.write_text("# mine\n")
    with pytest.raises(FileError):
        addition.write(locked_image(request("redis:7")))
    assert project.images_path.read_text() == "# mine\n"
    assert not project.lock_path.exists()
