"""default.nix, shell.nix and the flake's checks, evaluated without a flake and without a store."""

from __future__ import annotations

import re
import tomllib

import pytest
from support.nix import REPOSITORY, evaluate

from nixfetch_docker import __version__

LOCKED = f"{REPOSITORY}/tests/nix/locked/images.toml"
HOST = f"import {REPOSITORY}/tests/nix/host-nixpkgs.nix {{ }}"


def test_default_nix_has_the_overlay_the_module_the_command_and_the_functions() -> None:
    project = f"import {REPOSITORY}/default.nix {{ pkgs = {HOST}; }}"
    assert evaluate(f"""
      let
        project = {project};
        inherit (({HOST}).extend project.overlays.default) nixfetch-docker;
      in {{
        names = builtins.attrNames project;
        command = project.package.name;
        same = project.nixfetch-docker.outPath == nixfetch-docker.outPath;
        images = builtins.attrNames (project.fetchDockerImages {LOCKED});
      }}
    """) == {
        "names": [
            "dockerImageStore",
            "fetchDocker",
            "fetchDockerBlob",
            "fetchDockerConfig",
            "fetchDockerImages",
            "fetchDockerLayer",
            "fetchdocker",
            "homeModules",
            "nixfetch-docker",
            "nixosModules",
            "overlays",
            "package",
        ],
        "command": f"nixfetch-docker-{__version__}",
        "same": True,
        "images": ["redis", "web"],
    }


def test_a_package_set_with_the_overlay_is_not_extended_again() -> None:
    project = f"import {REPOSITORY}/default.nix {{ pkgs = {{ fetchDockerImages = 1; }}; }}"
    assert evaluate(f"({project}).fetchDockerImages") == 1


def test_the_module_and_the_overlay_need_no_nixpkgs() -> None:
    # <nixpkgs> is not there.
    assert evaluate(f"""
      let inherit (import {REPOSITORY}/default.nix {{ }}) nixosModules overlays;
      in [ (map toString nixosModules.default.imports) (builtins.isFunction overlays.default) ]
    """) == [[f"{REPOSITORY}/nix/nixos/module.nix"], True]


def test_the_development_shell_has_what_runs_the_unit_tests_and_the_linters() -> None:
    shell = f"(import {REPOSITORY}/shell.nix {{ pkgs = {HOST}; }})"
    inputs = f"{shell}.nativeBuildInputs ++ {shell}.propagatedBuildInputs"
    names = {name.removeprefix("python3-") for name in evaluate(f"map (one: one.name) ({inputs})")}
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    assert {re.split("[<>= ]", one)[0] for one in wanted} - names == set()


@pytest.mark.parametrize("system", ["armv6l-linux", "aarch64-darwin"])
def test_the_development_shell_leaves_out_what_its_system_has_not(system: str) -> None:
    shell = f"""import {REPOSITORY}/shell.nix {{
      pkgs = import {REPOSITORY}/tests/nix/host-nixpkgs.nix {{
        system = "{system}";
        overlays = [ (_: previous: {{
          podman = previous.podman // {{ meta.platforms = [ "x86_64-linux" ]; }};
        }}) ];
      }};
    }}"""
    names = evaluate(f"map (one: one.name) ({shell}).nativeBuildInputs")
    assert "podman" not in names
    assert "ruff" in names


def test_the_check_of_the_images_is_their_store_paths_and_builds_none() -> None:
    pkgs = f"import {REPOSITORY}/tests/nix/host-pkgs.nix"
    check = f"(import {REPOSITORY}/nix/checks.nix {{ pkgs = {pkgs}; }})"
    text = evaluate(f"{check}.images.text")
    assert "-docker.io+library+redis++7.4-alpine+sha256-" in text
    assert evaluate(f"builtins.hasContext {check}.images.text") is False
