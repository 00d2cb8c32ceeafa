"""Images in the files of nvfetcher: its configuration, and what it generates.

https://github.com/berberman/nvfetcher#readme, with `fetch.docker`
"""

from __future__ import annotations

from typing import Any

from ...base.redact import literal
from ...base.table import Table
from ...errors import NixfetchError
from ...oci.platform import Platform
from ...oci.reference import Reference
from ..found.image import Findings, FoundImage, NotImportable
from .pin import image_of_pin

# The tag that is fetched; `finalImageTag` is the one that the image is loaded under.
_NAMES = {"finalImageTag": "imageTag"}
# Before it wrote that one, the other was all that there was.
_FORMER_NAMES: dict[str, str] = {}
# Keys of nvchecker, by which a version becomes another one.
_CHANGING = ("prefix", "from_pattern", "to_pattern")


def is_generated(document: Any) -> bool:
    """Whether a document is nvfetcher's generated.json, with an image in it."""
    return isinstance(document, dict) and any(map(_is_source, document.values()))


def find_in_generated(document: Any) -> Findings:
    """All images that nvfetcher has pinned, from the value that a parser returns."""
    findings = Findings()
    whole = Table.of(document)
    for name, value in whole.values.items():
        if not _is_source(value):
            continue
        try:
            source = whole.table(name).table("src")
            names = _NAMES if "imageTag" in source else _FORMER_NAMES
            findings.images.append(image_of_pin(source, name, names))
        except NixfetchError as error:
            findings.problems.append(error)
    return findings


def is_configuration(document: Table) -> bool:
    """Whether a document of TOML is an nvfetcher.toml: packages by name, with what fetches each."""
    return any(isinstance(one, dict) and "fetch" in one for one in document.values.values())


def find_in_configuration(document: Table) -> Findings:
    """All images whose tags an nvfetcher.toml has; one whose tag nvfetcher chooses is a problem."""
    findings = Findings()
    for name, value in document.values.items():
        fetch = value.get("fetch") if isinstance(value, dict) else None
        if not isinstance(fetch, dict) or "docker" not in fetch:
            continue
        try:
            findings.images.append(_image(document.table(name), name))
        except NixfetchError as error:
            findings.problems.append(error)
    return findings


def _image(package: Table, name: str) -> FoundImage:
    image = package.table("fetch").require("docker", str)
    source = package.table_or_empty("src")
    if "manual" not in source or any(key in source for key in _CHANGING):
        raise NotImportable(
            f"nvfetcher chooses the tag of {literal(image)}",
            hint="import _sources/generated.json, which it writes",
        ).at(package.path)
    tag = source.require("manual", str)
    try:
        reference = Reference.parse(f"{image}:{tag}")
    except NixfetchError as error:
        raise error.at(package.path) from None
    options = package.table_or_empty("docker")
    architecture = options.get("arch", str)
    system = options.get("os", str) or "linux"
    return FoundImage(
        place=package.path,
        name=name,
        reference=reference,
        platform=Platform.of(system, architecture) if architecture is not None else None,
    )


def _is_source(value: Any) -> bool:
    source = value.get("src") if isinstance(value, dict) else None
    return isinstance(source, dict) and "imageName" in source
