"""TLS: the CAs to trust, and the client's own certificate."""

from __future__ import annotations

import ssl
from pathlib import Path

from ..base.values import dataclass
from ..errors import RegistryError


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """The certificates for connections to one host.

    The CAs in `ca_files` are trusted besides the usual ones. `verify` is false for a host that
    the configuration calls insecure: then any certificate is accepted.
    """

    ca_files: tuple[Path, ...] = ()
    client_certificate: Path | None = None
    client_key: Path | None = None
    verify: bool = True


def load_context(tls: Tls, bundle: Path) -> ssl.SSLContext:
    """An OpenSSL context with these certificates, and the usual CAs in the file `bundle`.

    Raises `RegistryError` for a file that cannot be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for file in (bundle, *tls.ca_files):
        try:
            context.load_verify_locations(cafile=file)
        except OSError as error:
            raise RegistryError(
                f"no CA certificates can be read from it ({error})",
                hint="name a file of PEM certificates; a build sees one beside images.toml alone",
            ).at(str(file)) from None
    if tls.client_certificate is not None:
        try:
            # With an empty pass phrase OpenSSL fails for an encrypted key, and does not ask for it.
            context.load_cert_chain(tls.client_certificate, tls.client_key, password="")
        except OSError as error:
            raise RegistryError(
                f"it cannot be used as a client certificate ({error})",
                hint="name a PEM certificate, and its key without a pass phrase",
            ).at(str(tls.client_certificate)) from None
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def no_tls() -> ssl.SSLContext:
    """A context without any CA, for plain HTTP: loading the usual ones takes 40 ms."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
