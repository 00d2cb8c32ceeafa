"""`inspect`: what there is to know of an image without fetching it."""

from __future__ import annotations

import argparse

from ...base import units
from .. import one_image, output


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `inspect`."""
    one_image.add_reference(parser)
    one_image.add_platform(parser)
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print a fact a line, or all of them as an object."""
    from ...oci.config import Facts

    platform = one_image.platform(arguments)
    with one_image.connected(arguments) as (client, reference):
        image = client.image(reference, platform)
        facts = Facts.of(image, client.config(image))
    if arguments.json:
        import json

        text = json.dumps(facts.to_json(), indent=2) + "\n"
    else:
        text = "".join(f"{line}\n" for line in facts.lines(units.size))
    output.write(text.encode())
    return 0
