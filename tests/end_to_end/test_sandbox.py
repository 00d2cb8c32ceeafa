"""Private images and mirrors in Nix's sandbox, which has no logins of a user."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import oci
from support.command import Project
from support.listening import free_port
from support.nix import REPOSITORY, Nix
from support.private import PASSWORD, USER, assert_no_secret, private_registry
from support.process import run
from support.registry import Registry
from support.registry import registry as run_registry

PLACE = "/etc/nixfetch-docker/auth.json"
HOST = {"x86_64": "linux/amd64", "aarch64": "linux/arm64"}[os.uname().machine]
LAYER = oci.layer({"etc/a": os.urandom(5000)})
IMAGE = oci.image(LAYER, platform=HOST)


@pytest.fixture(params=["htpasswd", "tokens"])
def private(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Registry]:
    with private_registry(request.param, tmp_path) as running:
        running.push("acme/web:1", IMAGE)
        yield running


@pytest.fixture
def login(private: Registry, project: Project) -> Path:
    """The file with the login of the user, who has locked the image."""
    file = project.log_in(private.host, USER, PASSWORD)
    project.update(f'[images.web]\nimage = "{private.host}/acme/web:1"')
    return file


def sandbox_path(path: str, file: Path) -> str:
    return f"extra-sandbox-paths = {path}={file}?\n"


def test_a_login_in_the_sandbox_is_used(login: Path, project: Project, tmp_path: Path) -> None:
    nix = Nix(tmp_path / "nix", sandbox_path(PLACE, login))
    expression = f"(import {REPOSITORY}/tests/nix/images.nix {{ file = {project.images}; }}).web"
    built = run(["nix-build", "-vvvvv", "--no-out-link", "-E", expression], env=nix.env)
    assert built.returncode == 0, built.stderr
    assert_no_secret(nix, built.stdout, built.stderr)
    assert_no_secret(nix, project.lock.read_text())


def test_a_variable_names_another_file(login: Path, project: Project, tmp_path: Path) -> None:
    nix = Nix(tmp_path / "nix", sandbox_path("/run/logins.json", login))
    nix.env["NIXFETCH_DOCKER_AUTH_FILE"] = "/run/logins.json"
    assert nix.build(project.images, "web").is_dir()


def test_without_the_file_public_images_build(
    login: Path, registry: Registry, project: Project, tmp_path: Path
) -> None:
    login.unlink()
    nix = Nix(tmp_path / "nix", sandbox_path(PLACE, login))
    registry.push("acme/web:1", IMAGE)
    project.update(f'[images.web]\nimage = "{registry.host}/acme/web:1"')
    assert nix.build(project.images, "web").is_dir()


def test_without_a_login_the_error_names_the_file(
    login: Path, private: Registry, project: Project, nix: Nix
) -> None:
    assert login.exists()
    said = last_word(nix, project)
    assert " answered 401" in said
    assert said.endswith(
        f"; there is no login for {private.host} in {PLACE} (no such file); fetch the image with "
        "your own login: nixfetch-docker prefetch, or let a login into the sandbox"
    )


def test_with_logins_for_other_registries_the_error_names_the_files(
    login: Path, private: Registry, project: Project, tmp_path: Path
) -> None:
    login.write_text(login.read_text().replace(private.host, "registry.example.org"))
    nix = Nix(tmp_path / "nix", sandbox_path(PLACE, login))
    nix.env["NIXFETCH_DOCKER_AUTH_FILE"] = "/nowhere"
    assert last_word(nix, project).endswith(
        f"; there is no login for {private.host} in /nowhere (no such file) or {PLACE}; fetch "
        "the image with your own login: nixfetch-docker prefetch, or let a login into the sandbox"
    )


def test_with_a_refused_login_the_error_names_its_file(
    login: Path, private: Registry, project: Project, tmp_path: Path
) -> None:
    project.log_in(private.host, USER, "0ld-passw0rd")
    nix = Nix(tmp_path / "nix", sandbox_path(PLACE, login))
    said = last_word(nix, project)
    assert said.endswith(
        f"; it refused the login from {PLACE}; replace it there, or fetch the image with your own "
        "login: nixfetch-docker prefetch"
    )
    assert "0ld-passw0rd" not in said


def last_word(nix: Nix, project: Project) -> str:
    """The last error of the builder itself."""
    failed = nix.try_build(project.images, "web")
    assert failed.returncode != 0
    lines = [line.strip() for line in failed.stderr.splitlines()]
    return next(line for line in lines if "nixfetch-docker: " in line and " answered " in line)


class TestMirrors:
    """The `[registries]` of images.toml reach the builder, and change no store path."""

    @pytest.fixture
    def origin(self, tmp_path: Path) -> Iterator[Registry]:
        with run_registry(tmp_path / "origin") as running:
            running.push("acme/web:1", IMAGE)
            yield running

    @pytest.fixture(autouse=True)
    def _locked(self, origin: Registry, project: Project) -> None:
        project.update(f'[images.web]\nimage = "{origin.host}/acme/web:1"')

    def path(self, project: Project, nix: Nix) -> Path:
        """The store path that the image has once it is built."""
        expression = REPOSITORY / "tests/nix/images.nix"
        images = f"(import {expression} {{ file = {project.images}; }})"
        return Path(json.loads(nix.evaluate(f"{images}.web.outPath")))

    def through(self, project: Project, origin: Registry, *mirrors: str) -> None:
        """Add mirrors to images.toml; the lock stays as it is."""
        urls = ", ".join(f'"http://{mirror}"' for mirror in mirrors)
        with project.images.open("a") as file:
            file.write(f'\n[registries."{origin.host}"]\nmirrors = [{urls}]\n')

    def test_a_pull_through_cache_serves_when_the_origin_is_gone(
        self, origin: Registry, project: Project, nix: Nix, tmp_path: Path
    ) -> None:
        config = [f"proxy: {{remoteurl: 'http://{origin.host}'}}"]
        with run_registry(tmp_path / "cache", config) as cache:
            path = self.path(project, nix)
            self.through(project, origin, cache.host)
            before = origin.asked()
            assert nix.build(project.images, "web") == path
            # All requests came from the cache.
            assert origin.asked() == before
            assert {access.status for access in cache.accesses()} == {200}

    def test_content_that_a_mirror_lacks_or_has_wrong_comes_from_the_next(
        self, origin: Registry, project: Project, nix: Nix, tmp_path: Path
    ) -> None:
        down = f"127.0.0.1:{free_port()}"
        with (
            run_registry(tmp_path / "empty") as empty,
            run_registry(tmp_path / "spoiled") as spoiled,
        ):
            spoiled.push("acme/web:1", IMAGE)
            file = spoiled.blob_file(oci.digest(LAYER.data))
            file.write_bytes(bytes(reversed(file.read_bytes())))
            self.through(project, origin, down, empty.host, spoiled.host)
            layout = nix.build(project.images, "web")
            encoded = oci.digest(LAYER.data).removeprefix("sha256:")
            assert (layout / "blobs/sha256" / encoded).read_bytes() == LAYER.data
            asked = [line.partition("?ns=")[0] for line in spoiled.asked()]
            assert f"GET acme/web/blobs/{oci.digest(LAYER.data)}" in asked
            assert {access.status for access in empty.accesses()} == {404}

    def test_a_mirror_gets_its_own_login_and_no_other(
        self, origin: Registry, project: Project, tmp_path: Path
    ) -> None:
        before = origin.asked()
        with private_registry("htpasswd", tmp_path / "mirror") as mirror:
            mirror.push("acme/web:1", IMAGE)
            self.through(project, origin, mirror.host)
            login = project.log_in(mirror.host, USER, PASSWORD)
            nix = Nix(tmp_path / "nix", sandbox_path(PLACE, login))
            assert nix.build(project.images, "web").is_dir()
            assert origin.asked() == before
