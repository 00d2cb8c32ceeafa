"""The warnings of Nix's programs, which fail a test: people would see them, and cannot help it."""

from __future__ import annotations

import re
from pathlib import PurePath

_PROGRAM = re.compile(r"nix|nix-[a-z-]+")

# A builder's own warnings have no such line. nixpkgs' `lib.warn` has `trace:` where Nix has no
# `builtins.warn`, and `evaluation` of late.
_WARNING = re.compile(r"(?:trace: )?(?:evaluation )?warning: .*", re.IGNORECASE)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")

# What a test brings about by itself.
_EXPECTED = (
    # A flake in a repository that is made without a commit.
    re.compile(r"warning: Git tree '[^']*' (?:is dirty|has uncommitted changes)"),
    # --no-write-lock-file, with another nixpkgs than the lock's.
    re.compile(r"warning: not writing modified lock file of flake '[^']*'"),
    # Nix 2.8 does not know the outputs that later versions let pass without a check.
    re.compile(r"warning: unknown flake output '(?:lib|homeModules)'"),
)


def warnings(command: str, stderr: str) -> list[str]:
    """The lines of `stderr` that are warnings of Nix; none where `command` is another program."""
    if _PROGRAM.fullmatch(PurePath(command).name) is None:
        return []
    lines = [_COLOUR.sub("", line) for line in stderr.splitlines()]
    return [
        line
        for line in lines
        if _WARNING.match(line) and not any(one.match(line) for one in _EXPECTED)
    ]
