"""The pieces of Nix on the pages that are no flake and no whole configuration, each evaluated."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from support.documents import blocks as documents
from support.documents.configuration import configuration, here, write_files
from support.nix import REPOSITORY, evaluate, try_evaluate

HOST = REPOSITORY / "tests/nix/host-nixpkgs.nix"

# What a piece finds, beside the files that it names: the flakes, and a nixpkgs with the overlay.
_SCOPE = f"""
  nixpkgs = (import {REPOSITORY}/tests/nix/flake.nix).outputs {{ self = nixpkgs; }};
  nixfetch-docker = (import {REPOSITORY}/flake.nix).outputs {{ inherit nixpkgs; }};
  inherit (nixpkgs) lib;
  host = import {HOST} {{ overlays = [ (import {REPOSITORY}/overlays) ]; }};
  images = host.fetchDockerImages {REPOSITORY}/tests/nix/locked/images.toml;
  # A function of nixpkgs that is not ours gives its arguments back.
  pkgs = host // {{ hello = "/usr"; dockerTools.buildImage = arguments: arguments; }};
"""
# In a package, the name is that of the package, and not of the flake.
_IN_PACKAGES = {"docs/how-to/ci.md": "inherit (pkgs) nixfetch-docker;"}
_PACKAGES = "map (one: one.name) piece.environment.systemPackages"

# By the page and the number of the piece: a value of it, and a part of that value's JSON.
PIECES = {
    ("README.md", 1): (_PACKAGES, "nixfetch-docker-"),
    ("docs/how-to/without-flakes.md", 0): (_PACKAGES, "nixfetch-docker-"),
    ("docs/how-to/without-flakes.md", 1): ("piece.redis.stream.name", "redis"),
    ("docs/how-to/ci.md", 0): (
        "piece.passthru.updateScript",
        '/bin/nixfetch-docker","update","--commit","--file","pkgs/by-name/',
    ),
    ("docs/how-to/images-in-nix.md", 0): (
        '(piece { inherit nixfetch-docker pkgs; }).environment.etc."redis.tar".source.name',
        "redis++7.4-alpine+sha256-",
    ),
    ("docs/how-to/images-in-nix.md", 1): ("piece.fromImage.name", "redis"),
    ("docs/how-to/images-in-nix.md", 2): (
        "(piece { inherit pkgs; }).virtualisation.containers.storage.settings.storage.options"
        ".additionalimagestores",
        "-image-store",
    ),
    ("docs/how-to/nix-darwin.md", 0): (
        "map (one: one.system)"
        " (piece { inherit nixfetch-docker pkgs; }).environment.systemPackages",
        "aarch64-darwin",
    ),
    ("docs/how-to/nix-darwin.md", 1): (
        "let inherit (piece.packages.aarch64-darwin) redis; in [ redis.system redis.imageDigest ]",
        f'["aarch64-darwin","sha256:{"6" * 64}"]',
    ),
    ("docs/how-to/platforms.md", 0): ("piece.redis.imageDigest", "sha256:"),
}

# The same of configurations whose module, and file, the page does not repeat.
MODULES = {
    ("docs/how-to/private-registries.md", 0): (
        "config.nix.settings.extra-sandbox-paths",
        "/etc/nixfetch-docker/auth.json=/run/secrets/registries.json",
    ),
    ("docs/how-to/run-from-the-store.md", 0): (
        "config.virtualisation.oci-containers.containers.redis.image",
        "docker.io/library/redis:7.4-alpine",
    ),
    ("docs/nixpkgs/manual.md", 0): (
        "config.virtualisation.oci-containers.containers.redis.image",
        "docker.io/library/redis:7.4-alpine",
    ),
    ("docs/nixpkgs/manual.md", 1): (
        "map (one: one.name) config.services.k3s.images",
        "redis++7.4-alpine+sha256-",
    ),
}

# Pages whose pieces other tests evaluate, or commands of the page read.
ELSEWHERE = {
    "docs/how-to/from-pullimage.md": "`import` reads it",
    "docs/nixpkgs/README.md": "test_nixpkgs.py",
    "docs/reference/nixos-options.md": "made of the module's own example",
}


def _piece(page: str, number: int) -> str:
    found = [one for one in documents.blocks(REPOSITORY / page) if one.language == "nix"]
    return found[number].text


@pytest.mark.parametrize(
    ("page", "number", "value", "part"),
    [pytest.param(*at, *is_, id=f"{at[0]}-{at[1]}") for at, is_ in PIECES.items()],
)
def test_a_piece_evaluates(page: str, number: int, value: str, part: str, tmp_path: Path) -> None:
    code = here(_piece(page, number))
    write_files(code, tmp_path)
    ours = _IN_PACKAGES.get(page, "inherit nixfetch-docker;")
    names = "{ images, lib, nixfetch-docker, nixpkgs, pkgs }"
    (tmp_path / "piece.nix").write_text(f"{names}: with pkgs; {code}")
    done = try_evaluate(
        f"""
          let
            {_SCOPE}
            piece = import {tmp_path}/piece.nix {{ inherit images lib nixpkgs pkgs; {ours} }};
          in
          {value}
        """,
        NIX_PATH=f"nixpkgs={HOST}",
    )
    assert done.returncode == 0, done.stderr
    assert part in done.stdout


@pytest.mark.parametrize(
    ("page", "number", "value", "part"),
    [pytest.param(*at, *is_, id=f"{at[0]}-{at[1]}") for at, is_ in MODULES.items()],
)
def test_options_are_of_the_module(
    page: str, number: int, value: str, part: str, tmp_path: Path
) -> None:
    code = _piece(page, number)
    modules = f"nixfetch-docker.nixosModules.default ({code})"
    if ".file" not in code:
        modules += " { virtualisation.dockerImages.file = ./images.toml; }"
    found: Any = evaluate(configuration(f"{{ imports = [ {modules} ]; }}", tmp_path, value))
    assert part in json.dumps(found)


def test_every_piece_is_evaluated() -> None:
    listed = (REPOSITORY / "docs/how-to/containers.md").read_text(encoding="utf-8")
    known = {f"docs/how-to/{name}" for name in re.findall(r"\(([a-z0-9-]+\.md)\)", listed)}
    left = {
        (documents.name(page), number)
        for page in documents.pages()
        for number, block in enumerate(
            one for one in documents.blocks(page) if one.language == "nix"
        )
        if block.excerpt is None
        and "outputs =" not in block.text
        and documents.name(page) not in known | ELSEWHERE.keys()
    }
    assert left == PIECES.keys() | MODULES.keys()
