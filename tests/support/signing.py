"""Signers of images: keys, signatures as cosign writes them, and sigstore's bundles.

They are made by the specs, as no cosign is in Debian:
https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md and BUNDLE_SPEC.md.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from support.faults.registry import FaultRegistry
from support.oci import MANIFEST, descriptor, encode

PAYLOAD = "application/vnd.dev.cosign.simplesigning.v1+json"
BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
IN_TOTO = "application/vnd.in-toto+json"
SIGNED = "https://sigstore.dev/cosign/sign/v1"
SIGNATURE = "dev.cosignproject.cosign/signature"
EMPTY = "application/vnd.oci.empty.v1+json"
CURVES = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1(), "P-521": ec.SECP521R1()}
KINDS = (*CURVES, "RSA", "Ed25519")

_Private = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class SigningKey:
    """A pair of keys."""

    private: _Private

    @property
    def pem(self) -> bytes:
        """The public key."""
        public = self.private.public_key()
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    @property
    def private_pem(self) -> bytes:
        return self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def traditional_pem(self) -> bytes:
        """The private key as OpenSSL wrote it before PKCS #8, where it did so."""
        has_form = not isinstance(self.private, ed25519.Ed25519PrivateKey)
        form = PrivateFormat.TraditionalOpenSSL if has_form else PrivateFormat.PKCS8
        return self.private.private_bytes(Encoding.PEM, form, NoEncryption())

    def sign(self, data: bytes, algorithm: hashes.HashAlgorithm | None = None) -> bytes:
        algorithm = algorithm or hashes.SHA256()
        if isinstance(self.private, ec.EllipticCurvePrivateKey):
            return self.private.sign(data, ec.ECDSA(algorithm))
        if isinstance(self.private, rsa.RSAPrivateKey):
            return self.private.sign(data, padding.PKCS1v15(), algorithm)
        return self.private.sign(data)


@cache
def key(_name: str = "acme", kind: str = "P-256") -> SigningKey:
    """The pair of keys with this name, the same each time."""
    if kind in CURVES:
        return SigningKey(ec.generate_private_key(CURVES[kind]))
    if kind == "RSA":
        return SigningKey(rsa.generate_private_key(65537, 2048))
    return SigningKey(ed25519.Ed25519PrivateKey.generate())


def payload(digest: str, name: str, optional: Mapping[str, Any] | None = None) -> bytes:
    """A payload of simple signing, with the key order of cosign."""
    critical = {
        "identity": {"docker-reference": name},
        "image": {"docker-manifest-digest": digest},
        "type": "cosign container image signature",
    }
    return encode({"critical": critical, "optional": optional})


def statement(digest: str, predicate: str = SIGNED, **subject: Any) -> bytes:
    """A statement of in-toto about a digest, as cosign 3 signs it."""
    algorithm, _, encoded = digest.partition(":")
    return encode(
        {
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{"digest": {algorithm: encoded}, **subject}],
            "predicateType": predicate,
            "predicate": {},
        }
    )


def authenticated(data: bytes, kind: str = IN_TOTO) -> bytes:
    """The bytes that a signature of DSSE is over."""
    return f"DSSEv1 {len(kind)} {kind} {len(data)} ".encode() + data


def dsse_bundle(signer: SigningKey, data: bytes, **changes: Any) -> bytes:
    """A bundle with a signed statement."""
    signature = {"sig": _text(signer.sign(authenticated(data)))}
    envelope = {"payload": _text(data), "payloadType": IN_TOTO, "signatures": [signature]}
    return _bundle({"dsseEnvelope": envelope, **changes})


def message_bundle(signer: SigningKey, data: bytes, **changes: Any) -> bytes:
    """A bundle with a signature over `data` itself."""
    return _bundle({"messageSignature": {"signature": _text(signer.sign(data))}, **changes})


def _bundle(content: Mapping[str, Any]) -> bytes:
    material = {"publicKey": {"hint": "abc"}, "tlogEntries": []}
    return encode({"mediaType": BUNDLE, "verificationMaterial": material, **content})


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


@dataclass(frozen=True)
class Signed:
    """A layer of a manifest of signatures: a payload with its signature."""

    data: bytes
    signature: str | None
    annotations: Mapping[str, str]

    @property
    def descriptor(self) -> dict[str, Any]:
        own = {} if self.signature is None else {SIGNATURE: self.signature}
        return {**descriptor(self.data, PAYLOAD), "annotations": {**own, **self.annotations}}


def signed(signer: SigningKey, data: bytes, **annotations: str) -> Signed:
    return Signed(data, _text(signer.sign(data)), annotations)


def put_signatures(
    registry: FaultRegistry, repository: str, digest: str, layers: Sequence[Signed]
) -> str:
    """Serve signatures below the tag of cosign; returns the digest of their manifest."""
    for one in layers:
        registry.add_blob(one.data)
    document = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": descriptor(b"{}", "application/vnd.oci.image.config.v1+json"),
        "layers": [one.descriptor for one in layers],
    }
    tag = f"{digest.replace(':', '-')}.sig"
    return registry.add_manifest(f"{repository}:{tag}", encode(document), MANIFEST)


def put_referrer(
    registry: FaultRegistry,
    repository: str,
    digest: str,
    data: bytes,
    *,
    kind: str = BUNDLE,
    predicate: str | None = None,
    layer: Mapping[str, Any] | None = None,
) -> str:
    """Serve a manifest that refers to a digest; returns the digest of the manifest.

    It has one layer, `data`, or what `layer` says of it.
    """
    registry.add_blob(data)
    annotations = {} if predicate is None else {"dev.sigstore.bundle.predicateType": predicate}
    document = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": kind,
        "config": descriptor(b"{}", EMPTY),
        "layers": [{**descriptor(data, kind), **(layer or {})}],
        "subject": {"mediaType": MANIFEST, "digest": digest, "size": 2},
        "annotations": annotations,
    }
    return registry.add_manifest(repository, encode(document), MANIFEST)


def parsed(data: bytes) -> Any:
    return json.loads(data)
