"""Images in the files of npins and nvfetcher, which pin what Nix fetches.

npins: https://github.com/andir/npins#readme, its pins of containers; nvfetcher:
https://github.com/berberman/nvfetcher#readme, its sources of docker in generated.json.
"""

from __future__ import annotations

from typing import Any

from ...base.table import Table
from ...base.values import replace
from ...errors import NixfetchError
from ...oci.digest import InvalidDigest
from ...oci.reference import InvalidReference
from ..found.image import Findings, FoundImage, NotImportable
from ..found.pull_image import from_pull_image, string_of

# The names that npins has for the arguments of pullImage.
_OF_NPINS = {
    "imageName": "image_name",
    "imageDigest": "image_digest",
    "finalImageTag": "image_tag",
}


def is_pins(document: Any) -> bool:
    """Whether a document is of npins, or of nvfetcher with an image in it."""
    return _is_npins(document) or any(_is_source(value) for value in _values(document))


def find_in_pins(document: Any) -> Findings:
    """All containers that npins or nvfetcher pin, from the value that a parser returns."""
    findings = Findings()
    whole = Table.of(document)
    pins = whole.table("pins") if _is_npins(document) else whole
    for name, value in pins.values.items():
        try:
            if _is_npins(document):
                pin = pins.table(name)
                if pin.values.get("type") == "Container":
                    findings.images.append(_image(pin, name, _OF_NPINS))
            elif _is_source(value):
                source = pins.table(name).table("src")
                findings.images.append(_image(source, name, {}))
        except NixfetchError as error:
            findings.problems.append(error)
    return findings


def _image(table: Table, name: str, names: dict[str, str]) -> FoundImage:
    try:
        image = from_pull_image(lambda key: string_of(table, names.get(key, key)))
    except (NotImportable, InvalidReference, InvalidDigest) as error:
        raise error.at(table.path) from None
    return replace(image, place=table.path, name=name)


def _values(document: Any) -> list[Any]:
    return list(document.values()) if isinstance(document, dict) else []


def _is_npins(document: Any) -> bool:
    return isinstance(document, dict) and isinstance(document.get("pins"), dict)


def _is_source(value: Any) -> bool:
    """Whether an entry of nvfetcher is an image."""
    source = value.get("src") if isinstance(value, dict) else None
    return isinstance(source, dict) and "imageName" in source
