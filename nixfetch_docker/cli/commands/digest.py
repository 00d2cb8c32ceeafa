"""`digest`: the digest of the index or manifest that a tag points at."""

from __future__ import annotations

from .. import one_image, output

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `digest`."""
    one_image.add_reference(parser)


def run(arguments: argparse.Namespace) -> int:
    """Ask for the digest by one HEAD request, and print it."""
    with one_image.connected(arguments) as (client, reference):
        output.write(f"{client.digest(reference)}\n".encode())
    return 0
