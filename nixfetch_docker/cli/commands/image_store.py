"""`image-store`: the read-only store of images that podman mounts layers from.

The builder of a store's derivation runs this (nix/fetchers/docker-image-store.nix).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .. import short_form

if TYPE_CHECKING:
    import argparse

    from ...base.table import Table
    from ...layers.image_store import StoredImage


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `image-store`."""
    parser.add_argument("images", type=Path, metavar="IMAGES", help="the images, as JSON")
    parser.add_argument("directory", type=Path, metavar="DIRECTORY", help="what to write")


def run(arguments: argparse.Namespace) -> int:
    """Write the store into a directory, which is empty or made."""
    from ...base import files, strict_json
    from ...layers.image_store import ImageStore

    short_form.set_form(verbose=True)
    store = ImageStore()
    for image in strict_json.parse_table(files.read(arguments.images)).tables("images"):
        store.add(_image(image))
    store.write(arguments.directory)
    return 0


def _image(table: Table) -> StoredImage:
    from ...base import files
    from ...layers.image_store import StoredImage
    from ...oci.digest import Digest

    return StoredImage(
        name=table.require("name", str),
        digest=table.parse("digest", Digest.parse),
        manifest=files.read_bytes(Path(table.require("manifest", str))),
        config=files.read_bytes(Path(table.require("config", str))),
        layers=[Path(layer) for layer in table.strings("layers") or []],
    )
