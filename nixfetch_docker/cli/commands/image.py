"""`image`: a whole image, in the form that container engines load."""

from __future__ import annotations

import argparse
import shlex
from contextlib import ExitStack
from functools import partial

from .. import console, one_image, options, output


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `image`."""
    one_image.add_reference(parser)
    one_image.add_platform(parser)
    parser.add_argument(
        "--output",
        "-o",
        required=True,
        metavar="FILE|DIR|-",
        help="a file for the tar, - for stdout; or a directory for an OCI layout: an empty one, or "
        "a new one whose name ends in /",
    )
    parser.add_argument(
        "--jobs",
        "-j",
        type=options.positive,
        default=options.DEFAULT_JOBS,
        metavar="N",
        help="how many layers to fetch at once (default: %(default)s)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Fetch all blobs and write the image; the bytes are the same each time."""
    from ...archives import writer
    from ..progress import Bytes

    path, jobs = output.parse_path(arguments.output), arguments.jobs
    platform = one_image.platform(arguments)
    with ExitStack() as stack:
        write: partial[None]
        if arguments.output.endswith("/") or output.is_directory(path):
            write = partial(writer.write_directory, path=path)
        elif output.is_stream(path):
            out = stack.enter_context(output.opened(path))
            write = partial(writer.stream_archive, out=out)
        else:
            write = partial(writer.write_archive, path=path)
        client, reference = stack.enter_context(one_image.connected(arguments, jobs=jobs))
        image = client.image(reference, platform)
        then = f"writing {output.name(path)}"
        with Bytes(image.reference.familiar, image.size, then=then) as shown:
            write(client, image, jobs=jobs, moved=shown.add)
    if write.func is writer.write_archive:
        console.next_step(f"podman load --input {shlex.quote(str(path))}")
    elif write.func is writer.write_directory:
        console.next_step(f"podman pull {shlex.quote(f'oci:{path}')}")
    return 0
