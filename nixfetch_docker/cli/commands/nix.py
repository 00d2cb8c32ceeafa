"""`nix`: an image as a Nix expression."""

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
        help="take the image's manifest from a file, - being stdin, and ask no registry",
    )
    parser.add_argument(
        "--name", metavar="NAME", help="the name to load it under (default: the one in REF)"
    )
    output.add_output(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the expression."""
    from ...nix.expression import image_expression

    platform = one_image.platform(arguments)
    if platform is not None and arguments.manifest is not None:
        raise UsageError("a manifest is of one platform already; pass --platform or --manifest")
    if arguments.manifest is not None:
        if ways := login_options.given(arguments):
            raise UsageError(f"--manifest asks no registry; leave out {ways[0]}")
        image = _read(arguments.manifest, one_image.reference(arguments))
    else:
        with one_image.connected(arguments) as (client, reference):
            image = client.image(reference, platform)
    # A path in a file of Nix starts where that file is; what stdout becomes is likely here.
    directory = Path(os.path.realpath(arguments.output)).parent
    settings = one_image.settings_for_build(arguments, image.reference, directory)
    text = image_expression(image, arguments.name, settings=settings)
    output.write(text.encode(), arguments.output)
    return 0


def _read(path: Path, reference: Reference) -> Image:
    from ...base.files import FileError
    from ...oci.image import Image

    is_stdin = path == options.STDIO
    try:
        # The digest of the reference may be that of an index, and this one of its manifests.
        data = sys.stdin.buffer.read() if is_stdin else path.read_bytes()
        return Image.parse(reference.tagged, data)
    except OSError as error:
        raise FileError(f"cannot be read ({error.strerror})").at(str(path)) from None
    except NixfetchError as error:
        raise error.at("stdin" if is_stdin else str(path)) from None
