"""A signature as it was found beside an image."""

from __future__ import annotations

from collections.abc import Mapping

from ..base.values import dataclass
from ..oci.digest import Digest
from .claim import Claim, parse_payload, parse_statement

# https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md#signature-1
SIGNATURE_ANNOTATION = "dev.cosignproject.cosign/signature"
CERTIFICATE_ANNOTATION = "dev.sigstore.cosign/certificate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A signature that was found, of which nothing is verified.

    `signature` is over the bytes `signed`. `where` names the tag or the referrer that has it.
    `annotations` are those of its layer: cosign has the certificate of a keyless signature there
    with its chain and its entry in a log. `bundle` is the bundle of sigstore that has all this
    instead. `payload` is the payload of simple signing, or else the statement of a bundle; where
    that is None, `signed` is the manifest or index itself, and `subject` its digest.
    """

    where: str
    media_type: str
    signed: bytes
    signature: bytes
    payload: bytes | None
    annotations: Mapping[str, str]
    bundle: bytes | None
    has_certificate: bool
    subject: Digest

    def claims(self) -> tuple[Claim, ...]:
        """What the signed text says; raises `InvalidClaim` and `Rejected`."""
        if self.payload is None:
            return (Claim(digest=self.subject, name=None, annotations={}),)
        if self.bundle is None:
            return (parse_payload(self.payload),)
        return parse_statement(self.payload)
