"""The pages in docs/reference/ that say what Nix evaluates."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from reference import nix, pages
from support.declared import LOCKED
from support.nix import REPOSITORY, evaluate


@pytest.mark.parametrize(("name", "make"), pages.WITH_NIX.items(), ids=pages.WITH_NIX)
def test_a_page_is_what_the_modules_make_of_it(name: str, make: Callable[[], str]) -> None:
    assert (pages.DIRECTORY / name).read_text(encoding="utf-8") == make(), "run `make reference`"


def test_the_outputs_are_those_of_the_flake() -> None:
    nixpkgs = f"{REPOSITORY}/tests/nix"
    outputs = evaluate(f"""
      builtins.attrNames ((import {REPOSITORY}/flake.nix).outputs {{
        nixpkgs = (import {nixpkgs}/flake.nix).outputs {{ self = throw "self"; }};
      }})
    """)
    assert outputs == sorted(nix.OUTPUTS)


def test_the_attributes_are_those_of_default_nix() -> None:
    found = evaluate(f'builtins.attrNames (import {REPOSITORY} {{ pkgs = throw "pkgs"; }})')
    assert found == sorted([*nix.WITHOUT_FLAKES, *nix.FUNCTIONS])


def test_the_functions_are_those_of_the_overlay() -> None:
    found = evaluate(
        f'builtins.attrNames (import {REPOSITORY}/overlays (throw "final") (throw "prev"))'
    )
    assert found == sorted(["nixfetch-docker", *nix.FUNCTIONS])


def test_the_attributes_of_an_image_are_those_that_it_has() -> None:
    found = evaluate(f"""
      let
        pkgs = import {REPOSITORY}/tests/nix/host-pkgs.nix;
        image = (pkgs.fetchDockerImages {{ file = {LOCKED}; platform = "linux/amd64"; }}).redis;
        plain = pkgs.runCommand "plain" {{ preferLocalBuild = true; passthru = {{ }}; }} "";
      in
      # nixpkgs gives packages `overrideDerivation` with it, and advises against that.
      builtins.attrNames (removeAttrs image (builtins.attrNames plain ++ [ "overrideDerivation" ]))
    """)
    assert found == sorted(nix.ATTRIBUTES)


# In place of nix/lib/strict.nix: called with anything, the arguments that the function takes.
_STRICT = "{ lib }: _name: function: _arguments: builtins.functionArgs function"


@pytest.mark.parametrize("name", nix.FUNCTIONS)
def test_the_arguments_are_those_that_a_function_takes(name: str, tmp_path: Path) -> None:
    text = (REPOSITORY / "nix" / nix.FUNCTIONS[name]).read_text(encoding="utf-8")
    for directory in ("nix", "overlays"):
        shutil.copytree(REPOSITORY / directory, tmp_path / directory)
    (tmp_path / "nix/lib/strict.nix").write_text(_STRICT)
    found = evaluate(f"""
      removeAttrs
        (((import {REPOSITORY}/tests/nix/host-nixpkgs.nix {{ }}).extend
          (import {tmp_path}/overlays)).{name} {{ }})
        [ "override" "overrideDerivation" ]
    """)
    assert found == {one.name: one.default is not None for one in nix.arguments(text)}
