"""`attestation`: an SBOM, a provenance or another attestation of an image, verified on demand."""

from __future__ import annotations

from ...errors import NixfetchError
from .. import beside_image, console, one_image, output

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `attestation`."""
    one_image.add_reference(
        parser,
        file="take the [registries] and the signed-by of this images.toml (default: "
        "images.toml, here or in a directory above, if there is one)",
    )
    one_image.add_platform(parser)
    parser.add_argument(
        "--type",
        required=True,
        metavar="TYPE",
        help="spdx, cyclonedx, slsa, or the URL of a type of predicates",
    )
    parser.add_argument(
        "--digest",
        metavar="DIGEST",
        help="which one, where there are several, as `inspect --signatures --json` lists them",
    )
    parser.add_argument(
        "--statement",
        action="store_true",
        help="print the whole statement, which names the image, and not its predicate alone",
    )
    output.add_output(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the attestation as JSON, and say on stderr who signed it, or that nobody was asked."""
    from ...oci.digest import Digest
    from ...signatures.attested import Attestations
    from ...signatures.predicate import parse_type
    from ..demanded import demanded_of, take_images

    take_images(arguments)
    kind = parse_type(arguments.type)
    digest = None if arguments.digest is None else Digest.parse(arguments.digest)
    platform = one_image.platform(arguments)
    with one_image.connected(arguments, jobs=beside_image.LOOKS) as (client, reference):
        demanded = demanded_of(arguments, reference.tagged)
        image = client.image(reference, platform)
        try:
            with beside_image.looking() as map_:
                search = Attestations(client.registries, image, map_)
                found = search.one(kind, digest, demanded)
            text = beside_image.attestation_text(found.attestation, whole=arguments.statement)
        except NixfetchError as error:
            raise error.of(image.reference.familiar) from None
    output.write(f"{text}\n".encode(), arguments.output)
    for other in found.others:
        console.note(f"passed by: {other.cause}")
    if found.signers:
        console.note(f"signed by {' and '.join(dict.fromkeys(found.signers))}")
    else:
        console.note(
            "not verified: no images.toml here says by signed-by who must have signed this image"
        )
    return 0
