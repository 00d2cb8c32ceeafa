"""Images in what nix-prefetch-docker prints: arguments of nixpkgs' `pullImage`, as JSON.

https://nixos.org/manual/nixpkgs/stable/#ssec-pkgs-dockerTools-fetchFromRegistry
"""

from __future__ import annotations

from functools import partial
from typing import Any

from ...base.table import InvalidField, Table
from ...errors import NixfetchError
from ..found.image import Findings
from ..found.pull_image import from_pull_image, string_of


def find_in_prefetched(document: Any) -> Findings:
    """All images in JSON of nix-prefetch-docker, from the value that a parser returns for it.

    Several outputs may stand in an array, or in an object under names.
    """
    findings = Findings()
    for path, entry in _entries(document).items():
        try:
            table = Table.of(entry, path)
            if "imageName" not in table:
                raise InvalidField(
                    "expected 'services' of a compose file, or 'imageName' of nix-prefetch-docker"
                ).at(path or "the document")
            findings.images.append(from_pull_image(partial(string_of, table)))
        except NixfetchError as error:
            findings.problems.append(error)
    return findings


def _entries(document: Any) -> dict[str, Any]:
    """The outputs in a document by their paths."""
    if isinstance(document, list):
        return {f"[{position}]": entry for position, entry in enumerate(document)}
    is_by_name = isinstance(document, dict) and any(
        isinstance(value, dict) for value in document.values()
    )
    if is_by_name:
        table = Table(document)
        return {table.where(name): entry for name, entry in document.items()}
    return {"": document}
