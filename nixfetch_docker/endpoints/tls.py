"""TLS: whom to trust, and what to show of ourselves."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

from ..errors import RegistryError


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """How to trust one host, and how to be known to it.

    `ca_files` are trusted beside the usual CAs. `verify` is false where the person's
    configuration calls the host insecure.
    """

    ca_files: tuple[Path, ...] = ()
    client_certificate: Path | None = None
    client_key: Path | None = None
    verify: bool = True


def load_context(tls: Tls, bundle: Path) -> ssl.SSLContext:
    """The settings of `tls` for OpenSSL; `bundle` holds the usual CAs. Raises `RegistryError`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for file in (bundle, *tls.ca_files):
        try:
            context.load_verify_locations(cafile=file)
        except OSError as error:
            raise RegistryError(
                f"{file}: no CA certificates can be read from it ({error})",
                hint="name a file of PEM certificates; a build sees one beside images.toml alone",
            ) from None
    if tls.client_certificate is not None:
        try:
            # No pass phrase: nobody is there to type it.
            context.load_cert_chain(tls.client_certificate, tls.client_key, password="")
        except OSError as error:
            raise RegistryError(
                f"{tls.client_certificate}: it cannot serve as a client certificate ({error})",
                hint="name a PEM certificate, and its key without a pass phrase",
            ) from None
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def no_tls() -> ssl.SSLContext:
    """A context that trusts nobody, for plain HTTP: loading the CAs would cost 40 ms."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
