from __future__ import annotations

import pytest
from support.nix_warnings import warnings

LINES = [
    "warning: app 'apps.x86_64-linux.update-images' lacks attribute 'meta'",
    "trace: warning: docker-distribution is renamed",
    "trace: evaluation warning: system.stateVersion is not set",
    "evaluation warning: nixfmt-rfc-style is the same as pkgs.nixfmt",
    "\x1b[35;1mwarning:\x1b[0m unknown flake output 'homeModule'",
    "\x1b[1;31mwarning:\x1b[0m The check omitted these incompatible systems: aarch64-linux",
]


@pytest.mark.parametrize("line", LINES)
def test_a_warning_of_any_program_of_nix_is_found(line: str) -> None:
    for program in ("nix", "/usr/bin/nix-build", "nix-instantiate"):
        assert len(warnings(program, f"building…\n{line}\nand so on\n")) == 1
    assert warnings("/usr/bin/nixfetch-docker", line) == []


@pytest.mark.parametrize(
    "line",
    [
        "building '/nix/store/x.drv'...",
        "x> warning: a builder says this",
        "warning: Git tree '/tmp/flake' is dirty",
        "warning: not writing modified lock file of flake 'path:/tmp/flake':",
        "error: a warning: inside",
    ],
)
def test_other_lines_are_none(line: str) -> None:
    assert warnings("nix", line) == []
