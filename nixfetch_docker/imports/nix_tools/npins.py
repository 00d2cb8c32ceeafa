"""Images in the file of npins, its pins of containers.

https://github.com/andir/npins#readme
"""

from __future__ import annotations

from typing import Any

from ...base.table import Table
from ...errors import NixfetchError
from ..found.image import Findings
from .pin import image_of_pin

# The names that npins has for the arguments of pullImage.
_NAMES = {
    "imageName": "image_name",
    "imageDigest": "image_digest",
    "finalImageTag": "image_tag",
}


def is_npins(document: Any) -> bool:
    """Whether a document is the file of npins."""
    return isinstance(document, dict) and isinstance(document.get("pins"), dict)


def find_in_npins(document: Any) -> Findings:
    """All containers that npins pins, from the value that a parser returns."""
    findings = Findings()
    pins = Table.of(document).table("pins")
    for name in pins.values:
        try:
            pin = pins.table(name)
            if pin.values.get("type") == "Container":
                findings.images.append(image_of_pin(pin, name, _NAMES))
        except NixfetchError as error:
            findings.problems.append(error)
    return findings
