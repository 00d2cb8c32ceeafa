"""Which pages there are, and what makes each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from . import command_line, json_documents, lock, manual, nix, options, python_api

REPOSITORY = Path(__file__).parents[2]
DIRECTORY = REPOSITORY / "docs/reference"

# By the name of the file. These need Python alone.
WITHOUT_NIX: dict[str, Callable[[], str]] = {
    "commands.md": command_line.page,
    "environment.md": manual.environment,
    "json.md": json_documents.page,
    "exit-status.md": manual.exit_status,
    "images-lock-toml.md": lock.page,
    "nix.md": nix.page,
    "python.md": python_api.page,
}
# These are made of options that Nix evaluates.
WITH_NIX: dict[str, Callable[[], str]] = {
    "nixos-options.md": options.nixos,
    "home-manager-options.md": options.home_manager,
}
ALL = WITHOUT_NIX | WITH_NIX
