"""`config`: the bytes of an image's config."""

from __future__ import annotations

import argparse

from .. import one_image, output


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `config`."""
    one_image.add_reference(parser)
    one_image.add_platform(parser)
    output.add_output(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the bytes that the registry sends, unchanged."""
    platform = one_image.platform(arguments)
    with one_image.connected(arguments) as (client, reference):
        output.write(client.config(client.image(reference, platform)), arguments.output)
    return 0
