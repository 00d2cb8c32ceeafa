"""`manifest`: the bytes of an image's manifest."""

from __future__ import annotations

from ...errors import UsageError
from .. import one_image, output

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `manifest`."""
    one_image.add_reference(parser)
    one_image.add_platform(parser)
    parser.add_argument("--raw", action="store_true", help="print the index, where REF names one")
    output.add_output(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the bytes that the registry sends, unchanged."""
    platform = one_image.platform(arguments)
    if platform is not None and arguments.raw:
        raise UsageError("an index is of all platforms; pass --platform or --raw, not both")
    with one_image.connected(arguments) as (client, reference):
        if arguments.raw:
            data = client.manifest(reference)
        else:
            data = client.image(reference, platform).data
        output.write(data, arguments.output)
    return 0
