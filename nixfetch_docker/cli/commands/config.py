"""`config`: an image's config as the registry has it."""

from __future__ import annotations

import argparse

from .. import one_image as suite
from .. import output


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `config`."""
    suite.add_reference(parser)
    suite.add_platform(parser)
    output.add_output(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the registry's bytes, with nothing added."""
    platform = suite.platform(arguments)
    with suite.connected(arguments) as (client, reference):
        output.write(client.config(client.image(reference, platform)), arguments.output)
    return 0
