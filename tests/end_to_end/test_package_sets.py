"""What Nix makes of an image on the stand-in for nixpkgs, and on a real package set where one is.

NIXPKGS names the real one: nixpkgs itself, or another set with nixpkgs' builders. Nothing is built
but on the stand-in.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from support import oci
from support.command import Project
from support.nix import REPOSITORY, Nix, evaluate
from support.process import output, run
from support.registry import Registry

LOCKED = f"{REPOSITORY}/tests/nix/locked/images.toml"
STAND_IN = f"{REPOSITORY}/tests/nix/host-nixpkgs.nix"
SETS = [pytest.param(STAND_IN, id="stand-in")]
if "NIXPKGS" in os.environ:
    SETS.append(pytest.param(os.environ["NIXPKGS"], id="real"))

every_set = pytest.mark.parametrize("nixpkgs", SETS)


def value(nixpkgs: str, expression: str) -> Any:
    """An expression with `base`, the set, `pkgs`, the set with the overlay, and `image`."""
    return evaluate(f"""
        let
          overlay = import {REPOSITORY}/overlays;
          # What a real set may lack of nixpkgs.
          lacking = _final: previous:
            let
              tool = name: previous.runCommand name {{ }} "";
              missing = set: names: previous.lib.genAttrs
                (builtins.filter (name: !set ? ${{name}}) names) tool;
            in missing previous [ "scdoc" "zstd" ] // {{
              python3Packages = previous.python3Packages
                // missing previous.python3Packages [ "rich" "shtab" "tomli" ];
            }};
          base = import {nixpkgs} {{ overlays = [ lacking ]; }};
          pkgs = base.extend overlay;
          imageOf = pkgs: (pkgs.fetchDockerImages {{
            file = {LOCKED};
            platform = "linux/arm64";
          }}).redis;
          image = imageOf pkgs;
        in {expression}
    """)


@every_set
def test_a_binary_cache_may_have_all_that_an_image_is_made_of(nixpkgs: str) -> None:
    maybe = "one: one.allowSubstitutes or true"
    assert (
        value(
            nixpkgs,
            f"""map ({maybe}) ([ image image.stream image.archive image.config image.manifest ]
          ++ image.layers
          ++ map (file: pkgs.callPackage file {{ }} image) [
            {REPOSITORY}/nix/nixos/podman-load.nix
            {REPOSITORY}/nix/nixos/docker-load.nix
          ])""",
        )
        == [True] * 9
    )
    # What a set has of its own is not taken from a cache: the loop above can fail.
    assert value(nixpkgs, f"({maybe}) (pkgs.linkFarm {json.dumps('x')} {{ }})") is False


CHANGED = {
    "overrideAttrs": 'image.overrideAttrs (_: { name = "mine"; })',
    "overrideAttrs of a set": 'image.overrideAttrs { name = "mine"; }',
    "overrideAttrs, then override": '(image.overrideAttrs (_: { X = 1; })).override { tag = "2"; }',
    "getBin": "pkgs.lib.getBin image",
    "out": "image.out",
    "all": "builtins.head image.all",
    "fetchdocker": """builtins.head (pkgs.fetchdocker {
        name = "a"; imageName = "a"; tag = "1"; imageConfig = image.config;
        imageLayers = image.layers; image = "a:1";
      }).all // { imageDigest = null; manifest = null; }""",
}


@every_set
@pytest.mark.parametrize("change", CHANGED.values(), ids=CHANGED)
def test_an_image_keeps_its_attributes(change: str, nixpkgs: str) -> None:
    found = value(
        nixpkgs,
        f"""let changed = {change}; in {{
          forms = map (one: one.type) [ changed.stream changed.archive changed.config ];
          layers = builtins.length changed.layers;
          strings = builtins.all (name: changed ? ${{name}}) [
            "imageDigest" "imageId" "imageName" "imageTag" "manifest"
          ];
        }}""",
    )
    assert found == {"forms": ["derivation"] * 3, "layers": 2, "strings": True}


# In a cross set, what runs while something is built is the build system's, and what is in an image
# or runs on its machine is the host's.
@every_set
def test_an_archive_is_made_by_programs_of_the_machine_that_builds(nixpkgs: str) -> None:
    found = value(
        nixpkgs,
        """let
          cross = pkgs.pkgsCross.riscv64;
          other = imageOf cross;
          isIn = part: text: builtins.replaceStrings [ part ] [ "" ] text != text;
          context = one: builtins.attrNames (builtins.getContext one);
          uses = one: package: builtins.elem package.drvPath
            (builtins.concatMap (text: context "${text}") [ one.text ]);
        in {
          stream = uses other.stream cross.gnutar;
          streamOfBuilder = uses other.stream pkgs.gnutar;
          archive = isIn other.stream.outPath other.archive.buildCommand;
          differs = pkgs.gnutar.drvPath != cross.gnutar.drvPath;
          blobs = map (one: one.drvPath) other.layers == map (one: one.drvPath) image.layers;
          native = image.archive.buildCommand == "${image.stream} > $out";
        }""",
    )
    assert found == {
        "stream": True,
        "streamOfBuilder": False,
        "archive": False,
        "differs": True,
        "blobs": True,
        "native": True,
    }


@every_set
@pytest.mark.parametrize("set_", ["base", "base.pkgsCross.riscv64"])
def test_a_scope_over_a_set_makes_what_the_overlay_makes(set_: str, nixpkgs: str) -> None:
    found = value(
        nixpkgs,
        f"""let
          # Such a set would be evaluated a second time.
          refuses = set: set // {{
            extend = throw "extended";
            appendOverlays = throw "extended";
          }};
          scope = import {REPOSITORY}/nix/lib/scope.nix (refuses {set_});
          load = set: image:
            set.callPackage {REPOSITORY}/nix/nixos/podman-load.nix {{ }} image;
          made = set: let image = imageOf set; in map (one: one.drvPath) ([
            set.nixfetch-docker image image.stream image.archive (load set image)
          ] ++ image.layers);
        in {{
          scope = made scope;
          overlay = made ({set_}.extend overlay);
          functions = builtins.attrNames (overlay {{ callPackage = _: _: 1; }} {{ }});
          offered = builtins.attrNames (removeAttrs scope [ "callPackage" ]);
        }}""",
    )
    assert found["scope"] == found["overlay"]
    assert found["offered"] == found["functions"]


def test_the_stand_in_is_as_strict_as_nixpkgs() -> None:
    found = value(
        STAND_IN,
        """let
          fails = value: !(builtins.tryEval (builtins.seq value value)).success;
          twice = (base.extend (_: _: { one = 1; })).extend (_: _: { two = 2; });
          flags = one: [ (one.preferLocalBuild or false) (one.allowSubstitutes or true) ];
        in {
          renamed = fails base.docker-distribution;
          dropped = fails (import STAND_IN { system = "x86_64-darwin"; });
          overlays = [ twice.one twice.two twice.buildPackages.one twice.pkgsCross.riscv64.two ];
          local = map flags [
            (base.writeText "a" "") (base.writeScript "a" "") (base.writeShellScript "a" "")
            (base.linkFarm "a" { }) (base.runCommandLocal "a" { } "")
            (base.symlinkJoin { name = "a"; paths = [ ]; })
          ];
          cached = map flags [
            (base.runCommand "a" { } "")
            (base.writeShellApplication { name = "a"; text = ""; })
          ];
        }""".replace("STAND_IN", STAND_IN),
    )
    assert found == {
        "renamed": True,
        "dropped": True,
        "overlays": [1, 2, 1, 2],
        "local": [[True, False]] * 6,
        "cached": [[False, True]] * 2,
    }


def test_an_archive_of_a_cross_set_builds(registry: Registry, project: Project, nix: Nix) -> None:
    image = oci.image(oci.layer({"etc/a": b"a"}), platform="linux/riscv64")
    registry.push("web:1", image)
    project.update(f'[images.web]\nimage = "{registry.host}/web:1"\nplatforms = ["linux/riscv64"]')
    expression = f"""
        ((import {STAND_IN} {{ overlays = [ (import {REPOSITORY}/overlays) ]; }})
          .pkgsCross.riscv64.fetchDockerImages {project.images}).web.archive
    """
    built = run(["nix-build", "--no-out-link", "-E", expression], env=nix.env)
    assert built.returncode == 0, built.stderr
    archive = Path(built.stdout.strip())
    inspected = json.loads(output(["skopeo", "inspect", f"docker-archive:{archive}"]))
    assert inspected["Architecture"] == "riscv64"
