"""The signatures of cosign 1 and 2 as bundles: their parts are annotations of a layer.

https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md#properties

The log promised to take their entry, and signed that. It is what cosign believes too. The library
sigstore wants a proof that the entry is in the log instead, which they have not. So the two checks
of the proof are replaced by that of the promise; all others are the library's.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate, load_pem_x509_certificate
from sigstore.models import Bundle, TransparencyLogEntry
from sigstore_models.bundle.v1 import Bundle as Inner

from ..base import strict_json
from ..base.table import Table
from ..errors import NixfetchError
from .bundle import decode_base64
from .rejected import Rejected
from .signature import CERTIFICATE_ANNOTATION

if TYPE_CHECKING:
    from sigstore._internal.trust import RekorKeyring

    from .signature import Signature

_LOG = "dev.sigstore.cosign/bundle"
_MEDIA_TYPE = "application/vnd.dev.sigstore.bundle+json;version=0.1"


# A bundle cannot be without a proof. Nothing reads this one.
_NO_PROOF = {
    "logIndex": "0",
    "rootHash": "",
    "treeSize": "1",
    "hashes": [],
    "checkpoint": {"envelope": ""},
}


class _PromisedEntry(TransparencyLogEntry):
    """An entry with the log's promise alone."""

    def _validate(self) -> None:
        if self._inner.inclusion_promise is None or self._inner.integrated_time is None:
            raise NixfetchError("its entry in the log has no promise")

    def _verify(self, keyring: RekorKeyring) -> None:
        self._verify_set(keyring)


class _PromisedBundle(Bundle):
    """A bundle whose entry has the log's promise alone."""

    def _verify(self) -> None:
        material = self._inner.verification_material
        chain = material.x509_certificate_chain
        if chain is None:
            raise NixfetchError("it has no certificate")
        self._signing_certificate = load_der_x509_certificate(chain.certificates[0].raw_bytes)
        self._log_entry = _PromisedEntry(material.tlog_entries[0])


def promised_bundle(signature: Signature) -> Bundle:
    """The bundle of a signature with annotations.

    Raises `Rejected` where the log's entry is missing, and `NixfetchError` or any error of the
    library for what it cannot read.
    """
    text = signature.annotations.get(_LOG)
    if text is None:
        raise Rejected(
            "a keyless signature that is in no log", "keyless signatures that are in no log"
        )
    certificate = load_pem_x509_certificate(signature.annotations[CERTIFICATE_ANNOTATION].encode())
    return _PromisedBundle(
        Inner.from_json(
            json.dumps(
                {
                    "mediaType": _MEDIA_TYPE,
                    "verificationMaterial": {
                        "x509CertificateChain": {
                            "certificates": [
                                {"rawBytes": _text(certificate.public_bytes(Encoding.DER))}
                            ]
                        },
                        "tlogEntries": [_entry(strict_json.parse_table(text))],
                    },
                    "messageSignature": {"signature": _text(signature.signature)},
                }
            )
        )
    )


def _entry(log: Table) -> dict[str, Any]:
    """The entry of a log as a bundle has it."""
    promised = log.table("Payload")
    encoded = promised.require("body", str)
    body = strict_json.parse_table(decode_base64(encoded) or b"")
    return {
        "logIndex": str(promised.size("logIndex")),
        "logId": {"keyId": _text(bytes.fromhex(promised.require("logID", str)))},
        "kindVersion": {
            "kind": body.require("kind", str),
            "version": body.require("apiVersion", str),
        },
        "integratedTime": str(promised.size("integratedTime")),
        "inclusionPromise": {"signedEntryTimestamp": log.require("SignedEntryTimestamp", str)},
        "inclusionProof": _NO_PROOF,
        "canonicalizedBody": encoded,
    }


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
