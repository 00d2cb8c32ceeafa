"""Write what nixpkgs would have of this project into a checkout of nixpkgs, or elsewhere.

    scripts/nixpkgs_tree.py DIRECTORY

The functions and the module are those of nix/, in the directory of the package. That directory and
the one of the test are written anew. Lists that nixpkgs has already get lines by hand;
docs/nixpkgs/README.md has them.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILES = ROOT / "docs/nixpkgs"
PACKAGE = "pkgs/by-name/ni/nixfetch-docker"
MODULE = "nixos/modules/virtualisation/docker-images"
TESTS = "nixos/tests/nixfetch-docker"

# nixpkgs has the functions itself, and needs no overlay.
SCOPE = """\
/**
  The package set, which has the command and the functions.

  Type: package set -> package set
*/
pkgs: pkgs
"""

MODULE_FILE = f"""\
# Containers that start from a lock of container images, and never pull.
{{
  imports = [ ../../../{PACKAGE}/nixos/module.nix ];

  meta = {{
    doc = ./docker-images.md;
    maintainers = [ ];
  }};
}}
"""


def main(nixpkgs: Path) -> None:
    """Write the package, the functions, the module, its chapter of the manual and its test."""
    package, tests = nixpkgs / PACKAGE, nixpkgs / TESTS
    # Files that an earlier release had, and this one does not.
    for directory in (package, tests):
        shutil.rmtree(directory, ignore_errors=True)
    package.mkdir(parents=True)
    shutil.copy(FILES / "package.nix", package)
    for name in ("compat", "fetchers", "lib", "nixos"):
        shutil.copytree(ROOT / "nix" / name, package / name)
    (package / "lib/scope.nix").write_text(SCOPE, encoding="utf-8")
    # For quadlet-nix and Home Manager, which are no parts of nixpkgs.
    for name in (
        "lib/locked-quadlet.nix",
        "lib/quadlet.nix",
        "lib/unit-load.nix",
        "nixos/quadlet.nix",
    ):
        (package / name).unlink()
    module = nixpkgs / MODULE
    module.parent.mkdir(parents=True, exist_ok=True)
    module.with_suffix(".nix").write_text(MODULE_FILE, encoding="utf-8")
    shutil.copy(FILES / "manual.md", module.with_suffix(".md"))
    shutil.copytree(FILES / "nixos-test", tests)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
