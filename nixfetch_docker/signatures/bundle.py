"""Sigstore's bundles: a signature with what was signed, in one JSON document.

https://github.com/sigstore/protobuf-specs/blob/v0.4.3/protos/sigstore_bundle.proto and
https://github.com/sigstore/cosign/blob/main/specs/BUNDLE_SPEC.md
"""

from __future__ import annotations

import base64

from ..base import strict_json
from ..base.redact import literal
from ..base.table import Table
from ..base.values import dataclass
from ..errors import NixfetchError

# With the version behind it: `.v0.3+json`, and `+json;version=0.1` to 0.3 before that.
MEDIA_TYPE = "application/vnd.dev.sigstore.bundle"
_MEDIA_TYPES = (
    f"{MEDIA_TYPE}.v0.3+json",
    *(f"{MEDIA_TYPE}+json;version=0.{minor}" for minor in (1, 2, 3)),
)
# The media type of statements.
IN_TOTO = "application/vnd.in-toto+json"
_SHAPE: strict_json.Shape = {
    "verificationMaterial": {"certificate": {}, "publicKey": {}, "x509CertificateChain": {}},
    "dsseEnvelope": {"signatures": {}},
    "messageSignature": {"messageDigest": {}},
}
_VALUES_LIMIT = 200_000


class InvalidBundle(NixfetchError):
    """Bytes that are not a bundle of sigstore, or one of a form that is not supported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A bundle: its `signature`, and the statement of in-toto that was signed.

    `statement` is None where what was signed is the content itself that the bundle refers to. The
    bundle `has_certificate` where the signature is not by a key that the signer keeps.
    """

    signature: bytes
    statement: bytes | None
    has_certificate: bool

    @property
    def signed(self) -> bytes | None:
        """The bytes that the signature is over, None where they are not in the bundle."""
        return None if self.statement is None else authenticated(self.statement)


def authenticated(statement: bytes) -> bytes:
    """The bytes that the signature of an envelope with a statement of in-toto is over.

    https://github.com/secure-systems-lab/dsse/blob/v1.0.0/protocol.md#signature-definition
    """
    kind = IN_TOTO.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(statement), statement)


def parse_bundle(data: bytes) -> Bundle:
    """Read a bundle; raises `InvalidBundle`. Nothing in it is verified."""
    if data.count(b",") > _VALUES_LIMIT:
        raise InvalidBundle(f"it has more than {_VALUES_LIMIT} values")
    try:
        return _bundle(strict_json.parse_table(data, shape=_SHAPE))
    except InvalidBundle:
        raise
    except NixfetchError as error:
        raise InvalidBundle(error.cause) from None


def _bundle(table: Table) -> Bundle:
    kind = table.require("mediaType", str)
    if kind not in _MEDIA_TYPES:
        raise InvalidBundle(f"its mediaType is {literal(kind)}")
    if "dsseEnvelope" in table and "messageSignature" in table:
        raise InvalidBundle("it has two contents, and a bundle has one")
    material = table.table("verificationMaterial")
    has_certificate = "certificate" in material or "x509CertificateChain" in material
    if "messageSignature" in table:
        signature, statement = _bytes(table.table("messageSignature"), "signature"), None
    else:
        signature, statement = _envelope(table.table("dsseEnvelope"))
    return Bundle(signature=signature, statement=statement, has_certificate=has_certificate)


def _envelope(table: Table) -> tuple[bytes, bytes]:
    """The signature and the statement in an envelope of DSSE."""
    kind = table.require("payloadType", str)
    if kind != IN_TOTO:
        raise InvalidBundle(f"its payloadType is {literal(kind)}, not {IN_TOTO!r}")
    signatures = table.tables("signatures")
    if len(signatures) != 1:
        raise InvalidBundle(f"it has {len(signatures)} signatures, and a bundle has one")
    return _bytes(signatures[0], "sig"), _bytes(table, "payload")


def _bytes(table: Table, key: str) -> bytes:
    decoded = decode_base64(table.require(key, str))
    if decoded is None:
        raise InvalidBundle("this is not base64").at(table.where(key))
    return decoded


def decode_base64(text: str) -> bytes | None:
    """The bytes that a text in base64 (RFC 4648, section 4) means, or None."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return None
