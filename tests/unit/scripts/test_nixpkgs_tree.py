"""What scripts/nixpkgs_tree.py does in a checkout that has an earlier release.

What it writes is evaluated in tests/end_to_end/test_nixpkgs.py.
"""

from __future__ import annotations

from pathlib import Path

import nixpkgs_tree
import pytest


def _files(directory: Path) -> dict[Path, bytes]:
    return {
        path.relative_to(directory): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize(
    "gone",
    [
        f"{nixpkgs_tree.PACKAGE}/lib/gone.nix",
        f"{nixpkgs_tree.PACKAGE}/nixos/quadlet.nix",
        f"{nixpkgs_tree.PACKAGE}/gone/default.nix",
        "nixos/tests/nixfetch-docker/gone.nix",
    ],
)
def test_no_file_of_an_earlier_release_stays(gone: str, tmp_path: Path) -> None:
    nixpkgs_tree.main(tmp_path)
    first = _files(tmp_path)
    (tmp_path / gone).parent.mkdir(exist_ok=True)
    (tmp_path / gone).write_text("{ }\n")
    nixpkgs_tree.main(tmp_path)
    assert _files(tmp_path) == first


def test_what_is_not_ours_stays(tmp_path: Path) -> None:
    other = tmp_path / "pkgs/by-name/ni/nix/package.nix"
    other.parent.mkdir(parents=True)
    other.write_text("{ }\n")
    nixpkgs_tree.main(tmp_path)
    assert other.is_file()
