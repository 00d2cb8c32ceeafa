"""`manifest`: an image's manifest as the registry has it."""

from __future__ import annotations

import argparse

from ...errors import UsageError
from .. import one_image, output


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `manifest`."""
    one_image.add_reference(parser)
    one_image.add_platform(parser)
    parser.add_argument(
        "--raw", action="store_true", help="what the reference names: the index, where it is one"
    )
    output.add_output(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the registry's bytes, with nothing added."""
    platform = one_image.platform(arguments)
    if platform is not None and arguments.raw:
        raise UsageError("--raw is for all platforms; pass one of --platform and --raw")
    with one_image.connected(arguments) as (client, reference):
        if arguments.raw:
            data = client.manifest(reference)
        else:
            data = client.image(reference, platform).data
        output.write(data, arguments.output)
    return 0
