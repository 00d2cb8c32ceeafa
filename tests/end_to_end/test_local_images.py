"""Images in files: OCI layouts and docker-archives."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

import pytest
import tomli
from support import oci
from support.command import Project
from support.nix import Nix
from support.podman import Podman
from support.process import output

HOST = {"x86_64": "linux/amd64", "aarch64": "linux/arm64"}[os.uname().machine]
OTHER = {"linux/amd64": "linux/arm64", "linux/arm64": "linux/amd64"}[HOST]
LAYERS = [oci.layer({"etc/a": b"a" * 5000}), oci.layer({"etc/b": b"b"}, "none")]
IMAGE = oci.image(*LAYERS, platform=HOST)


@pytest.fixture
def project(project: Project, nix: Nix) -> Project:
    """A project whose commands see the test's own store."""
    project.env |= {**nix.env, "HOME": str(project.home)}
    return project


def copy(source: Path, target: str) -> None:
    """Copy an OCI layout with skopeo, with which such files are often made."""
    options = (
        ["--quiet"] if target.startswith("docker-archive") else ["--quiet", "--preserve-digests"]
    )
    output(["skopeo", "--insecure-policy", "copy", *options, f"oci:{source}", target])


def lock(project: Project, image: str) -> dict[str, object]:
    text = project.update(f'[images.web]\nimage = "{image}"')
    entry: dict[str, object] = tomli.loads(text)["images"]["web"]
    return entry


@pytest.mark.parametrize("form", ["directory", "tar"])
def test_an_oci_layout_is_locked_and_built_to_the_byte(
    form: str, project: Project, nix: Nix, podman: Podman
) -> None:
    layout = project.directory / "web"
    digest = oci.write_layout(layout, [IMAGE])
    path = "./web"
    if form == "tar":
        with tarfile.open(project.directory / "web.tar", "w") as tar:
            tar.add(layout, ".")
        path = "./web.tar"
    entry = lock(project, f"oci:{path}")
    assert entry["digest"] == digest
    assert entry["repository"] == "localhost/web"

    project.run("prefetch")
    built = nix.build(project.images, "web")
    encoded = IMAGE.digest.removeprefix("sha256:")
    assert (built / "blobs/sha256" / encoded).read_bytes() == IMAGE.manifest
    podman.load_stream(nix.build(project.images, "web", "stream"))
    name = f"localhost/web:sha256-{encoded}"
    assert podman.inspect(name)["Id"] == IMAGE.id.removeprefix("sha256:")


def test_the_tag_of_a_layout_is_locked(project: Project, tmp_path: Path) -> None:
    source = tmp_path / "source"
    oci.write_layout(source, [IMAGE])
    copy(source, f"oci:{project.directory}/web:1.0")
    entry = lock(project, "oci:./web")
    assert (entry["repository"], entry["tag"]) == ("localhost/web", "1.0")


def test_a_name_chooses_among_several_images(project: Project, tmp_path: Path) -> None:
    images = {name: oci.image(*LAYERS, labels={"is": name}, platform=HOST) for name in ("a", "b")}
    for name, image in images.items():
        oci.write_layout(tmp_path / name, [image])
        copy(tmp_path / name, f"oci:{project.directory}/web:{name}")
    assert lock(project, "oci:./web:b")["digest"] == images["b"].digest

    project.images.write_text('[images.web]\nimage = "oci:./web"')
    failed = project.try_run("update")
    assert failed.returncode == 1
    assert (
        "nixfetch-docker: web: oci:./web: this names none or several of the images in it; "
        "name one of these after a colon: a, b\n"
    ) in failed.stderr


def test_all_platforms_of_an_index_are_locked(project: Project, nix: Nix) -> None:
    other = oci.image(*LAYERS, platform=OTHER)
    digest = oci.write_layout(project.directory / "web", [IMAGE, other])
    entry = lock(project, "oci:./web")
    assert entry["digest"] == digest
    assert sorted(entry["platforms"]) == sorted([HOST, OTHER])  # type: ignore[call-overload]
    project.run("prefetch", "--all-platforms")
    for platform in (HOST, OTHER):
        assert nix.build(project.images, "web", platform=platform).is_dir()


def test_a_docker_archive_is_locked_and_built(
    project: Project, nix: Nix, podman: Podman, tmp_path: Path
) -> None:
    oci.write_layout(tmp_path / "source", [IMAGE])
    copy(tmp_path / "source", f"docker-archive:{project.directory}/web.tar:acme/web:1.0")
    entry = lock(project, "docker-archive:./web.tar")
    assert (entry["repository"], entry["tag"]) == ("docker.io/acme/web", "1.0")
    assert lock(project, "docker-archive:./web.tar") == entry

    project.run("prefetch")
    podman.load_stream(nix.build(project.images, "web", "stream"))
    found = podman.inspect("docker.io/acme/web:1.0")
    assert found["Digest"] == entry["digest"]
    diff_ids = [layer.diff_id for layer in LAYERS]
    assert found["RootFS"]["Layers"] == diff_ids
    assert f"sha256:{found['Id']}" == nix_value(nix, project, "imageId")


def test_the_archive_that_nix_builds_can_be_locked(project: Project, nix: Nix) -> None:
    oci.write_layout(project.directory / "web", [IMAGE])
    before = lock(project, "oci:./web")
    project.run("prefetch")
    archive = nix.build(project.images, "web", "archive")
    assert lock(project, f"oci:{archive}")["platforms"] == before["platforms"]
    layers = lock(project, f"docker-archive:{archive}")["platforms"][HOST]["layers"]  # type: ignore[index]
    assert layers == before["platforms"][HOST]["layers"]  # type: ignore[index]


def nix_value(nix: Nix, project: Project, attribute: str) -> str:
    images = f"(import {Path(__file__).parents[1]}/nix/images.nix {{ file = {project.images}; }})"
    return nix.evaluate(f"{images}.web.{attribute}").strip().strip('"')


def test_a_missing_file_is_an_error(project: Project) -> None:
    project.images.write_text('[images.web]\nimage = "docker-archive:./web.tar"')
    failed = project.try_run("update")
    assert failed.returncode == 1
    assert failed.stderr.splitlines()[0] == (
        "nixfetch-docker: web: docker-archive:./web.tar: there is no such file; "
        "paths start where images.toml is"
    )
    assert not project.lock.exists()


def test_a_build_without_prefetch_says_what_to_do(project: Project, nix: Nix) -> None:
    oci.write_layout(project.directory / "web", [IMAGE])
    lock(project, "oci:./web")
    failed = nix.try_build(project.images, "web")
    assert failed.returncode != 0
    assert (
        "nixfetch-docker: oci:./web: this image is in a file, which a build cannot read; "
        "put it into the store: nixfetch-docker prefetch"
    ) in failed.stderr


def test_a_file_that_changed_since_it_was_locked_is_an_error(project: Project) -> None:
    layout = project.directory / "web"
    oci.write_layout(layout, [IMAGE])
    lock(project, "oci:./web")
    encoded = oci.digest(LAYERS[0].data).removeprefix("sha256:")
    (layout / "blobs/sha256" / encoded).write_bytes(b"spoiled")
    failed = project.try_run("prefetch")
    assert failed.returncode == 1
    assert (
        f"nixfetch-docker: web: oci:./web: the content of sha256:{encoded} does not match its "
        "digest; if the image was changed, lock it again: nixfetch-docker update\n"
    ) in failed.stderr


@pytest.mark.parametrize(
    ("data", "what"),
    [
        pytest.param(b"hello", "it cannot be read as a tar (", id="no tar"),
        pytest.param(b"", "it cannot be read as a tar (", id="empty"),
    ],
)
def test_a_file_that_is_no_tar_is_an_error(data: bytes, what: str, project: Project) -> None:
    (project.directory / "web.tar").write_bytes(data)
    project.images.write_text('[images.web]\nimage = "oci:./web.tar"')
    failed = project.try_run("update")
    assert failed.returncode == 1
    assert f"nixfetch-docker: web: oci:./web.tar: {what}" in failed.stderr


def test_a_tar_without_an_image_is_an_error(project: Project) -> None:
    (project.directory / "a").write_text("a")
    with tarfile.open(project.directory / "web.tar", "w") as tar:
        tar.add(project.directory / "a", "a")
    project.images.write_text('[images.web]\nimage = "docker-archive:./web.tar"')
    assert (
        "nixfetch-docker: web: docker-archive:./web.tar: it has no manifest.json; "
        "is it the right kind of file, and whole?\n"
    ) in project.try_run("update").stderr
