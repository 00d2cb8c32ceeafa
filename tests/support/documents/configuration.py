"""A piece of Nix on a page that is a configuration of NixOS or of Home Manager."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from support.declared import LOCKED, expression
from support.nix import REPOSITORY

_TARBALL = re.compile(r'fetchTarball\s+"https://github\.com/[\w-]+/nixfetch-docker/[^"]+"')
# Files that a page names beside images.toml; each is an empty module or text.
_FILE = re.compile(r"(?<![\w/.])\./([\w./-]+)")


def configuration(code: str, directory: Path) -> str:
    """An expression for the failed assertions and the warnings of a configuration.

    Its files are in `directory`. Names that a page takes from the inputs of a flake are there:
    `nixfetch-docker`, `quadlet-nix`, `arion`.
    """
    for name in _FILE.findall(code):
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.name == LOCKED.name:
            for file in (LOCKED, LOCKED.with_suffix(".lock.toml")):
                shutil.copy(file, path.parent)
        elif path.suffix == ".nix":
            path.write_text("{ }")
        else:
            path.touch()
    local = _TARBALL.sub(f"{REPOSITORY}", code)
    file = directory / "page.nix"
    file.write_text(f"{{ nixfetch-docker, quadlet-nix, arion }}:\n{local}")
    page = f"""import {file} {{
      nixfetch-docker = import {REPOSITORY} {{ pkgs = throw "the modules evaluated pkgs"; }};
      quadlet-nix = {{ nixosModules.quadlet = {{ }}; homeManagerModules.quadlet = {{ }}; }};
      arion.nixosModules.arion = {{ }};
    }}"""
    is_home = "homeModules" in code
    return expression(
        "{ inherit failed; inherit (config) warnings; }",
        page,
        arguments=f"isHome = {str(is_home).lower()};",
    )
