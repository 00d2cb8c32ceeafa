"""What nixpkgs would have of this project, written into a tree like its own and evaluated."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from support import nixpkgs
from support.nix import REPOSITORY, evaluate
from support.process import output

from nixfetch_docker import Images, Lock

PACKAGE = "pkgs/by-name/ni/nixfetch-docker"
MANUAL = REPOSITORY / "docs/nixpkgs/manual.md"
BUSYBOX = "sha256:0415f56ccc05526f2af5a7ae8654baec97d4a614f24736e8eef41a4591f08019"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files, and what stands in for the lists of nixpkgs that name them."""
    directory = tmp_path_factory.mktemp("nixpkgs")
    output([sys.executable, REPOSITORY / "scripts/nixpkgs_tree.py", directory])
    # The lines that docs/nixpkgs/README.md has for all-packages.nix.
    readme = (REPOSITORY / "docs/nixpkgs/README.md").read_text(encoding="utf-8")
    (functions,) = re.findall(r"```nix\n(\{\n  fetchDocker =.*?)```", readme, re.DOTALL)
    lists = directory / "pkgs/top-level"
    lists.mkdir()
    (lists / "all-packages.nix").write_text(f"{{ callPackage, buildPackages }}:\n{functions}")
    return directory


def packages(tree: Path) -> str:
    """A package set that has the package, the functions and the test as nixpkgs would have them."""
    return f"""
      (import {REPOSITORY}/tests/nix/host-nixpkgs.nix {{
        overlays = [ (final: prev: {{
          nixfetch-docker = final.callPackage {tree}/{PACKAGE}/package.nix {{ }};
          fetchFromGitHub = _:
            (import {REPOSITORY}/nix/source.nix {{ inherit (prev) lib; }}).tested;
          nixosTests.nixfetch-docker = final.testers.runNixOSTest {{
            imports = [ {tree}/nixos/tests/nixfetch-docker ];
            defaults.imports = [ {tree}/nixos/modules/virtualisation/docker-images.nix ];
          }};
        }} // import {tree}/pkgs/top-level/all-packages.nix {{
          inherit (final) callPackage buildPackages;
        }}) ];
      }})
    """


def test_no_file_of_the_package_names_one_outside_of_its_directory(tree: Path) -> None:
    package = (tree / PACKAGE).resolve()
    named = 0
    for file in package.rglob("*.nix"):
        text = file.read_text(encoding="utf-8")
        code = re.sub(r"#[^\n]*", "", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL))
        for path in re.findall(r"(?<![\w/.])(\.\.?/[\w./-]+\.nix)", code):
            target = (file.parent / path).resolve()
            assert target.is_relative_to(package), f"{file}: {path}"
            assert target.exists(), f"{file}: {path}"
            named += 1
    assert named > 30


def test_the_package_and_the_functions_are_those_of_the_overlay(tree: Path) -> None:
    lock = REPOSITORY / "tests/nix/locked/images.toml"
    value = f"""pkgs: builtins.mapAttrs (_: image: [
      image.imageName (map (blob: blob.outPath) ([ image.manifest image.config ] ++ image.layers))
    ]) (pkgs.fetchDockerImages {{ file = {lock}; platform = "linux/amd64"; }})"""
    there = evaluate(f"({value}) {packages(tree)}")
    assert there == evaluate(f"({value}) (import {REPOSITORY}/tests/nix/host-pkgs.nix)")
    assert sorted(there) == ["redis", "web"]


def test_the_package_names_the_test_of_the_module(tree: Path) -> None:
    tests = evaluate(
        f"builtins.mapAttrs (_: test: test.name) {packages(tree)}.nixfetch-docker.passthru.tests"
    )
    assert tests["nixfetch-docker"] == "vm-test-run-nixfetch-docker"


@pytest.fixture(params=["alone", "nixpkgs"])
def made(request: pytest.FixtureRequest, tree: Path) -> str:
    """The test of the module, with what stands in for nixpkgs' modules and with nixpkgs' own."""
    if request.param == "alone":
        return f"{packages(tree)}.nixosTests.nixfetch-docker"
    if nixpkgs.MISSING:
        pytest.skip(nixpkgs.REASON)
    return f"""
      (let
        pkgs = import {REPOSITORY}/tests/nix/host-pkgs.nix;
        nixos = module: import {REPOSITORY}/tests/nix/nixos.nix {{
          lib = {os.environ["NIXPKGS_LIB"]};
          oci-containers = {os.environ["OCI_CONTAINERS"]};
          inherit module;
        }};
      in import {REPOSITORY}/tests/nix/host-test.nix (pkgs // {{ inherit nixos; }})
        {REPOSITORY}/docs/nixpkgs/nixos-test)
    """


def test_the_machines_of_the_test_run_the_image_of_the_lock(made: str) -> None:
    nodes: dict[str, Any] = evaluate(f"""
      builtins.mapAttrs (name: node: {{
        inherit (node.virtualisation.oci-containers) backend;
        inherit (node.virtualisation.oci-containers.containers.hello) image pull locked;
        load = baseNameOf (builtins.unsafeDiscardStringContext
          (builtins.head node.systemd.services."${{name}}-hello".serviceConfig.ExecStartPre));
        sweep = node.systemd.services ? remove-superseded-images;
      }}) {made}.nodes
    """)
    assert sorted(nodes) == ["docker", "podman"]
    for engine, node in nodes.items():
        assert node.pop("load").endswith(f"-{engine}-load")
        assert node == {
            "backend": engine,
            "image": f"docker.io/library/busybox:{BUSYBOX.replace(':', '-')}",
            "pull": "never",
            "locked": "hello",
            "sweep": True,
        }


def test_the_script_of_the_test_is_python_that_names_what_the_driver_has(made: str) -> None:
    script = evaluate(f"{made}.script")
    module = ast.parse(script)
    names = {node.id for node in ast.walk(module) if isinstance(node, ast.Name)}
    bound = {
        node.id
        for node in ast.walk(module)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    functions = {node.name for node in ast.walk(module) if isinstance(node, ast.FunctionDef)}
    parameters = {node.arg for node in ast.walk(module) if isinstance(node, ast.arg)}
    driver = {"docker", "podman", "start_all", "subtest"}
    assert names - bound - functions - parameters == driver
    assert "b97242f89c8a29d13aea12843a08441a4bbfc33528f55b60366c1d8f6923d0d4" in script


MANIFEST = """\
{
   "schemaVersion": 2,
   "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
   "config": {
      "mediaType": "application/vnd.docker.container.image.v1+json",
      "size": 1457,
      "digest": "sha256:b97242f89c8a29d13aea12843a08441a4bbfc33528f55b60366c1d8f6923d0d4"
   },
   "layers": [
      {
         "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip",
         "size": 764663,
         "digest": "sha256:e5d9363303ddee1686b203170d78283404e46a742d4c62ac251aae5acbda8df8"
      }
   ]
}"""


def test_the_lock_of_the_test_names_the_blobs_of_a_manifest_of_docker_hub() -> None:
    """The manifest is known by its digest, to the byte, and names the others."""
    assert f"sha256:{hashlib.sha256(MANIFEST.encode()).hexdigest()}" == BUSYBOX
    manifest = json.loads(MANIFEST)
    text = (REPOSITORY / "docs/nixpkgs/nixos-test/images.lock.toml").read_text(encoding="utf-8")
    lock = Lock.parse(text)
    assert lock.to_toml() == text
    image = lock.images["hello"]
    (platform,) = image.platforms.values()
    assert [(str(blob.digest), blob.size) for blob in platform.blobs()] == [
        (BUSYBOX, len(MANIFEST)),
        *[(part["digest"], part["size"]) for part in (manifest["config"], *manifest["layers"])],
    ]
    images = Images.parse((REPOSITORY / "docs/nixpkgs/nixos-test/images.toml").read_text("utf-8"))
    assert {name: one.request for name, one in lock.images.items()} == images.requests


def test_an_option_that_the_chapter_names_is_one_of_the_module(tree: Path) -> None:
    text = MANUAL.read_text(encoding="utf-8")
    named = set(re.findall(r"\{option\}`virtualisation\.dockerImages\.(\w+)`", text))
    assert len(named) >= 4
    options = evaluate(f"""
      builtins.attrNames (import {tree}/{PACKAGE}/nixos/options.nix {{
        lib = import {REPOSITORY}/tests/nix/host-modules.nix
          (import {REPOSITORY}/tests/nix/host-lib.nix);
        namedImage = null;
        sources = {{ }};
      }}).dockerImages
    """)
    assert named - set(options) == set()


# nixos/doc/manual/contributing-to-this-manual.chapter.md
ROLES = {"command", "file", "option", "var", "env", "manpage"}


def test_the_chapter_is_in_the_flavour_of_nixpkgs() -> None:
    text = MANUAL.read_text(encoding="utf-8")
    headings = re.findall(r"^#+ .*$", text, re.MULTILINE)
    anchors = [
        re.search(r" \{#(module-virtualisation-docker-images[a-z-]*)\}$", one) for one in headings
    ]
    assert len(anchors) > 3
    assert all(anchors)
    assert len({anchor[1] for anchor in anchors if anchor}) == len(headings)
    assert set(re.findall(r"\{(\w+)\}`", text)) <= ROLES
    fences = re.findall(r"^:::(.*)$", text, re.MULTILINE)
    assert fences[::2] == [" {.note}", " {.warning}"]
    assert set(fences[1::2]) == {""}
