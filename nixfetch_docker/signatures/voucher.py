"""Vouchers: who vouched for which digest of an image."""

from __future__ import annotations

from ..base.printable import visible
from ..base.values import dataclass
from ..oci.digest import Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """A signer who vouched for the content that a digest names, as the lock records it.

    `signer` is the file of a public key as images.toml names it, with that key's `fingerprint`, or
    an identity in a certificate, with its `issuer` and the fingerprint of the file of the trusted
    root, where that is not the one of sigstore.dev. `annotations` are those that were demanded of
    the signature, sorted.
    """

    signer: str
    digest: Digest
    fingerprint: str | None = None
    issuer: str | None = None
    annotations: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        wanted = ", ".join(f"{name}={value}" for name, value in self.annotations)
        more = f" with {wanted}" if wanted else ""
        # A lock that somebody sends may have any text there.
        return visible(
            f"{self.signer}{more}" if self.issuer is None else f"{self.signer} ({self.issuer})"
        )
