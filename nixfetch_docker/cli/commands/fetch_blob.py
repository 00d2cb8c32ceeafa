"""`fetch-blob`: fetch one blob or manifest by its digest.

The builder of a blob's fixed-output derivation runs this (nix/fetchers/fetch-docker-blob.nix).
"""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from ...base import strict_json
from ...base.table import Table
from ...errors import DeniedError, NixfetchError, UsageError
from .. import console, options, short_form

if TYPE_CHECKING:
    from ...oci.digest import Digest
    from ...oci.reference import Reference
    from ...registry.registries import Registries


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `fetch-blob`."""
    parser.add_argument("repository", metavar="REPOSITORY", help="as in docker.io/library/redis")
    parser.add_argument("digest", metavar="DIGEST", help="the digest of the blob: sha256:…")
    parser.add_argument(
        "--size",
        type=options.natural,
        metavar="BYTES",
        help="the size of the blob (default: accept any size, and check the digest alone)",
    )
    parser.add_argument("--output", "-o", type=Path, required=True, metavar="FILE")
    parser.add_argument("--manifest", action="store_true", help="DIGEST is that of a manifest")
    parser.add_argument(
        "--registries", default="{}", metavar="JSON", help="the [registries] of images.toml"
    )
    parser.add_argument(
        "--ca-file", type=Path, metavar="FILE", help="CA bundle where the environment names none"
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the content to the output file, which appears once its digest is verified."""
    from ...archives.local_reference import LocalReference
    from ...base import files
    from ...endpoints.settings import parse_registries
    from ...logins import sandbox
    from ...logins.credentials import Credentials
    from ...oci.digest import Digest
    from ...oci.reference import Reference
    from ...registry.client import connect

    # The person who reads the log of a build cannot pass --verbose to it.
    short_form.set_form(verbose=True)
    if LocalReference.is_meant(arguments.repository):
        # No login stands in a reference that can be read, so that the place may show it.
        LocalReference.parse(arguments.repository)
        raise NixfetchError(
            "this image is in a file, which a build cannot read",
            hint="put it into the store: nixfetch-docker prefetch",
        ).at(arguments.repository)
    repository = Reference.parse(arguments.repository).name
    digest = Digest.parse(arguments.digest)
    settings = parse_registries(_json_table("--registries", arguments.registries))
    credentials = Credentials.from_environment(
        os.environ, first=sandbox.credential_files(os.environ)
    )
    try:
        with (
            connect(
                credentials=credentials,
                registries=settings,
                connections=1,
                ca_file=arguments.ca_file,
                say=console.note,
                log=console.detail,
            ) as client,
            files.replacing(arguments.output) as file,
        ):
            if arguments.manifest:
                image = replace(repository, digest=digest)
                file.write(client.registries.manifest(image, arguments.size).data)
            else:
                _fetch(client.registries, repository, digest, file, arguments)
    except DeniedError as error:
        sandbox.explain(error, repository.registry, os.environ)
        raise
    return 0


def _fetch(
    registries: Registries,
    repository: Reference,
    digest: Digest,
    file: BinaryIO,
    arguments: argparse.Namespace,
) -> None:
    if not console.can_draw():  # as in a build, which imports no more than it needs
        registries.blob(repository, digest, arguments.size, file)
        return
    from ..progress import watched

    then = f"writing {arguments.output}"
    with watched(file, f"{repository.familiar} {digest.short}", arguments.size, then=then) as sink:
        registries.blob(repository, digest, arguments.size, sink)


def _json_table(option: str, text: str) -> Table:
    try:
        return strict_json.parse_table(text, option)
    except strict_json.InvalidJson as error:
        raise UsageError(f"{option} is not JSON ({error.cause})") from None
