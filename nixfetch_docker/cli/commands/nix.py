"""`nix`: a Nix expression that fetches an image."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import NixfetchError, UsageError
from .. import login_options, one_image, options, output

if TYPE_CHECKING:
    from ...oci.image import Image
    from ...oci.reference import Reference


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `nix`."""
    one_image.add_reference(parser)
    one_image.add_platform(parser)
    parser.add_argument(
        "--manifest",
        type=options.path_or_stdio,
        metavar="FILE",
        help="read the image's manifest from a file instead of a registry; - is stdin",
    )
    parser.add_argument(
        "--name",
        metavar="NAME",
        help="the image's name once it is loaded (default: the one in REF)",
    )
    output.add_output(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the expression; only the manifest is fetched, or read from a file."""
    from ...nix.expression import image_expression

    platform = one_image.platform(arguments)
    if platform is not None and arguments.manifest is not None:
        raise UsageError("a manifest is of one platform; pass --platform or --manifest, not both")
    if arguments.manifest is not None:
        if ways := login_options.given(arguments):
            raise UsageError(
                f"--manifest asks no registry, so no login is needed; leave out {ways[0]}"
            )
        image = _read(arguments.manifest, one_image.reference(arguments))
    else:
        with one_image.connected(arguments) as (client, reference):
            image = client.image(reference, platform)
    # Paths in a Nix file start from its directory. Stdout is taken for a file in this directory.
    directory = Path(os.path.realpath(arguments.output)).parent
    settings = one_image.settings_for_build(arguments, image.reference, directory)
    text = image_expression(image, arguments.name, settings=settings)
    output.write(text.encode(), arguments.output)
    return 0


def _read(path: Path, reference: Reference) -> Image:
    from ...base import files
    from ...oci.image import Image

    is_stdin = path == options.STDIO
    try:
        # REF may have the digest of an index, and the file be one of its manifests.
        data = sys.stdin.buffer.read() if is_stdin else path.read_bytes()
        return Image.parse(reference.tagged, data)
    except OSError as error:
        raise files.unreadable(path, error) from None
    except NixfetchError as error:
        raise error.at("stdin" if is_stdin else str(path)) from None
