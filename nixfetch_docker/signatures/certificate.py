"""What the certificate of a keyless signature says of its owner.

https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md
"""

from __future__ import annotations

from collections.abc import Iterator

from cryptography.x509 import (
    Certificate,
    ExtensionNotFound,
    ObjectIdentifier,
    OtherName,
    RFC822Name,
    SubjectAlternativeName,
    UniformResourceIdentifier,
    UnrecognizedExtension,
)

from ..base.redact import quote
from .rejected import Rejected

_USERNAME = ObjectIdentifier("1.3.6.1.4.1.57264.1.7")
# The older has the bytes of a text, the newer a UTF8String in DER. Certificates have both.
_OLD_ISSUER = ObjectIdentifier("1.3.6.1.4.1.57264.1.1")
_ISSUER = ObjectIdentifier("1.3.6.1.4.1.57264.1.8")
_UTF8_STRING = 0x0C


class Identified:
    """A policy of the library sigstore: the certificate is for an identity, by its issuer."""

    def __init__(self, identity: str, issuer: str) -> None:
        self._identity = identity
        self._issuer = issuer

    def verify(self, certificate: Certificate) -> None:
        """Raise `Rejected` for another certificate, also for one that can be read in two ways."""
        names = list(_names(certificate))
        if names != [self._identity]:
            found = quote(" and ".join(names)) or "none"
            raise Rejected(
                f"a keyless signature by another identity ({found})",
                "keyless signatures by other identities",
            )
        issuers = set(_issuers(certificate))
        if issuers != {self._issuer}:
            found = quote(" and ".join(sorted(issuers))) or "none"
            raise Rejected(
                f"a keyless signature by this identity of another issuer ({found})",
                "keyless signatures by this identity of other issuers",
            )


def _names(certificate: Certificate) -> Iterator[str]:
    try:
        names = certificate.extensions.get_extension_for_class(SubjectAlternativeName).value
    except ExtensionNotFound:
        return
    for name in names:
        if isinstance(name, UniformResourceIdentifier | RFC822Name):
            yield name.value
        elif isinstance(name, OtherName) and name.type_id == _USERNAME:
            yield _utf8(name.value)
        else:
            yield repr(name)


def _issuers(certificate: Certificate) -> Iterator[str]:
    for extension in certificate.extensions:
        value = extension.value
        if not isinstance(value, UnrecognizedExtension):
            continue
        if extension.oid == _OLD_ISSUER:
            yield value.value.decode(errors="replace")
        elif extension.oid == _ISSUER:
            yield _utf8(value.value)


def _utf8(der: bytes) -> str:
    """The text of a UTF8String in DER; of other bytes, one that no person writes."""
    if der[:1] == bytes([_UTF8_STRING]) and len(der) > 1:
        start, size = 2, der[1]
        if size == 0x81 and len(der) > 2 and der[2] >= 0x80:
            start, size = 3, der[2]
        elif size == 0x82 and len(der) > 3 and der[2]:
            start, size = 4, int.from_bytes(der[2:4], "big")
        if len(der) == start + size and der[1] <= 0x82:
            return der[start:].decode(errors="replace")
    return f"DER {der[:32].hex()}"
