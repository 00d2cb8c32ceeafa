"""`tags`: the tags of a repository."""

from __future__ import annotations

import argparse

from ...errors import NixfetchError
from .. import one_image, output


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `tags`."""
    one_image.add_reference(parser)
    parser.add_argument(
        "--version",
        metavar="VERSIONS",
        help="only tags that this version in images.toml would follow, such as ^7-alpine",
    )
    parser.add_argument(
        "--newest",
        action="store_true",
        help="only the tag that it would follow (default of --version: *)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print one tag a line, or a JSON object with the repository and its tags."""
    wanted = arguments.version if arguments.version is not None or not arguments.newest else "*"
    with one_image.connected(arguments) as (client, reference):
        tags = client.tags(reference)
        if wanted is not None:
            from ...versions.follow import wanted_tags

            try:
                tags = wanted_tags(wanted, tags)
            except NixfetchError as error:
                raise error.at(reference.name.familiar) from None
    if arguments.newest:
        tags = tags[-1:]
    if arguments.json:
        from ...base.printable import json_text

        text = json_text({"repository": str(reference.name), "tags": tags}) + "\n"
    else:
        text = "".join(f"{tag}\n" for tag in tags)
    output.write(text.encode())
    return 0
