"""The pages of the options of the modules, which Nix evaluates without a store."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

from . import markdown

_EXPRESSION = Path(__file__).parent / "options.nix"
# {option}`services.podman` in the Markdown of nixpkgs' documents.
_ROLE = re.compile(r"\{[a-z]+\}(?=`)")

_NIXOS = f"""\
# NixOS options
{markdown.NOTE}

`nixosModules.default` declares these options, all but those of `virtualisation.quadlet`: these come with
`nixosModules.quadlet`, beside the module of quadlet-nix. How to import them: [Nix](nix.md).

"""
_HOME_MANAGER = f"""\
# Home Manager options
{markdown.NOTE}

`homeModules.default` declares these options, all but those of `virtualisation.quadlet`: these come with
`homeModules.quadlet`, beside the module of quadlet-nix. How to import them: [Nix](nix.md).

Logins for builds belong to the machine, so `authFile` is an option of the [NixOS module](nixos-options.md) alone.

"""


def nixos() -> str:
    """The page of the options of the modules for NixOS."""
    return _NIXOS + "".join(map(_option, _evaluate(is_home=False)))


def home_manager() -> str:
    """The page of the options of the modules for Home Manager."""
    return _HOME_MANAGER + "".join(map(_option, _evaluate(is_home=True)))


def _evaluate(*, is_home: bool) -> list[dict[str, Any]]:
    options = ["--eval", "--strict", "--json", "--readonly-mode", "--store", "dummy://"]
    expression = f"import {_EXPRESSION} {{ isHome = {str(is_home).lower()}; }}"
    env = {"PATH": os.environ["PATH"], "HOME": "/homeless", "NIX_CONF_DIR": "/homeless"}
    done = subprocess.run(
        ["nix-instantiate", *options, "-E", expression],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def _option(option: dict[str, Any]) -> str:
    rows = [("type", option["type"])]
    rows += [(key, option[key]) for key in ("default", "example") if key in option]
    lines = [f"- {key}:{_value(value)}" for key, value in rows]
    if option["readOnly"]:
        lines.append("- read-only\n")
    description = _ROLE.sub("", option["description"]).strip()
    name = option["name"].replace("<name>", "NAME").replace(".*.", ".\\*.")
    return f"## {name}\n\n{description}\n\n{''.join(lines)}\n"


def _value(text: str) -> str:
    """A value on the line, or as a piece of code below it."""
    text = {"[]": "[ ]", "{}": "{ }"}.get(text, text.strip())
    if "\n" not in text:
        return f" {markdown.code(text)}\n"
    code = "".join(f"  {line}\n" for line in markdown.fence("nix", text).splitlines())
    return f"\n\n{code}"
