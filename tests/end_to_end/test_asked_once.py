"""What one step has read, no later step on the same machine asks a registry for again."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from support import oci
from support.command import Project
from support.faults.answers import body
from support.faults.registry import faults
from support.nix import Nix
from support.registry import Registry

_SECONDS = 30
HOST = {"x86_64": "linux/amd64", "aarch64": "linux/arm64"}[os.uname().machine]
OTHER = "linux/arm64" if HOST == "linux/amd64" else "linux/amd64"


@pytest.fixture
def project(project: Project, nix: Nix, tmp_path: Path) -> Project:
    """A project with the Nix store of the test, and a directory for temporary files."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    project.env |= {**nix.env, "HOME": str(project.home), "TMPDIR": str(temporary)}
    project.deposits = True
    return project


def wait_for_nix(project: Project) -> None:
    """Wait until Nix has what an update has read: on a busy machine, later than the update ends."""
    end = time.monotonic() + _SECONDS
    while list(Path(project.env["TMPDIR"]).glob("nixfetch-docker-*")):
        assert time.monotonic() < end
        time.sleep(0.02)


def images(registry: Registry, tag: str, *platforms: str) -> list[oci.Image]:
    """Push an index with an image for each platform; their layers differ."""
    made = [
        oci.image(
            oci.layer({"etc/a": f"{tag} {platform}".encode()}),
            platform=platform,
            labels={"org.opencontainers.image.source": "https://github.com/acme/web"},
        )
        for platform in platforms
    ]
    registry.push(f"acme/web:{tag}", *made)
    return made


def manifest(image: oci.Image) -> str:
    return f"GET acme/web/manifests/{oci.digest(image.manifest)}"


def config(image: oci.Image) -> str:
    return f"GET acme/web/blobs/{oci.digest(image.config)}"


def layers(image: oci.Image) -> list[str]:
    return [f"GET acme/web/blobs/{oci.digest(layer.data)}" for layer in image.layers]


def test_update_build_and_prefetch(project: Project, registry: Registry, nix: Nix) -> None:
    """Locking asks for the index and one manifest a platform; builds ask for layers alone."""
    first = images(registry, "1", HOST, OTHER)
    asked = len(registry.asked())

    def new() -> list[str]:
        nonlocal asked
        before, asked = asked, len(registry.asked())
        return sorted(registry.asked()[before:])

    project.update(f'[images.web]\nimage = "{registry.host}/acme/web:1"\n')
    wait_for_nix(project)
    read = [get(image) for image in first for get in (manifest, config)]
    assert new() == sorted(["GET acme/web/manifests/1", *read])

    # The store has the config, in which the source is.
    assert "source   https://github.com/acme/web\n" in project.run("show", "web")

    mine, other = first
    nix.build(project.images, "web", platform=HOST)
    assert new() == layers(mine)
    nix.build(project.images, "web", platform=OTHER)
    assert new() == layers(other)

    project.run("update")
    assert new() == ["HEAD acme/web/manifests/1"]

    second = images(registry, "2", HOST, OTHER)
    new()
    images_toml = f'[images.web]\nimage = "{registry.host}/acme/web:2"\n'
    project.images.write_text(images_toml)
    done = project.run("update", "--prefetch")
    read = [get(image) for image in second for get in (manifest, config)]
    assert new() == sorted(["GET acme/web/manifests/2", *read, *layers(second[0])]), done
    project.run("update", "--prefetch", "--all-platforms")
    assert new() == sorted(["HEAD acme/web/manifests/2", *layers(second[1])])


def test_add(project: Project, registry: Registry, nix: Nix) -> None:
    [image] = images(registry, "1", HOST)
    project.run("add", f"{registry.host}/acme/web:1")
    wait_for_nix(project)
    read = registry.asked()
    nix.build(project.images, "web", platform=HOST)
    assert registry.asked()[len(read) :] == layers(image)


def test_a_check_puts_nothing_into_the_store(
    project: Project, registry: Registry, nix: Nix
) -> None:
    images(registry, "1", HOST)
    project.images.write_text(f'[images.web]\nimage = "{registry.host}/acme/web:1"\n')
    assert project.try_run("update", "--check").returncode == 3
    assert not list(Path(project.env["TMPDIR"]).iterdir())
    assert not list(nix.store.glob("*-sha256-*"))


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param({"NIX_REMOTE": "unix:///nowhere/socket"}, id="no daemon answers"),
        pytest.param({"NIX_STORE_DIR": "/proc/nowhere"}, id="the store cannot be written"),
        pytest.param({"NIX_STATE_DIR": "/proc/nowhere"}, id="its database cannot be written"),
        pytest.param({"NIX_CONFIG": "experimental-features ="}, id="settings without features"),
        pytest.param({"NIX_CONFIG": "this is no setting"}, id="settings that Nix refuses"),
        pytest.param({"TMPDIR": "/proc/nowhere"}, id="no directory for temporary files"),
        pytest.param({"PATH": "/nowhere"}, id="no Nix"),
    ],
)
def test_where_nix_takes_nothing_a_lock_is_written_all_the_same(
    environment: dict[str, str], project: Project, registry: Registry
) -> None:
    images(registry, "1", HOST)
    project.images.write_text(f'[images.web]\nimage = "{registry.host}/acme/web:1"\n')
    temporary = project.env["TMPDIR"]
    project.env |= environment
    done = project.try_run("update")
    project.env["TMPDIR"] = temporary
    wait_for_nix(project)
    assert (done.returncode, len(done.stderr.splitlines())) == (0, 1), done.stderr
    assert oci.digest(images(registry, "1", HOST)[0].manifest)[7:] in project.lock.read_text()


def test_only_verified_bytes_get_into_the_store(project: Project, nix: Nix) -> None:
    """A config whose bytes are others than its digest says is refused, and is in no store."""
    image = oci.image(oci.layer({"etc/a": b"a"}), platform=HOST)
    with faults() as registry:
        registry.add("acme/web:1", image)
        config = oci.digest(image.config)
        wrong = image.config.replace(b"amd64", b"arm64").replace(b"{", b"[", 1)
        registry.script("GET", f"/blobs/{config}", body(wrong), repeat=True)
        project.images.write_text(f'[images.web]\nimage = "{registry.host}/acme/web:1"\n')
        assert project.try_run("update").returncode == 1
    wait_for_nix(project)
    names = [path.name for path in nix.store.glob("*-sha256-*")]
    assert [name.partition("-")[2] for name in names] == [
        oci.digest(image.manifest).replace(":", "-")
    ]
