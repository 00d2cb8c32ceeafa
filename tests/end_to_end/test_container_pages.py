"""The code of the pages that docs/how-to/containers.md lists, evaluated.

What stands in for the modules of other projects is evaluated with it, or their own sources where
QUADLET_NIX and HOME_MANAGER name these, beside NIXPKGS_LIB.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from support.command import Project
from support.declared import LOCKED
from support.documents.configuration import configuration
from support.nix import REPOSITORY, evaluate

PAGES = REPOSITORY / "docs/how-to"
REDIS = "docker.io/library/redis:7.4-alpine"

_OCI = "config.virtualisation.oci-containers.containers"
_UNIT = "config.systemd.services"
_QUADLET = 'config.{}."containers/systemd/redis.container".text'

# Of each piece of code, a value of its configuration and a part of that value's JSON.
PIECES = [
    ("nixos.md", 0, f"[ {_OCI}.redis.image {_OCI}.redis.pull ]", f'"{REDIS}","never"'),
    ("nixos.md", 1, f"{_UNIT}.podman-redis.serviceConfig.ExecStartPre", "-podman-load"),
    ("nixos.md", 2, f"{_OCI}.shop-redis.image", REDIS),
    ("quadlet.md", 0, _QUADLET.format("environment.etc"), f"Image={REDIS}"),
    ("quadlet.md", 1, _QUADLET.format("environment.etc"), "User=1000"),
    ("quadlet.md", 2, _QUADLET.format("xdg.configFile"), f"Image={REDIS}"),
    (
        "home-manager.md",
        0,
        "(builtins.head config.services.podman.internal.quadletDefinitions).source",
        f"Image={REDIS}",
    ),
    ("k3s.md", 0, "map (one: one.name) config.services.k3s.images", "7.4-alpine+sha256-"),
    ("k3s.md", 0, "config.services.k3s.manifests", '"image":"sha256:6666'),
    ("k3s.md", 1, _UNIT, '"CONTAINERD_NAMESPACE":"k8s.io"'),
    ("anything-else.md", 0, f"{_UNIT}.redis", "-podman-load/bin/podman-load"),
    ("anything-else.md", 1, f"{_UNIT}.shop", "-docker-load/bin/docker-load"),
    ("anything-else.md", 2, f"{_UNIT}.arion-shop", "-docker-load/bin/docker-load"),
    ("anything-else.md", 2, "config.virtualisation.arion", REDIS),
    ("preload.md", 0, _UNIT, "preload-docker-images-podman-alice"),
    ("several-files.md", 0, f"{_OCI}.redis.image", REDIS),
]

# Not a configuration, but a part of a flake.
FLAKE = ("anything-else.md", 3)


def _code(page: str, language: str = "nix") -> list[str]:
    """The pieces of code of a page, in their order."""
    text = (PAGES / page).read_text()
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def _listed() -> set[str]:
    """The pages for the ways to declare a container."""
    return set(re.findall(r"\(([a-z0-9-]+\.md)\)", (PAGES / "containers.md").read_text()))


@pytest.mark.parametrize(
    ("page", "piece", "value", "part"),
    [pytest.param(*one, id=f"{one[0]}-{one[1]}") for one in PIECES],
)
def test_the_code_of_a_page(page: str, piece: int, value: str, part: str, tmp_path: Path) -> None:
    evaluated = configuration(_code(page)[piece], tmp_path, f"builtins.toJSON ({value})")
    # A file of the reader's, which names the image too.
    compose = f'{{ {_OCI.removeprefix("config.")}.shop-redis.image = "{REDIS}"; }}'
    (tmp_path / "compose.nix").write_text(compose)
    assert part in evaluate(evaluated).replace('\\"', '"')


def test_every_piece_is_evaluated() -> None:
    pieces = {(page, n) for page in _listed() for n in range(len(_code(page)))}
    assert pieces == {(page, piece) for page, piece, *_ in PIECES} | {FLAKE}


def test_the_images_as_packages_of_a_flake(tmp_path: Path) -> None:
    page, piece = FLAKE
    for file in (LOCKED, LOCKED.with_suffix(".lock.toml")):
        shutil.copy(file, tmp_path)
    flake = tmp_path / "flake-part.nix"
    flake.write_text(f"{{ nixfetch-docker, nixpkgs }}:\n{_code(page)[piece]}")
    host = REPOSITORY / "tests/nix/host-nixpkgs.nix"
    load: Any = evaluate(f"""
        (import {flake} {{
          # As in flake.nix.
          nixfetch-docker.lib.fetchDockerImages =
            pkgs: (import {REPOSITORY} {{ inherit pkgs; }}).fetchDockerImages;
          nixpkgs.legacyPackages.x86_64-linux = import {host} {{ }};
        }}).packages.x86_64-linux.redis.load.podman.outPath
    """)
    assert load.endswith("-podman-load")


def test_images_toml_out_of_the_compose_file(project: Project) -> None:
    (code,) = _code("anything-else.md", "yaml")
    (project.directory / "compose.yaml").write_text(code)
    assert '[images.redis]\nimage = "redis:7.4-alpine"' in project.run("import", "compose.yaml")


def test_the_error_of_two_files_is_the_one_that_is_told() -> None:
    (said,) = _code("several-files.md", "text")
    problems: Any = evaluate(f"""
        (import {REPOSITORY}/nix/nixos/sources.nix {{
          lib = import {REPOSITORY}/tests/nix/host-lib.nix;
          fetchDockerImages = _file: {{ redis = {{ }}; }};
          dockerImages.file = "/nix/store/{"0" * 32}-source/mail/images.toml";
          dockerImages.files = [ "/nix/store/{"0" * 32}-source/shop/images.toml" ];
        }}).problems
    """)
    assert problems == [said.removesuffix("\n")]


def test_every_page_with_a_piece_is_in_the_list() -> None:
    assert _listed() == {page for page, *_ in PIECES}
