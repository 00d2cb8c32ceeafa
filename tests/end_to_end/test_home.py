"""nix/home/module.nix, the module for Home Manager."""

from __future__ import annotations

import os
from typing import Any

import pytest
from support.nix import REPOSITORY, evaluate

LOCKED = f"{REPOSITORY}/tests/nix/locked/images.toml"


def _evaluators() -> list[str]:
    """The module alone, and with nixpkgs' module system where NIXPKGS_LIB names that."""
    nix = f"{REPOSITORY}/tests/nix"
    found = [f"{nix}/home-alone.nix"]
    if checkout := os.environ.get("NIXPKGS_LIB"):
        found.append(f"{nix}/home.nix lib = {checkout};")
    return found


@pytest.fixture(params=_evaluators(), ids=lambda found: found.split()[0].rpartition("/")[2])
def home(request: pytest.FixtureRequest) -> Any:
    file, _, arguments = request.param.partition(" ")

    def evaluated(module: str, value: str) -> Any:
        return evaluate(f"""
          let found = import {file} {{ {arguments} module = {module}; }};
              inherit (found) config failed;
          in {value}
        """)

    return evaluated


def test_without_a_setting_nothing_is_defined(home: Any) -> None:
    assert home("{ }", "[ failed config.systemd.user.services or { } ]") == [[], {}]


def test_the_command_is_installed_where_it_is_enabled(home: Any) -> None:
    names = "map (package: package.pname) config.home.packages"
    assert home("{ programs.nixfetch-docker.enable = true; }", names) == ["nixfetch-docker"]


def test_the_images_of_the_lock_are_there_by_name(home: Any) -> None:
    module = f"{{ virtualisation.dockerImages.file = {LOCKED}; }}"
    images = "config.virtualisation.dockerImages.images"
    assert home(module, f"builtins.attrNames {images}") == ["redis", "web"]
    name = "docker.io/library/redis:7.4-alpine"
    assert home(module, f'with {images}.redis; imageName + ":" + imageTag') == name


def test_images_are_loaded_into_the_users_podman_at_login(home: Any) -> None:
    module = f"""{{
      virtualisation.dockerImages = {{ file = {LOCKED}; preload = [ "redis" ]; }};
    }}"""
    unit = home(module, "config.systemd.user.services.preload-docker-images")
    assert unit["Install"] == {"WantedBy": ["default.target"]}
    assert unit["Service"]["Type"] == "oneshot"
    assert [path.rpartition("-podman")[2] for path in unit["Service"]["ExecStart"]] == ["-load"]
    # Rootless podman needs newuidmap, which NixOS has in /run/wrappers.
    (path,) = unit["Service"]["Environment"]
    assert path.split(":")[:2] == ['"PATH=/run/wrappers/bin', "/home/ann/.nix-profile/bin"]


def test_a_home_with_any_name_is_one_value_for_systemd(home: Any) -> None:
    module = f"""{{
      home.profileDirectory = "/home/a b%h\\\\";
      virtualisation.dockerImages = {{ file = {LOCKED}; preload = [ "redis" ]; }};
    }}"""
    (path,) = home(module, "config.systemd.user.services.preload-docker-images.Service.Environment")
    assert path.startswith('"PATH=/run/wrappers/bin:/home/a b%%h\\\\/bin:')
    assert path.endswith('"')


def test_what_is_superseded_is_removed_after_the_loads_also_where_none_is_left(home: Any) -> None:
    unit = "config.systemd.user.services.remove-superseded-images"
    scripts = set()
    for preload in ('[ "redis" ]', '[ "web" ]', "[ ]"):
        module = f"""{{
          virtualisation.dockerImages = {{ file = {LOCKED}; preload = {preload}; }};
        }}"""
        found = home(module, unit)
        after = [] if preload == "[ ]" else ["preload-docker-images.service"]
        assert found["Unit"]["After"] == after
        assert found["Install"] == {"WantedBy": ["default.target"]}
        # sd-switch restarts a changed unit that is active.
        assert found["Service"]["RemainAfterExit"] is True
        scripts.update(found["Service"]["ExecStart"])
    assert len(scripts) == 3


def test_an_image_that_is_not_there_is_named(home: Any) -> None:
    module = f"""{{
      virtualisation.dockerImages = {{ file = {LOCKED}; preload = [ "radis" ]; }};
    }}"""
    assert home(module, "failed") == [
        "virtualisation.dockerImages.preload names the image 'radis', which images.toml does not "
        "have; did you mean 'redis'? it has redis, web"
    ]
