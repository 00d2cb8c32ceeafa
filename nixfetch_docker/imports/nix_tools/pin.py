"""One image that a program of Nix pins, in a file of its own."""

from __future__ import annotations

from collections.abc import Mapping

from ...base.table import Table
from ...base.values import replace
from ...oci.digest import InvalidDigest
from ...oci.reference import InvalidReference
from ..found.image import FoundImage, NotImportable
from ..found.pull_image import from_pull_image, string_of


def image_of_pin(table: Table, name: str, names: Mapping[str, str]) -> FoundImage:
    """The image that a table pins under a name; raises `NixfetchError`.

    `names` has the keys of the table for the arguments of `pullImage` that have others there.
    """
    try:
        image = from_pull_image(lambda key: string_of(table, names.get(key, key)))
    except (NotImportable, InvalidReference, InvalidDigest) as error:
        raise error.at(table.path) from None
    return replace(image, place=table.path, name=name)
