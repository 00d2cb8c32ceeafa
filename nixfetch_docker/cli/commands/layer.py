"""`layer`: one layer of an image."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO

from ...errors import UsageError
from .. import one_image, output

if TYPE_CHECKING:
    from ...oci.digest import Digest
    from ...oci.reference import Reference
    from ...registry.client import Client
    from ...registry.download import Sink
    from ...registry.exchange import Piece


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `layer`."""
    one_image.add_reference(parser)
    parser.add_argument(
        "layer",
        metavar="DIGEST|NUMBER",
        help="the layer's digest, or its number: the base layer is 1",
    )
    one_image.add_platform(parser)
    output.add_output(parser)
    parser.add_argument(
        "--decompress", action="store_true", help="decompress gzip or zstd, and write the tar"
    )


def run(arguments: argparse.Namespace) -> int:
    """Stream the layer to stdout or a pipe, or write a file that appears once it is verified."""
    from ..progress import watched

    if arguments.platform is not None and not _is_number(arguments.layer):
        raise UsageError("a digest is that of one layer; pass --platform with a number alone")
    with one_image.connected(arguments) as (client, reference):
        digest, size = _find(arguments, client, reference)
        name = f"{reference.familiar} {_label(arguments.layer, digest)}"
        then = f"writing {output.name(arguments.output)}"

        def fetch(sink: Sink) -> None:
            with watched(sink, name, size, then=then) as inner:
                client.blob(reference, digest, inner, size=size)

        with output.opened(arguments.output) as out:
            if arguments.decompress:
                _decompress(fetch, out, reference)
            elif out.seekable() and arguments.output != output.STDOUT:
                fetch(out)
            else:
                _pass_on(fetch, out.write)
    return 0


def _decompress(fetch: Callable[[Sink], None], out: BinaryIO, reference: Reference) -> None:
    from ...archives.decompress import BrokenLayer, decompressed

    try:
        with decompressed(out) as tar:
            _pass_on(fetch, tar.write)
    except BrokenLayer as error:
        raise error.at(reference.familiar) from None


def _pass_on(fetch: Callable[[Sink], None], write: Callable[[Piece], object]) -> None:
    from ...archives.sinks import Once

    once = Once(write)
    fetch(once)
    once.finish()


def _find(
    arguments: argparse.Namespace, client: Client, reference: Reference
) -> tuple[Digest, int | None]:
    """The layer's digest, and its size in bytes, or None where only a request would tell it."""
    from ...oci.digest import Digest

    text = arguments.layer
    if not _is_number(text):
        # Digests without an algorithm are those that Hocker took.
        return Digest.parse(text if ":" in text else f"sha256:{text}"), None
    layer = client.image(reference, one_image.platform(arguments)).layer(int(text))
    return layer.digest, layer.size


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 9


def _label(text: str, digest: Digest) -> str:
    return f"layer {int(text)}" if _is_number(text) else digest.short
