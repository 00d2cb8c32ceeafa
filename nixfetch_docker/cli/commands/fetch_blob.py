"""`fetch-blob`: fetch one blob or manifest by its digest.

The builder of a blob's fixed-output derivation runs this (nix/fetchers/fetch-docker-blob.nix).
"""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from ...errors import DeniedError, NixfetchError, UsageError
from .. import console, short_form

if TYPE_CHECKING:
    import argparse

    from ...endpoints.settings import RegistrySettings
    from ...logins.credentials import Credentials
    from ...oci.digest import Digest
    from ...oci.reference import Reference
    from ...registry.registries import Registries


# What a reference of a file begins with; whether it is one, `LocalReference` says.
_FILES = ("oci:", "docker-archive:")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `fetch-blob`."""
    from .. import options

    parser.add_argument("repository", metavar="REPOSITORY", help="as in docker.io/library/redis")
    parser.add_argument("digest", metavar="DIGEST", help="the digest of the blob: sha256:…")
    parser.add_argument(
        "--size",
        type=options.natural,
        metavar="BYTES",
        help="the size of the blob (default: accept any size, and check the digest alone)",
    )
    parser.add_argument(
        "--output", "-o", type=Path, required=True, metavar="FILE", help="the file to write"
    )
    parser.add_argument("--manifest", action="store_true", help="DIGEST is that of a manifest")
    parser.add_argument(
        "--registries", default="{}", metavar="JSON", help="the [registries] of images.toml"
    )
    parser.add_argument(
        "--ca-file", type=Path, metavar="FILE", help="CA bundle where the environment names none"
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the content to the output file, which appears once its digest is verified."""
    from ...base import files
    from ...logins.late import LateLogins
    from ...oci.digest import Digest
    from ...oci.reference import Reference
    from ...registry.client import connect

    # The person who reads the log of a build cannot pass --verbose to it.
    short_form.set_form(verbose=True)
    _refuse_file(arguments.repository)
    repository = Reference.parse(arguments.repository).name
    digest = Digest.parse(arguments.digest)
    try:
        with (
            closing(LateLogins(_logins)) as logins,
            connect(
                credentials=logins,
                registries=_registries(arguments.registries),
                connections=1,
                ca_file=arguments.ca_file,
                say=console.note,
                log=console.detail,
            ) as client,
            files.replacing(arguments.output) as file,
        ):
            if arguments.manifest:
                from ...base.values import replace

                image = replace(repository, digest=digest)
                file.write(client.registries.manifest(image, arguments.size).data)
            else:
                _fetch(client.registries, repository, digest, file, arguments)
    except DeniedError as error:
        from ...logins import sandbox

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


def _logins() -> Credentials:
    from ...logins import sandbox
    from ...logins.credentials import Credentials

    return Credentials.from_environment(os.environ, first=sandbox.credential_files(os.environ))


def _refuse_file(text: str) -> None:
    """Raise for the reference of a file."""
    if not text.startswith(_FILES):
        return
    from ...archives.local_reference import LocalReference

    if not LocalReference.is_meant(text):
        return
    # No login stands in a reference that can be read, so that the place may show it.
    LocalReference.parse(text)
    raise NixfetchError(
        "this image is in a file, which a build cannot read",
        hint="put it into the store: nixfetch-docker prefetch",
    ).at(text)


def _registries(text: str) -> dict[str, RegistrySettings]:
    if text == "{}":
        return {}
    from ...base import strict_json
    from ...endpoints.settings import parse_registries

    try:
        return parse_registries(strict_json.parse_table(text, "--registries"))
    except strict_json.InvalidJson as error:
        raise UsageError(f"--registries is not JSON ({error.cause})") from None
