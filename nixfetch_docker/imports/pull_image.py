"""Images by the arguments of nixpkgs' `pullImage`, which nix-prefetch-docker prints.

https://nixos.org/manual/nixpkgs/stable/#ssec-pkgs-dockerTools-fetchFromRegistry
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ..base.redact import quote
from ..base.table import InvalidField, Table
from ..errors import NixfetchError
from ..lockfile.place import short_name
from ..oci.digest import Digest
from ..oci.platform import Platform
from ..oci.reference import DEFAULT_TAG, Reference
from .found import Findings, FoundImage, NotImportable

ADD_IT = "add the image to images.toml yourself"


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


def from_pull_image(argument: Callable[[str], str | None]) -> FoundImage:
    """The image that `pullImage` pulls; its place is "".

    `argument` returns the string of an argument by its name, or None for one that is missing or
    not known. Raises `NotImportable`, and the errors of reading the strings.
    """
    repository = Reference.parse(required(argument, "imageName")).name
    try:
        digest = Digest.parse(required(argument, "imageDigest"))
    except NixfetchError as error:
        raise error.at(repository.familiar) from None
    tag = argument("finalImageTag") or DEFAULT_TAG
    reference = Reference.parse(f"{repository}:{tag}@{digest}")
    architecture = argument("arch")
    platform = None
    if architecture is not None:
        platform = Platform.of(argument("os") or "linux", architecture)
    name = argument("finalImageName")
    remark = ""
    if name is not None and name not in {str(repository), repository.familiar}:
        remark = f"it was loaded as {quote(name)}; image.override {{ name = …; }} does that in Nix"
    return FoundImage(
        place="", name=short_name(repository), reference=reference, platform=platform, remark=remark
    )


def required(argument: Callable[[str], str | None], name: str) -> str:
    """The string of an argument; raises `NotImportable` where `argument` returns None for it."""
    value = argument(name)
    if value is None:
        raise NotImportable(f"its {name} is not a string in this file", hint=ADD_IT)
    return value


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


def string_of(table: Table, key: str) -> str | None:
    """The string at a key, or None where there is none; raises `InvalidField` for another."""
    return table.get(key, str)
