"""The flake, with the host's `pkgs` in the place of nixpkgs."""

from __future__ import annotations

import json
import os
import subprocess
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from support import oci
from support.command import Project
from support.nix import REPOSITORY, Nix
from support.podman import Podman
from support.process import output, run
from support.registry import Registry

from nixfetch_docker import __version__


@pytest.fixture
def flake(tmp_path: Path) -> Path:
    """A copy of all that git would take into a commit."""
    copy = tmp_path / "flake"
    listed = output(["git", "ls-files", "-co", "--exclude-standard"], cwd=REPOSITORY).splitlines()
    for name in listed:
        target = copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((REPOSITORY / name).read_bytes())
        target.chmod((REPOSITORY / name).stat().st_mode)
    return copy


def test_nix_run_updates_the_images(
    flake: Path, registry: Registry, project: Project, nix: Nix
) -> None:
    image = oci.image(oci.layer({"etc/a": b"a"}))
    registry.push("web:1", image)
    project.images.write_text(f'[images.web]\nimage = "{registry.host}/web:1"')

    done = _nix(nix, flake, "run", "update-images", cwd=project.directory)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("web: added 1 ")
    lock = tomllib.loads(project.lock.read_text())
    assert lock["images"]["web"]["digest"] == image.digest

    again = _nix(nix, flake, "run", "update-images", "--", "--check", cwd=project.directory)
    assert (again.returncode, again.stdout) == (0, "")


def test_every_output_evaluates(flake: Path, nix: Nix) -> None:
    def names(attribute: str, function: str) -> object:
        done = _nix(nix, flake, "eval", attribute, "--json", "--apply", function)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    system = f"{os.uname().machine}-linux"
    linux = ("aarch64", "armv6l", "armv7l", "i686", "powerpc64le", "riscv64", "x86_64")
    systems = sorted(["aarch64-darwin", *(f"{cpu}-linux" for cpu in linux)])
    for output_ in ("apps", "checks", "packages", "devShells"):
        assert names(output_, "builtins.attrNames") == systems
    packages = names(f"packages.{system}", "builtins.mapAttrs (_: package: package.name)")
    name = f"nixfetch-docker-{__version__}"
    assert packages == {"default": name, "nixfetch-docker": name}
    assert names(f"devShells.{system}.default", "shell: shell.drvPath")
    # For every system, as `nix flake check --all-systems` does.
    for drv in (
        "packages: packages.default.drvPath",
        "apps: apps.update-images.program + apps.update-images.meta.description",
    ):
        found = names(drv.split(":")[0], f"builtins.mapAttrs (_: {drv})")
        assert isinstance(found, dict)
        assert sorted(found) == systems
    assert names("devShells", "builtins.mapAttrs (_: shells: shells.default.drvPath)")
    for output_ in ("overlays", "templates"):
        assert names(output_, "builtins.attrNames") == ["default"]
    for output_ in ("homeModules", "nixosModules"):
        assert names(output_, "builtins.attrNames") == ["default", "nixfetch-docker", "quadlet"]
    assert names("lib", "builtins.attrNames") == ["fetchDockerImages"]
    formatters = names("formatter", "builtins.mapAttrs (_: formatter: formatter.name)")
    formatted = ("aarch64-darwin", "aarch64-linux", "x86_64-linux")
    assert formatters == dict.fromkeys(formatted, "nixfmt-tree")
    assert names(f"checks.{system}", "builtins.attrNames") == [
        "images",
        "nixfetch-docker",
        "template",
        "unit-tests",
    ]
    assert names("nixosModules.default", "module: map baseNameOf module.imports") == ["module.nix"]


def test_nothing_fails_or_warns_in_a_check_of_the_flake(flake: Path, nix: Nix) -> None:
    _check(nix, flake, {"nixpkgs": flake / "tests/nix"})


def test_the_template_is_a_flake_that_updates_its_images_and_passes_its_check(
    flake: Path, registry: Registry, nix: Nix, tmp_path: Path, podman: Podman
) -> None:
    registry.push("redis:7.4-alpine", oci.image(oci.layer({"etc/a": b"a"})))
    directory = tmp_path / "new"
    directory.mkdir()
    template = f"path:{flake}#default"
    made = run(["nix", "flake", "init", "-t", template], env=nix.env, cwd=directory)
    assert made.returncode == 0, made.stderr
    files = sorted(file.name for file in directory.iterdir())
    assert files == ["README.md", "containers.nix", "flake.nix", "images.toml", "machine.nix"]

    images = directory / "images.toml"
    images.write_text(images.read_text().replace("redis:", f"{registry.host}/redis:"))
    inputs = {"nixfetch-docker": flake, "nixpkgs": flake / "tests/nix"}
    options = ["--no-write-lock-file", *_override(inputs)]
    done = run(
        ["nix", "run", f"path:{directory}#update-images", *options], env=nix.env, cwd=directory
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("redis: added 7.4-alpine ")
    _check(nix, directory, inputs)

    path = f"{podman.path}:{nix.env['PATH']}"
    load = ["nix", "run", f"path:{directory}#redis.load.podman", *options]
    loaded = run(load, env=nix.env | {"PATH": path})
    assert loaded.returncode == 0, loaded.stderr
    assert podman.names() == [f"{registry.host}/redis:7.4-alpine"]


def test_the_check_of_a_flake_that_follows_its_nixpkgs_passes(
    flake: Path, nix: Nix, tmp_path: Path
) -> None:
    system = f"{os.uname().machine}-linux"
    consumer = tmp_path / "consumer"
    consumer.mkdir()
    for file in (REPOSITORY / "tests/nix/locked").iterdir():
        (consumer / file.name).write_bytes(file.read_bytes())
    (consumer / "flake.nix").write_text(f"""{{
      inputs = {{
        nixpkgs.url = "path:{flake}/tests/nix";
        nixfetch-docker.url = "path:{flake}";
        nixfetch-docker.inputs.nixpkgs.follows = "nixpkgs";
      }};
      outputs = {{ nixpkgs, nixfetch-docker, ... }}: {{
        inherit (nixfetch-docker) apps formatter nixosModules overlays;
        packages.{system} = nixfetch-docker.lib.fetchDockerImages
          nixpkgs.legacyPackages.{system} ./images.toml;
        checks.{system} = {{
          inherit (nixpkgs.legacyPackages.{system}.extend nixfetch-docker.overlays.default)
            nixfetch-docker;
        }};
      }};
    }}""")
    _check(nix, consumer, {})


def _check(nix: Nix, flake: Path, inputs: Mapping[str, Path]) -> None:
    """`nix flake check` without builds, for all systems; it fails for a warning too."""
    command = ["nix", "flake", "check", f"path:{flake}", "--no-build", "--no-write-lock-file"]
    # Earlier versions of Nix have no such option, and always check all.
    if "--all-systems" in run(["nix", "flake", "check", "--help"], env=nix.env).stdout:
        command.append("--all-systems")
    done = run([*command, *_override(inputs)], env=nix.env)
    assert done.returncode == 0, done.stderr


def _override(inputs: Mapping[str, Path]) -> list[str]:
    return [
        word for name, path in inputs.items() for word in ("--override-input", name, f"path:{path}")
    ]


def _nix(
    nix: Nix, flake: Path, command: str, attribute: str, *arguments: str, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    override = ["--no-write-lock-file", "--override-input", "nixpkgs", f"path:{flake}/tests/nix"]
    installable = f"path:{flake}#{attribute}"
    return run(["nix", command, installable, *override, *arguments], env=nix.env, cwd=cwd)
