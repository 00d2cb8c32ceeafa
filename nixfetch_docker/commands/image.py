"""`image`: a whole image, as engines load it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from . import options, output, suite

if TYPE_CHECKING:
    from ..image import Image

Write = Callable[..., None]

HELP = "fetch an image as a tar that docker, podman and skopeo load, or as an OCI layout"
EXAMPLE = "%(prog)s redis:7.4-alpine -o - | podman load"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `image`."""
    suite.add_reference(parser)
    suite.add_platform(parser)
    parser.add_argument(
        "--output",
        "-o",
        required=True,
        metavar="FILE|DIR|-",
        help="a tar; an OCI layout in a directory that is empty, or new with a / behind its name; "
        "or the tar to stdout",
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
    """Fetch all blobs and write them out, the same bytes each time."""
    from .. import assemble

    path, jobs = Path(arguments.output), arguments.jobs
    platform = suite.platform(arguments)
    with ExitStack() as stack:
        write: Write
        if arguments.output.endswith("/") or path.is_dir():
            write = partial(assemble.write_directory, path=path)
        elif path == output.STDOUT or (path.exists() and not path.is_file()):
            out = stack.enter_context(output.opened(path))
            write = partial(assemble.stream_archive, out=out)
        else:
            write = partial(assemble.write_archive, path=path)
        client, reference = stack.enter_context(suite.connected(arguments, jobs=jobs))
        image = client.image(reference, platform)
        with _progress(image) as moved:
            write(client, image, jobs=jobs, moved=moved)
    return 0


@contextmanager
def _progress(image: Image) -> Iterator[Callable[[int], None]]:
    """What is told of bytes, and shows them where a person looks on."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TransferSpeedColumn

    with Progress(
        "{task.description}",
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        console=Console(stderr=True, highlight=False, markup=False, emoji=False),
        transient=True,
    ) as progress:
        task = progress.add_task(image.reference.familiar, total=image.size)
        yield lambda number: progress.advance(task, number)
