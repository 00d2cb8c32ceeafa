"""Images in what `nix eval --json` prints of the containers of a machine.

Those are options of NixOS and Home Manager as they are once all is computed.
https://nix.dev/manual/nix/latest/command-ref/new-cli/nix3-eval
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...base.redact import literal
from ...base.table import Table, dotted
from ...errors import NixfetchError
from ..found.candidates import tell_candidates
from ..found.image import ADD_IT, Findings, FoundImage, NotImportable, Use
from ..found.objects import objects, strings
from ..found.podman_name import is_pulled, parse_name
from ..orchestrators.quadlet import find_in_quadlet
from .pin import image_of_pin

# The paths of the image in a container, an image or a volume: of oci-containers and Home Manager,
# of quadlet-nix, and of arion.
_IMAGES = (
    ("image",),
    ("containerConfig", "image"),
    ("imageConfig", "image"),
    ("volumeConfig", "image"),
    ("service", "image"),
)
_FILES = ("imageFile", "imageStream")
_RAW = "rawConfig"
# Containers of several machines may be in one document.
_DEEPEST = 8


def is_evaluated(document: Any) -> bool:
    """Whether a document is what Nix prints of containers: by its name each, with its image."""
    return isinstance(document, dict) and any(_groups(Table(document)))


def find_in_evaluated(document: Any) -> Findings:
    """All images of containers that Nix has evaluated, from the value that a parser returns."""
    findings = Findings()
    for group in _groups(Table(document)):
        for name in group.values:
            try:
                _add(findings, group.table(name), name)
            except NixfetchError as error:
                findings.problems.append(error)
    known = {str(image.reference) for image in findings.images}
    for group in _groups(Table(document)):
        for path, table in objects(group.values):
            for where, text in strings(path, table):
                if where[1:] not in _IMAGES and where[-1] != _RAW:
                    findings.problems.extend(
                        error.at(".".join(filter(None, [group.path, dotted(where)])))
                        for error in tell_candidates(text, known)
                    )
    return findings


def _groups(whole: Table, depth: int = 0) -> Iterator[Table]:
    """The tables that have containers by their names, wherever they stand."""
    members = {name: one for name, one in whole.values.items() if isinstance(one, dict)}
    if any(map(_is_container, members.values())):
        yield whole
    elif depth < _DEEPEST:
        for name in members:
            yield from _groups(whole.table(name), depth + 1)


def _is_container(value: dict[str, Any]) -> bool:
    path = _image(value)
    return isinstance(value.get(_RAW), str) or (
        path is not None and isinstance(_at(value, path), str)
    )


def _image(container: Any) -> tuple[str, ...] | None:
    """The path of the image in a container, or None where it has none."""
    return next((path for path in _IMAGES if _at(container, path) is not None), None)


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _add(findings: Findings, container: Table, name: str) -> None:
    locked = container.values.get("locked")
    if isinstance(locked, str):
        findings.uses.append(Use(place=container.path, name=locked))
        findings.left_out.append(
            f"{container.path}: it is left out, because it is {literal(locked)} of an images.toml "
            "already"
        )
        return
    raw = container.values.get(_RAW)
    if isinstance(raw, str):
        # It stands for all other options.
        findings.add(find_in_quadlet(raw).at(container.where(_RAW)))
        return
    if "imageName" in container:
        findings.images.append(image_of_pin(container, name, {}))
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
    if "digest" in table:
        raise NotImportable("its digest stands apart from its image", hint=ADD_IT).at(table.path)
    reference = table.parse(path[-1], parse_name)
    findings.images.append(FoundImage(place=container.path, name=name, reference=reference))
