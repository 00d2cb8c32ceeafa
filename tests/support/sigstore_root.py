"""A deployment of sigstore of the tests' own: a Fulcio, a log of certificates and a Rekor.

It makes the signatures that cosign makes without a key, and the file of a trusted root that says
whom to believe.
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

IDENTITY = "https://git.example/acme/web/release.yml@refs/heads/main"
ISSUER = "https://tokens.git.example"
IN_TOTO = "application/vnd.in-toto+json"
BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
OLD_BUNDLE = "application/vnd.dev.sigstore.bundle+json;version=0.1"
SIGNED_AT = datetime(2026, 3, 1, 12, tzinfo=UTC)

_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
_END = datetime(2036, 1, 1, tzinfo=UTC)
_ISSUER_V2 = ObjectIdentifier("1.3.6.1.4.1.57264.1.8")
_SCTS = ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")


def b64(data: bytes) -> str:
    """Bytes in base64."""
    return base64.b64encode(data).decode()


def new_key() -> ec.EllipticCurvePrivateKey:
    """A new key of the kind that all parts have."""
    return ec.generate_private_key(ec.SECP256R1())


def der(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The public key in DER."""
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def sign(key: ec.EllipticCurvePrivateKey, data: bytes) -> bytes:
    """The signature of ECDSA with SHA-256."""
    return key.sign(data, ec.ECDSA(SHA256()))


def pae(statement: bytes) -> bytes:
    """What the signature of an envelope of DSSE is over."""
    return b"DSSEv1 %d %b %d %b" % (len(IN_TOTO), IN_TOTO.encode(), len(statement), statement)


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "acme"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


@dataclass
class Signer:
    """A certificate of a Fulcio, and the key that it is for."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> str:
        """The certificate in PEM."""
        return self.certificate.public_bytes(Encoding.PEM).decode()


@dataclass
class Root:
    """All parts of the deployment."""

    ca: ec.EllipticCurvePrivateKey = field(default_factory=new_key)
    ct: ec.EllipticCurvePrivateKey = field(default_factory=new_key)
    rekor: ec.EllipticCurvePrivateKey = field(default_factory=new_key)

    def __post_init__(self) -> None:
        self.ca_certificate = (
            x509.CertificateBuilder()
            .subject_name(_name("a Fulcio"))
            .issuer_name(_name("a Fulcio"))
            .public_key(self.ca.public_key())
            .serial_number(1)
            .not_valid_before(_BEGIN)
            .not_valid_after(_END)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(certificates=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.ca.public_key()), False)
            .sign(self.ca, SHA256())
        )

    def trusted_root(self) -> str:
        """The text of the file that names the parts to believe."""
        return json.dumps(
            {
                "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
                "tlogs": [_log("https://rekor.example", self.rekor)],
                "certificateAuthorities": [
                    {
                        "subject": {"organization": "acme", "commonName": "a Fulcio"},
                        "uri": "https://fulcio.example",
                        "certChain": {
                            "certificates": [
                                {"rawBytes": b64(self.ca_certificate.public_bytes(Encoding.DER))}
                            ]
                        },
                        "validFor": {"start": _BEGIN.isoformat()},
                    }
                ],
                "ctlogs": [_log("https://ct.example", self.ct)],
                "timestampAuthorities": [],
            }
        )

    def signer(
        self,
        identity: str = IDENTITY,
        issuer: str = ISSUER,
        *,
        made: datetime = SIGNED_AT,
        is_logged: bool = True,
    ) -> Signer:
        """A certificate for ten minutes, as Fulcio makes it for who proves the identity."""
        key = new_key()
        name: x509.GeneralName = (
            x509.UniformResourceIdentifier(identity)
            if "://" in identity
            else x509.RFC822Name(identity)
        )
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([]))
            .issuer_name(self.ca_certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(made)
            .not_valid_after(made + timedelta(minutes=10))
            .add_extension(_usage(certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.ca.public_key()), False
            )
            .add_extension(x509.SubjectAlternativeName([name]), critical=True)
            .add_extension(x509.UnrecognizedExtension(_ISSUER_V2, _utf8(issuer)), False)
        )
        if is_logged:
            # The log signs the certificate without the list of its own signatures.
            draft = builder.add_extension(self._scts(b"", made), False).sign(self.ca, SHA256())
            builder = builder.add_extension(self._scts(draft.tbs_precertificate_bytes, made), False)
        return Signer(key, builder.sign(self.ca, SHA256()))

    def _scts(self, tbs: bytes, made: datetime) -> x509.UnrecognizedExtension:
        """The list with one signature of the log (RFC 6962, section 3.2)."""
        time = struct.pack("!Q", int(made.timestamp() * 1000))
        issuer = hashlib.sha256(der(self.ca)).digest()
        entry = b"\x00\x01" + issuer + len(tbs).to_bytes(3, "big") + tbs
        signature = sign(self.ct, b"\x00\x00" + time + entry + b"\x00\x00")
        sct = (
            b"\x00"
            + hashlib.sha256(der(self.ct)).digest()
            + time
            + b"\x00\x00"
            # ECDSA with SHA-256.
            + b"\x04\x03"
            + struct.pack("!H", len(signature))
            + signature
        )
        listed = struct.pack("!H", len(sct)) + sct
        return x509.UnrecognizedExtension(_SCTS, _octets(struct.pack("!H", len(listed)) + listed))

    def entry(
        self, kind: str, spec: dict[str, Any], *, at: datetime = SIGNED_AT, with_proof: bool = True
    ) -> dict[str, Any]:
        """An entry of the log, as a bundle has it."""
        body = json.dumps(
            {"apiVersion": "0.0.1", "kind": kind, "spec": spec},
            sort_keys=True,
            separators=(",", ":"),
        ).encode()
        log_id = hashlib.sha256(der(self.rekor)).digest()
        promise = {
            "body": b64(body),
            "integratedTime": int(at.timestamp()),
            "logID": log_id.hex(),
            "logIndex": 41,
        }
        found: dict[str, Any] = {
            "logIndex": "41",
            "logId": {"keyId": b64(log_id)},
            "kindVersion": {"kind": kind, "version": "0.0.1"},
            "integratedTime": str(promise["integratedTime"]),
            "inclusionPromise": {
                "signedEntryTimestamp": b64(
                    sign(
                        self.rekor,
                        json.dumps(promise, sort_keys=True, separators=(",", ":")).encode(),
                    )
                )
            },
            "canonicalizedBody": b64(body),
        }
        if with_proof:
            # The only leaf of its tree.
            root = hashlib.sha256(b"\x00" + body).digest()
            note = f"rekor.example - 1\n1\n{b64(root)}\n"
            line = b64(log_id[:4] + sign(self.rekor, note.encode()))
            found["inclusionProof"] = {
                "logIndex": "0",
                "rootHash": b64(root),
                "treeSize": "1",
                "hashes": [],
                "checkpoint": {"envelope": f"{note}\n— rekor.example {line}\n"},
            }
        return found

    def hashed(self, signer: Signer, payload: bytes, signature: bytes) -> dict[str, Any]:
        """The specification of an entry for a signature of a file."""
        return {
            "data": {"hash": {"algorithm": "sha256", "value": hashlib.sha256(payload).hexdigest()}},
            "signature": {
                "content": b64(signature),
                "publicKey": {"content": b64(signer.pem.encode())},
            },
        }

    def enveloped(self, signer: Signer, statement: bytes, signature: bytes) -> dict[str, Any]:
        """The specification of an entry for an envelope of DSSE."""
        digest = hashlib.sha256(statement).hexdigest()
        return {
            "envelopeHash": {"algorithm": "sha256", "value": digest},
            "payloadHash": {"algorithm": "sha256", "value": digest},
            "signatures": [{"signature": b64(signature), "verifier": b64(signer.pem.encode())}],
        }

    def bundle(
        self,
        signer: Signer,
        statement: bytes,
        *,
        entry: dict[str, Any] | None = None,
        at: datetime = SIGNED_AT,
        media_type: str = BUNDLE,
    ) -> bytes:
        """A bundle with a statement in an envelope, as cosign 3 makes it."""
        signature = sign(signer.key, pae(statement))
        entry = entry or self.entry("dsse", self.enveloped(signer, statement, signature), at=at)
        return self._bundle(
            signer,
            media_type,
            entry,
            dsseEnvelope={
                "payload": b64(statement),
                "payloadType": IN_TOTO,
                "signatures": [{"sig": b64(signature)}],
            },
        )

    def message_bundle(self, signer: Signer, payload: bytes, *, media_type: str = BUNDLE) -> bytes:
        """A bundle for bytes that are not in it."""
        signature = sign(signer.key, payload)
        return self._bundle(
            signer,
            media_type,
            self.entry("hashedrekord", self.hashed(signer, payload, signature)),
            messageSignature={
                "messageDigest": {
                    "algorithm": "SHA2_256",
                    "digest": b64(hashlib.sha256(payload).digest()),
                },
                "signature": b64(signature),
            },
        )

    def _bundle(
        self, signer: Signer, media_type: str, entry: dict[str, Any], **content: Any
    ) -> bytes:
        certificate = {"rawBytes": b64(signer.certificate.public_bytes(Encoding.DER))}
        chain = {"x509CertificateChain": {"certificates": [certificate]}}
        material = {"certificate": certificate} if "0.3" in media_type else chain
        return json.dumps(
            {
                "mediaType": media_type,
                "verificationMaterial": {**material, "tlogEntries": [entry]},
                **content,
            }
        ).encode()

    def annotations(
        self, signer: Signer, payload: bytes, *, entry: dict[str, Any] | None = None
    ) -> dict[str, str]:
        """The annotations of a layer with a signature, as cosign 2 makes it."""
        signature = sign(signer.key, payload)
        entry = entry or self.entry("hashedrekord", self.hashed(signer, payload, signature))
        log_id = base64.b64decode(entry["logId"]["keyId"])
        return {
            "dev.cosignproject.cosign/signature": b64(signature),
            "dev.sigstore.cosign/certificate": signer.pem,
            "dev.sigstore.cosign/chain": self.ca_certificate.public_bytes(Encoding.PEM).decode(),
            "dev.sigstore.cosign/bundle": json.dumps(
                {
                    "SignedEntryTimestamp": entry["inclusionPromise"]["signedEntryTimestamp"],
                    "Payload": {
                        "body": entry["canonicalizedBody"],
                        "integratedTime": int(entry["integratedTime"]),
                        "logIndex": int(entry["logIndex"]),
                        "logID": log_id.hex(),
                    },
                }
            ),
        }


def _usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificates,
        crl_sign=certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _log(url: str, key: ec.EllipticCurvePrivateKey) -> dict[str, Any]:
    return {
        "baseUrl": url,
        "hashAlgorithm": "SHA2_256",
        "publicKey": {
            "rawBytes": b64(der(key)),
            "keyDetails": "PKIX_ECDSA_P256_SHA_256",
            "validFor": {"start": _BEGIN.isoformat()},
        },
        "logId": {"keyId": b64(hashlib.sha256(der(key)).digest())},
    }


def _utf8(text: str) -> bytes:
    return _element(0x0C, text.encode())


def _octets(data: bytes) -> bytes:
    return _element(0x04, data)


def _element(tag: int, data: bytes) -> bytes:
    """An element of DER."""
    if len(data) < 0x80:
        return bytes([tag, len(data)]) + data
    length = len(data).to_bytes(4, "big").lstrip(b"\0")
    return bytes([tag, 0x80 | len(length)]) + length + data
