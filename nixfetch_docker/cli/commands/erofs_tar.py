"""`erofs-tar`: a layer as podman unpacks it, as a tar from which mkfs.erofs makes its files.

The builder of a layer's derivation runs this (nix/lib/erofs-layer.nix).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .. import output, short_form

if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `erofs-tar`."""
    parser.add_argument("layer", type=Path, metavar="LAYER", help="the layer as a registry has it")
    parser.add_argument(
        "facts", type=Path, metavar="FACTS", help="the file for what image stores say of the layer"
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the tar to stdout, and then the facts."""
    from contextlib import closing

    from ...archives.decompress import plain_pieces
    from ...base import files
    from ...base.printable import json_text
    from ...errors import placed
    from ...layers.unpacked import write_unpacked

    # The person who reads the log of a build cannot pass --verbose to it.
    short_form.set_form(verbose=True)
    with (
        placed(arguments.layer.name),
        closing(plain_pieces(arguments.layer)) as tar,
        output.opened(output.STDOUT) as out,
    ):
        facts = write_unpacked(tar, out.write)
    files.write(arguments.facts, json_text(facts.to_json()))
    return 0
