"""Images by the arguments of nixpkgs' `pullImage`.

https://nixos.org/manual/nixpkgs/stable/#ssec-pkgs-dockerTools-fetchFromRegistry
"""

from __future__ import annotations

from collections.abc import Callable

from ...base.redact import quote
from ...base.table import Table
from ...errors import NixfetchError
from ...lockfile.place import short_name
from ...oci.digest import Digest
from ...oci.platform import Platform
from ...oci.reference import DEFAULT_TAG, Reference
from .image import ADD_IT, FoundImage, NotImportable


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
    tag = argument("finalImageTag")
    reference = Reference.parse(f"{repository}:{tag or DEFAULT_TAG}@{digest}")
    architecture = argument("arch")
    platform = None
    if architecture is not None:
        platform = Platform.of(argument("os") or "linux", architecture)
    name = argument("finalImageName")
    remark = ""
    if name is not None and name not in {str(repository), repository.familiar}:
        remark = f"it was loaded as {quote(name)}; image.override {{ name = …; }} does that in Nix"
    return FoundImage(
        place="",
        name=short_name(repository),
        reference=reference,
        platform=platform,
        remark=remark,
        is_tag_assumed=not tag,
    )


def required(argument: Callable[[str], str | None], name: str) -> str:
    """The string of an argument; raises `NotImportable` where `argument` returns None for it."""
    value = argument(name)
    if value is None:
        raise NotImportable(f"its {name} is not a string in this file", hint=ADD_IT)
    return value


def string_of(table: Table, key: str) -> str | None:
    """The string at a key, or None where there is none; raises `InvalidField` for another."""
    return table.get(key, str)
