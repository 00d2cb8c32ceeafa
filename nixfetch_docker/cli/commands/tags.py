"""`tags`: the tags of a repository."""

from __future__ import annotations

import argparse
import sys
from itertools import groupby

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
    """Print one tag a line, or a JSON object with the repository, its tags, and the releases.

    On a terminal, an empty line sets names, pre-releases and releases apart.
    """
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
    output.write(_text(arguments, str(reference.name), tags).encode())
    return 0


def _text(arguments: argparse.Namespace, repository: str, tags: list[str]) -> str:
    from ...versions.version import Kind, Version, kind_of

    def kind(tag: str) -> Kind:
        return kind_of(Version.parse(tag))

    if arguments.json:
        from ...base.printable import json_text

        releases = [tag for tag in tags if kind(tag) is Kind.RELEASE]
        return json_text({"repository": repository, "tags": tags, "releases": releases}) + "\n"
    is_apart = sys.stdout.isatty() and arguments.version is None
    groups = groupby(tags, kind if is_apart else lambda _: Kind.NAME)
    return "\n".join("".join(f"{tag}\n" for tag in some) for _, some in groups)
