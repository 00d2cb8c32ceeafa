"""Finding the images in the text of a file of any kind, by its suffix or by its content."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ..base import strict_json, toml
from ..base.regex import regex
from ..errors import NixfetchError
from .compose.files import only
from .compose.images import find_in_compose
from .compose.surroundings import Surroundings
from .found.image import ADD_IT, Findings, NotImportable
from .nix_files.images import find_in_nix
from .nix_files.manifest_file import read_manifests
from .nix_tools.evaluated import find_in_evaluated, is_evaluated
from .nix_tools.npins import find_in_npins, is_npins
from .nix_tools.nvfetcher import (
    find_in_configuration,
    find_in_generated,
    is_configuration,
    is_generated,
)
from .nix_tools.prefetched import find_in_prefetched
from .orchestrators import hcl, quadlet
from .orchestrators.kubernetes import find_in_manifests, is_manifest
from .orchestrators.nomad import find_in_job, is_job
from .orchestrators.quadlet import find_in_quadlet
from .yaml_files.documents import documents

_YAML_KEY = regex(r"^(?:services|include|apiVersion)[ \t]*+:", re.MULTILINE)
_MENTION = regex(r"\bimage['\"]?+[ \t]*+:")
_SUFFIXES = frozenset({".json", ".yml", ".yaml", ".nix", ".toml", *quadlet.SUFFIXES, *hcl.SUFFIXES})
_BYTE_ORDER_MARK = "\ufeff"


def find_images(
    text: str,
    *,
    place: str,
    suffix: str = "",
    is_compose_json: bool = False,
    surroundings: Surroundings | None = None,
) -> Findings:
    """All images in a text, and the errors about those that cannot be imported.

    `place` stands before the position of each. The kind of the text follows from `suffix`, such
    as ".nix", or else from the text itself; with `is_compose_json` it must be the output of
    `docker compose config --format json`. A text of no known kind is one problem. `surroundings`
    has the variables of a compose file, and reads what it includes.
    """
    text = text.removeprefix(_BYTE_ORDER_MARK)
    kind = suffix.lower() if suffix.lower() in _SUFFIXES else _suffix_of(text)
    try:
        if is_compose_json:
            findings = find_in_compose(strict_json.parse(text), surroundings)
        else:
            findings = _find(text, kind, surroundings)
    except NixfetchError as error:
        return Findings(problems=[error.at(place)])
    # Of Nix, all texts have been searched.
    if findings.is_empty and kind != ".nix" and (mention := _MENTION.search(text)):
        line = text.count("\n", 0, mention.start()) + 1
        findings.problems.append(
            NotImportable("an image is mentioned, and none was found", hint=ADD_IT).at(
                f"line {line}"
            )
        )
    return findings.at(place)


def find_in_yaml(text: str, surroundings: Surroundings | None = None) -> Findings:
    """All images of a compose file or of Kubernetes manifests in YAML.

    Raises `NixfetchError`, also without PyYAML.
    """
    values = documents(text)
    if any(map(is_manifest, values)):
        return find_in_manifests(values)
    return find_in_compose(only(values), surroundings)


# How to know a kind of JSON, and how to read it.
_OF_JSON: tuple[tuple[Callable[[Any], bool], Callable[[Any], Findings]], ...] = (
    (is_manifest, lambda document: find_in_manifests([document])),
    (is_job, find_in_job),
    (is_npins, find_in_npins),
    (is_generated, find_in_generated),
    (is_evaluated, find_in_evaluated),
)


def _find_in_json(text: str, surroundings: Surroundings | None) -> Findings:
    document = strict_json.parse(text)
    if isinstance(document, dict) and ("services" in document or "include" in document):
        return find_in_compose(document, surroundings)
    find = next((find for is_kind, find in _OF_JSON if is_kind(document)), find_in_prefetched)
    return find(document)


def _find(text: str, kind: str, surroundings: Surroundings | None) -> Findings:
    match kind:
        case ".json":
            return _find_in_json(text, surroundings)
        case ".yml" | ".yaml":
            return find_in_yaml(text, surroundings)
        case ".nix":
            beside = surroundings or Surroundings()
            return read_manifests(find_in_nix(text), beside.directory, beside.text_of)
        case ".toml":
            return _find_in_toml(text)
        case known if known in hcl.SUFFIXES:
            raise hcl.refuse_hcl(text)
        case _:
            return find_in_quadlet(text)


def _find_in_toml(text: str) -> Findings:
    document = toml.parse(text)
    if is_configuration(document):
        return find_in_configuration(document)
    if "images" in document:
        raise NotImportable("this is an images.toml already", hint="run `nixfetch-docker lock`")
    raise NotImportable("this is TOML, of which nvfetcher's alone is read", hint=ADD_IT)


def _suffix_of(text: str) -> str:
    """The suffix of files with such a text."""
    if quadlet.is_unit(text):
        return quadlet.SUFFIXES[0]
    if _is_json(text):
        return ".json"
    if _YAML_KEY.search(text):
        return ".yaml"
    if hcl.is_nomad_job(text):
        return hcl.SUFFIXES[0]
    return ".toml" if _is_toml(text) else ".nix"


def _is_toml(text: str) -> bool:
    try:
        return bool(toml.parse(text).values)
    except NixfetchError:
        return False


def _is_json(text: str) -> bool:
    try:
        strict_json.parse(text, allow_duplicates_in_unread=True)
    except strict_json.InvalidJson as error:
        # A syntax error has a place; without one it is JSON that is nested too deeply.
        return not error.places
    return True
