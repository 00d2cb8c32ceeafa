"""Units of NixOS as files of systemd, and what `nixos-rebuild switch` does with them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SYSTEM = "/etc/systemd/system/"
_WANTS = f"{SYSTEM}multi-user.target.wants/"
# Where the scripts of units are on the machine; on NixOS they are in the store.
_SCRIPTS_DIRECTORY = "/etc/unit-scripts"
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
# nixos/lib/systemd-lib.nix: options of a service that are settings of its unit.
_UNIT = {"description": "Description", "after": "After", "wants": "Wants", "requires": "Requires"}
_SCRIPTS = {"script": "ExecStart", "preStop": "ExecStop", "postStop": "ExecStopPost"}


@dataclass(frozen=True, kw_only=True)
class Units:
    """Files, symbolic links with their targets, and scripts, each by its path on the machine."""

    files: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    scripts: Mapping[str, str] = field(default_factory=dict)

    def __or__(self, other: Units) -> Units:
        return Units(
            files={**self.files, **other.files},
            links={**self.links, **other.links},
            scripts={**self.scripts, **other.scripts},
        )

    @property
    def texts(self) -> dict[str, list[str]]:
        """The texts of the machine's units, with those that add to a unit, by the units' names."""
        found: dict[str, list[str]] = {}
        for path, text in sorted(self.files.items()):
            if path.startswith(SYSTEM):
                unit = path.removeprefix(SYSTEM).partition("/")[0].removesuffix(".d")
                found.setdefault(unit, []).append(text)
        return found

    @property
    def wanted(self) -> set[str]:
        """The names of the machine's units that start at boot."""
        return {path.removeprefix(_WANTS) for path in self.links if path.startswith(_WANTS)}


def units(services: Mapping[str, Mapping[str, Any]]) -> Units:
    """The units of `systemd.services`, as NixOS writes them: a script's path is by its text."""
    files, scripts = {}, {}
    for name, service in services.items():
        settings = dict(service["serviceConfig"])
        for option, setting in _SCRIPTS.items():
            if text := service.get(option):
                digest = hashlib.sha256(text.encode()).hexdigest()[:16]
                path = f"{_SCRIPTS_DIRECTORY}/{digest}-{name}-{option}"
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
        files[f"{SYSTEM}{name}.service"] = "\n".join(lines) + "\n"
    wanted = [f"{name}.service" for name, one in services.items() if one.get("wantedBy")]
    return Units(
        files=files, links={f"{_WANTS}{name}": f"../{name}" for name in wanted}, scripts=scripts
    )


def storage(settings: Mapping[str, Any]) -> Units:
    """The file of `virtualisation.containers.storage.settings`; none without any."""
    if not settings:
        return Units()
    # nixos/modules/virtualisation/containers.nix
    defaults = {
        "driver": "overlay",
        "graphroot": "/var/lib/containers/storage",
        "runroot": "/run/containers/storage",
    }
    table = {**defaults, **settings["storage"]}
    lines = ["[storage]", *_toml(table), "[storage.options]", *_toml(table.get("options", {}))]
    return Units(files={"/etc/containers/storage.conf": "\n".join(lines) + "\n"})


def quadlets(texts: Mapping[str, str]) -> Units:
    """What quadlet-nix writes on a machine for containers, of the texts of their quadlets."""
    files, links = {}, {}
    for name, text in texts.items():
        files[f"/etc/containers/systemd/{name}.container"] = text
        # By the hash, a switch to another configuration finds what changed.
        digest = hashlib.sha256(text.encode()).hexdigest()
        changed = f"[Unit]\nX-QuadletNixConfigHash={digest}\n"
        files[f"{SYSTEM}{name}.service.d/overrides.conf"] = changed
        links[f"{_WANTS}{name}.service"] = f"/run/systemd/generator/{name}.service"
    return Units(files=files, links=links)


def quadlets_of_user(texts: Mapping[str, str], user: str, uid: int) -> Units:
    """What quadlet-nix writes into the home of a user for containers."""
    config = f"/home/{user}/.config"
    generated = f"/run/user/{uid}/systemd/generator"
    return Units(
        files={f"{config}/containers/systemd/{name}.container": texts[name] for name in texts},
        links={
            f"{config}/systemd/user/default.target.wants/{name}.service": (
                f"{generated}/{name}.service"
            )
            for name in texts
        },
    )


def _toml(table: Mapping[str, Any]) -> list[str]:
    return [
        f"{key} = {json.dumps(value)}"
        for key, value in sorted(table.items())
        if not isinstance(value, dict)
    ]


def _lines(settings: Mapping[str, Any]) -> list[str]:
    found = []
    for name, value in sorted(settings.items()):
        for one in value if isinstance(value, list) else [value]:
            shown = str(one).lower() if isinstance(one, bool) else one
            if shown != "":
                found.append(f"{name}={shown}")
    return found
