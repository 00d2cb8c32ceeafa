"""`inspect`: the manifest and the config of an image, without its layers."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ...base import printable, units
from ...errors import NixfetchError
from .. import beside_image, console, one_image, output

if TYPE_CHECKING:
    from ...oci.config import ImageConfig
    from ...oci.image import Image
    from ...registry.client import Client
    from ...signatures.beside import Beside

# With these, a whole digest ends at the 80th column.
_NARROW = 9
_WIDE = 12


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `inspect`."""
    one_image.add_reference(parser)
    one_image.add_platform(parser)
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    parser.add_argument(
        "--signatures",
        action="store_true",
        help="list its signatures and attestations too, such as SBOMs, which takes more requests",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print a line for each value, or all of them as an object."""
    from ...oci.config import ImageConfig

    platform = one_image.platform(arguments)
    jobs = beside_image.LOOKS if arguments.signatures else 1
    with one_image.connected(arguments, jobs=jobs) as (client, reference):
        image = client.image(reference, platform)
        data = client.config(image)
        beside = _beside(client, image) if arguments.signatures else None
    try:
        config = ImageConfig.parse(data)
        if arguments.json:
            more = {} if beside is None else beside_image.to_json(beside)
            text = printable.json_text({**to_json(image, config), **more})
        else:
            rows = [] if beside is None else ["", *beside_image.to_lines(beside, image, _WIDE)]
            text = printable.lines("\n".join([*to_lines(image, config), *rows]))
    except NixfetchError as error:
        place = f"its config {image.manifest.config.digest.short}"
        raise error.at(place).at(image.reference.familiar) from None
    output.write(f"{text}\n".encode())
    # The whole name: REF alone means another image where --registry is given.
    console.next_step(f"nixfetch-docker add {shlex.quote(image.reference.familiar)}")
    return 0


def _beside(client: Client, image: Image) -> list[Beside]:
    """What stands beside an image. Each of several places takes a round trip: all at once."""
    from ...signatures.beside import find_beside

    with beside_image.looking() as map_:
        return find_beside(client.registries, image.reference, image.digest, image.index, map_)


def to_json(image: Image, config: ImageConfig) -> dict[str, Any]:
    """The object for programs; raises `InvalidManifest` for a config with a wrong value."""
    return {
        "reference": str(image.reference),
        "digest": str(image.index or image.digest),
        "manifest": str(image.digest),
        "media-type": image.manifest.media_type,
        "id": str(image.manifest.config.digest),
        "platform": str(config.platform),
        "platforms": list(map(str, image.platforms or [config.platform])),
        "size": image.size,
        "layers": [
            {"digest": str(layer.digest), "size": layer.size, "media-type": layer.media_type}
            for layer in image.layers
        ],
        "created": config.created,
        "author": config.author,
        "user": config.user,
        "working-directory": config.working_directory,
        "entrypoint": list(config.entrypoint),
        "command": list(config.command),
        "environment": list(config.environment),
        "ports": list(config.ports),
        "volumes": list(config.volumes),
        "labels": dict(config.labels),
    }


def to_lines(image: Image, config: ImageConfig) -> Iterator[str]:
    """The lines for people; raises `InvalidManifest` for a config with a wrong value."""
    sizes = [units.size(layer.size) for layer in image.layers]
    width = max(map(len, sizes), default=0)
    yield from _aligned(
        [
            ("image", [str(image.reference)]),
            ("digest", [str(image.index or image.digest)]),
            ("manifest", [str(image.digest)]),
            ("id", [str(image.manifest.config.digest)]),
            ("size", [units.size(image.size)]),
            *(
                (f"layer {number}", [f"{layer.digest.short}  {size:>{width}}"])
                for number, (layer, size) in enumerate(zip(image.layers, sizes, strict=True), 1)
            ),
        ],
        _NARROW,
    )
    yield ""
    yield from _aligned(
        [
            ("platform", [str(config.platform)]),
            ("platforms", [", ".join(map(str, image.platforms or [config.platform]))]),
            ("created", _optional(config.created)),
            ("author", _optional(config.author)),
            ("user", _optional(config.user)),
            ("directory", _optional(config.working_directory)),
            ("entrypoint", _words(config.entrypoint)),
            ("command", _words(config.command)),
            ("environment", config.environment),
            ("ports", _optional(", ".join(config.ports))),
            ("volumes", _optional(", ".join(config.volumes))),
            ("labels", [f"{name}={value}" for name, value in config.labels.items()]),
        ],
        _WIDE,
    )


def _aligned(rows: Sequence[tuple[str, Sequence[str]]], width: int) -> Iterator[str]:
    """A line for each value, the name before the first of a row alone."""
    for name, values in rows:
        for head, value in zip([name, *[""] * len(values)], values, strict=False):
            yield f"{f'{head} ':<{width}}{printable.one_line(value)}"


def _optional(text: str | None) -> list[str]:
    return [text] if text else []


def _words(words: Sequence[str]) -> list[str]:
    """The words as a shell takes them, on one line."""
    return [shlex.join(words)] if words else []
