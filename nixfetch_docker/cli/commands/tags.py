"""`tags`: the tags of a repository."""

from __future__ import annotations

import argparse

from .. import one_image, output


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `tags`."""
    one_image.add_reference(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print one tag a line, or a JSON object with the repository and its tags."""
    with one_image.connected(arguments) as (client, reference):
        tags = client.tags(reference)
    if arguments.json:
        import json

        text = json.dumps({"repository": str(reference.name), "tags": tags}, indent=2) + "\n"
    else:
        text = "".join(f"{tag}\n" for tag in tags)
    output.write(text.encode())
    return 0
