"""Units of NixOS as files of systemd, and what `nixos-rebuild switch` does with them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Where the scripts of units are on the machine; on NixOS they are in the store.
SCRIPTS = "/etc/unit-scripts"
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
# nixos/lib/systemd-lib.nix: options of a service that are settings of its unit.
_UNIT = {"description": "Description", "after": "After", "wants": "Wants", "requires": "Requires"}
_SCRIPTS = {"script": "ExecStart", "preStop": "ExecStop", "postStop": "ExecStopPost"}


@dataclass(frozen=True, kw_only=True)
class Units:
    """Unit files by name, the names of those that start at boot, and scripts by path."""

    files: Mapping[str, str]
    wanted: frozenset[str]
    scripts: Mapping[str, str] = field(default_factory=dict)

    def __or__(self, other: Units) -> Units:
        return Units(
            files={**self.files, **other.files},
            wanted=self.wanted | other.wanted,
            scripts={**self.scripts, **other.scripts},
        )


def units(services: Mapping[str, Mapping[str, Any]]) -> Units:
    """The units of `systemd.services`, as NixOS writes them: a script's path is by its text."""
    files, scripts = {}, {}
    for name, service in services.items():
        settings = dict(service["serviceConfig"])
        for option, setting in _SCRIPTS.items():
            if text := service.get(option):
                path = f"{SCRIPTS}/{hashlib.sha256(text.encode()).hexdigest()[:16]}-{name}-{option}"
                scripts[path] = f"#!/bin/bash -e\n{text}\n"
                settings[setting] = path
        unit = {setting: service.get(option, []) for option, setting in _UNIT.items()}
        environment = {"PATH": _PATH, **service.get("environment", {})}
        lines = [
            "[Unit]",
            *_lines({**unit, **service.get("unitConfig", {})}),
            "[Service]",
            *[f'Environment="{key}={value}"' for key, value in sorted(environment.items())],
            *_lines(settings),
        ]
        files[f"{name}.service"] = "\n".join(lines) + "\n"
    wanted = {f"{name}.service" for name, one in services.items() if one.get("wantedBy")}
    return Units(files=files, wanted=frozenset(wanted), scripts=scripts)


def _lines(settings: Mapping[str, Any]) -> list[str]:
    found = []
    for name, value in sorted(settings.items()):
        for one in value if isinstance(value, list) else [value]:
            shown = str(one).lower() if isinstance(one, bool) else one
            if shown != "":
                found.append(f"{name}={shown}")
    return found
