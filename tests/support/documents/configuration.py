"""A piece of Nix on a page that is a configuration of NixOS or of Home Manager."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from support.declared import LOCKED, expression
from support.nix import REPOSITORY

_OURS = re.compile(
    r'fetchTarball\s+"https://github\.com/[\w-]+/nixfetch-docker/[^"]+"|/path/to/nixfetch-docker\b'
)
# Files that a page names beside images.toml; each is an empty module or text.
_FILE = re.compile(r"(?<![\w/.])\./([\w./-]+)")


def flake_outputs(code: str, directory: Path) -> str:
    """An expression for the names of a flake's outputs, with its machines and images evaluated.

    Its files are in `directory`. Its inputs are this repository and the host's `pkgs`. What else a
    machine is, in ./configuration.nix, is that of the template.
    """
    machine = (REPOSITORY / "templates/default/machine.nix").read_text(encoding="utf-8")
    write_files(code, directory, machine)
    file = directory / "flake.nix"
    file.write_text(code)
    return f"""
      let
        nixpkgs = (import {REPOSITORY}/tests/nix/flake.nix).outputs {{ self = nixpkgs; }};
        nixfetch-docker = (import {REPOSITORY}/flake.nix).outputs {{ inherit nixpkgs; }};
        outputs = (import {file}).outputs {{ inherit self nixpkgs nixfetch-docker; }};
        self = outputs // {{ outPath = {directory}; }};
        machines = builtins.attrValues (outputs.nixosConfigurations or {{ }});
        images = builtins.attrValues (outputs.packages.x86_64-linux or {{ }});
      in
      builtins.deepSeq
        (map (one: one.config.system.build.toplevel.drvPath) machines
          ++ map (one: one.drvPath) images)
        (builtins.attrNames outputs)
    """


def configuration(code: str, directory: Path, value: str) -> str:
    """An expression for a value of a configuration, such as `config.warnings`.

    Its files are in `directory`. Names that a page takes from the inputs of a flake are there:
    `nixfetch-docker`, `quadlet-nix`, `arion`.
    """
    write_files(code, directory)
    # declared.nix imports the modules of the other projects.
    file = directory / "page.nix"
    file.write_text(f"{{ nixfetch-docker, quadlet-nix, arion }}:\n{here(code)}")
    page = f"""import {file} {{
      nixfetch-docker = import {REPOSITORY} {{ pkgs = throw "the modules evaluated pkgs"; }};
      quadlet-nix = {{ nixosModules.quadlet = {{ }}; homeManagerModules.quadlet = {{ }}; }};
      arion.nixosModules.arion = {{ }};
    }}"""
    is_home = "homeModules" in code
    return expression(value, page, arguments=f"{_real()} isHome = {str(is_home).lower()};")


def here(code: str) -> str:
    """A piece with this repository in place of its tarball on the forge, or of a checkout of it."""
    return _OURS.sub(f"{REPOSITORY}", code)


def _real() -> str:
    """The arguments of declared.nix for sources of other projects that are at hand."""
    names = ("QUADLET_NIX", "HOME_MANAGER") if "NIXPKGS_LIB" in os.environ else ()
    return " ".join(
        f"{name.lower().replace('_', '-')} = {os.environ[name]};"
        for name in names
        if name in os.environ
    )


def write_files(code: str, directory: Path, module: str = "{ }") -> None:
    """Write the files that a piece names beside itself; those of Nix are this module."""
    for name in _FILE.findall(code):
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.name == LOCKED.name:
            for file in (LOCKED, LOCKED.with_suffix(".lock.toml")):
                shutil.copy(file, path.parent)
        elif path.suffix == ".nix":
            path.write_text(module)
        else:
            path.touch()
