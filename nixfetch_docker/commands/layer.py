"""`layer`: one layer of an image."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from . import output, suite

if TYPE_CHECKING:
    from ..client import Client
    from ..digest import Digest
    from ..reference import Reference

HELP = "fetch one layer of an image, verified"
EXAMPLE = "%(prog)s redis:7.4-alpine 1 --decompress | tar -t"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `layer`."""
    suite.add_reference(parser)
    parser.add_argument(
        "layer", metavar="DIGEST|NUMBER", help="the layer: sha256:…, or its number from the base, 1"
    )
    suite.add_platform(parser)
    output.add_output(parser)
    parser.add_argument(
        "--decompress", action="store_true", help="write the tar that it is, not gzip or zstd"
    )


def run(arguments: argparse.Namespace) -> int:
    """Stream the layer; where it goes to a file, that appears only once it is verified."""
    from contextlib import ExitStack

    from ..decompress import decompressed
    from ..sinks import Once

    with suite.connected(arguments) as (client, reference), ExitStack() as stack:
        digest, size = _find(arguments, client, reference)
        out = stack.enter_context(output.opened(arguments.output))
        tar = stack.enter_context(decompressed(out)) if arguments.decompress else out
        client.blob(reference, digest, Once(tar.write), size=size)
    return 0


def _find(
    arguments: argparse.Namespace, client: Client, reference: Reference
) -> tuple[Digest, int | None]:
    """The layer's digest, and its size where that is known without asking for more."""
    from ..digest import Digest

    text = arguments.layer
    if not text.isdecimal() or len(text) > 9:
        # Hocker took digests without their algorithm.
        return Digest.parse(text if ":" in text else f"sha256:{text}"), None
    layer = client.image(reference, suite.platform(arguments)).layer(int(text))
    return layer.digest, layer.size
