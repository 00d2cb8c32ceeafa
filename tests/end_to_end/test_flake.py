"""The flake, with the host's `pkgs` in the place of nixpkgs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support import oci
from support.command import Project
from support.nix import REPOSITORY, Nix
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
    for output_ in ("nixosModules", "overlays", "templates"):
        assert names(output_, "builtins.attrNames") == ["default"]
    assert names(f"checks.{system}", "builtins.attrNames") == [
        "images",
        "nixfetch-docker",
        "template",
    ]
    assert names("nixosModules.default", "module: map baseNameOf module.imports") == ["module.nix"]


@pytest.fixture
def package(nix: Nix) -> Path:
    expression = f"(import {REPOSITORY}/tests/nix/host-pkgs.nix).nixfetch-docker"
    built = run(["nix-build", "--no-out-link", "-E", expression], env=nix.env)
    assert built.returncode == 0, built.stderr
    return Path(built.stdout.strip())


def test_an_interrupt_in_the_first_200_ms_shows_no_traceback(package: Path) -> None:
    def interrupt(moment: int) -> tuple[int, str]:
        # What runs in the background ignores SIGINT, and so would this process.
        start: list[str | Path] = [
            "env",
            "--default-signal=INT",
            package / "bin/nixfetch-docker",
            "--help",
        ]
        with subprocess.Popen(start, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
            time.sleep(moment * 0.005)
            process.send_signal(signal.SIGINT)
            return process.wait(), process.communicate()[1].decode()

    with ThreadPoolExecutor(4) as pool:
        ended = list(pool.map(interrupt, range(40)))
    assert {error for _, error in ended} == {""}
    assert {status for status, _ in ended} <= {0, -signal.SIGINT}


def test_the_package_has_a_manual_and_completion(package: Path) -> None:
    share = package / "share"
    files = sorted(str(file.relative_to(share)) for file in share.rglob("*") if file.is_file())
    assert files == [
        "bash-completion/completions/nixfetch-docker.bash",
        "fish/vendor_completions.d/nixfetch-docker.fish",
        "man/man1/nixfetch-docker.1",
        "zsh/site-functions/_nixfetch-docker",
    ]
    assert all((share / file).stat().st_size > 500 for file in files)


def test_the_template_is_a_flake_that_updates_its_images(
    flake: Path, registry: Registry, nix: Nix, tmp_path: Path
) -> None:
    registry.push("redis:7.4-alpine", oci.image(oci.layer({"etc/a": b"a"})))
    directory = tmp_path / "new"
    directory.mkdir()
    template = f"path:{flake}#default"
    made = run(["nix", "flake", "init", "-t", template], env=nix.env, cwd=directory)
    assert made.returncode == 0, made.stderr
    files = sorted(file.name for file in directory.iterdir())
    assert files == ["README.md", "containers.nix", "flake.nix", "images.toml"]

    images = directory / "images.toml"
    images.write_text(images.read_text().replace("redis:", f"{registry.host}/redis:"))
    overrides = {"nixfetch-docker": flake, "nixpkgs": flake / "tests/nix"}
    override = [
        word
        for name, path in overrides.items()
        for word in ("--override-input", name, f"path:{path}")
    ]
    command = ["nix", "run", f"path:{directory}#update-images", "--no-write-lock-file", *override]
    done = run(command, env=nix.env, cwd=directory)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("redis: added 7.4-alpine ")


def _nix(
    nix: Nix, flake: Path, command: str, attribute: str, *arguments: str, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    override = ["--no-write-lock-file", "--override-input", "nixpkgs", f"path:{flake}/tests/nix"]
    installable = f"path:{flake}#{attribute}"
    return run(["nix", command, installable, *override, *arguments], env=nix.env, cwd=cwd)
