"""Images in what `nix eval --json` prints of the containers of a machine.

Those are options of NixOS and Home Manager as they are once all is computed.
https://nix.dev/manual/nix/latest/command-ref/new-cli/nix3-eval
"""

from __future__ import annotations

from typing import Any

from ...base.redact import literal
from ...base.table import Table
from ...errors import NixfetchError
from ..found.image import Findings, FoundImage, Use
from ..found.podman_name import is_pulled, parse_name

# The paths of the image in a container: of oci-containers and Home Manager, and of quadlet-nix.
_IMAGES = (("image",), ("containerConfig", "image"), ("imageConfig", "image"))
_FILES = ("imageFile", "imageStream")
# Options of quadlet-nix and Home Manager's podman that have containers or images by their names.
_GROUPS = ("containers", "images", "builds")


def is_evaluated(document: Any) -> bool:
    """Whether a document is what Nix prints of containers: by its name each, with its image."""
    if not isinstance(document, dict):
        return False
    return any(
        _image(container) is not None
        for table in _groups(Table(document))
        for container in table.values.values()
    )


def find_in_evaluated(document: Any) -> Findings:
    """All images of containers that Nix has evaluated, from the value that a parser returns."""
    findings = Findings()
    for group in _groups(Table(document)):
        for name in group.values:
            try:
                _add(findings, group, name)
            except NixfetchError as error:
                findings.problems.append(error)
    return findings


def _groups(whole: Table) -> list[Table]:
    """The tables that have containers by their names."""
    groups = [
        Table(value, whole.where(name))
        for name, value in whole.values.items()
        if name in _GROUPS and isinstance(value, dict) and _image(value) is None
    ]
    rest = {
        name: value
        for name, value in whole.values.items()
        if whole.where(name) not in {group.path for group in groups}
    }
    # Beside such groups stand options of other kinds.
    return groups or [Table(rest, whole.path)]


def _image(container: Any) -> tuple[str, ...] | None:
    """The path of the image in a container, or None where it has none."""
    for path in _IMAGES:
        value = container
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        if value is not None:
            return path
    return None


def _add(findings: Findings, group: Table, name: str) -> None:
    container = group.table(name)
    locked = container.values.get("locked")
    if isinstance(locked, str):
        findings.uses.append(Use(place=container.path, name=locked))
        findings.left_out.append(
            f"{container.path}: it is left out, because it is {literal(locked)} of an images.toml "
            "already"
        )
        return
    path = _image(container.values)
    if path is None:
        findings.left_out.append(f"{container.path}: it names no image, so it is left out")
        return
    table = container
    for key in path[:-1]:
        table = table.table(key)
    text = table.require(path[-1], str)
    is_loaded = any(container.values.get(file) is not None for file in _FILES)
    if is_loaded or not is_pulled(text):
        findings.left_out.append(
            f"{table.where(path[-1])}: {literal(text)} is not pulled from a registry, "
            "so it is left out"
        )
        return
    reference = table.parse(path[-1], parse_name)
    findings.images.append(FoundImage(place=container.path, name=name, reference=reference))
