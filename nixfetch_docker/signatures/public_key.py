"""Public keys in PEM, and the signatures that they verify.

https://www.rfc-editor.org/rfc/rfc7468 and
https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md#signature-schemes
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from ..base.redact import literal
from ..base.regex import regex
from ..errors import NixfetchError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    _Key = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | rsa.RSAPublicKey

# The file of a key has less than 2 KiB.
LIMIT = 64 * 1024
_SMALLEST_RSA = 2048
# OpenSSL verifies with no larger one.
_LARGEST_RSA = 16384
_CURVES = ("secp256r1", "secp384r1", "secp521r1")
_BEGIN = regex(rb"-----BEGIN ([A-Z0-9 ]{1,64})-----")
# The second is that of PKCS #1 (RFC 8017), which OpenSSL and podman read too.
_LABELS = ("PUBLIC KEY", "RSA PUBLIC KEY")
_KINDS = "it must be of ECDSA (P-256, P-384 or P-521), Ed25519, or RSA of 2048 bits or more"
_WANTED = "name the file of a public key in PEM, such as cosign.pub"
_PGP = "PGP PUBLIC KEY BLOCK"


class InvalidKey(NixfetchError):
    """Bytes that are not one public key in PEM. The message quotes none of them."""


class PublicKey:
    """A public key that signatures are checked by.

    `fingerprint` is the SHA-256 of its DER form (SubjectPublicKeyInfo) in hexadecimal, which is
    the same however its file is written. Two keys are equal where their fingerprints are.
    """

    __slots__ = ("_key", "fingerprint")

    def __init__(self, key: _Key) -> None:
        """`key` is one that the library cryptography has read, of a kind that is supported."""
        import hashlib

        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self._key = key
        self.fingerprint = hashlib.sha256(der).hexdigest()

    @classmethod
    def parse(cls, pem: bytes) -> Self:
        """Read a file with one public key in PEM; raises `InvalidKey`."""
        if len(pem) > LIMIT:
            raise InvalidKey(f"it has more than {LIMIT} bytes, and no key has", hint=_WANTED)
        labels = [label.decode() for label in _BEGIN.findall(pem)]
        _check_labels(labels, pem)
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.serialization import load_pem_public_key

        try:
            key = load_pem_public_key(pem)
        except (ValueError, TypeError, OverflowError):
            raise InvalidKey("its public key cannot be read", hint=_WANTED) from None
        except UnsupportedAlgorithm:
            raise InvalidKey("its public key is of a kind that is not known", hint=_KINDS) from None
        return cls(_supported(key))

    def verifies(self, signature: bytes, data: bytes) -> bool:
        """Whether the owner of this key signed `data`.

        The hash of ECDSA and RSA is SHA-256, as cosign's and containers' signatures have it. For
        a larger curve that of its size is tried as well, which sigstore's bundles have. Ed25519
        is over the data or, as cosign 3 has it, over their hash (Ed25519ph).
        """
        from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

        for algorithm in _hashes(self._key):
            try:
                if isinstance(self._key, ec.EllipticCurvePublicKey):
                    self._key.verify(signature, data, ec.ECDSA(algorithm))
                elif isinstance(self._key, rsa.RSAPublicKey):
                    self._key.verify(signature, data, padding.PKCS1v15(), algorithm)
                else:
                    self._key.verify(signature, data)
            except (InvalidSignature, UnsupportedAlgorithm, ValueError, OverflowError):
                continue
            return True
        return isinstance(self._key, ed25519.Ed25519PublicKey) and self._verifies_hashed(
            signature, data
        )

    def _verifies_hashed(self, signature: bytes, data: bytes) -> bool:
        """Whether the signature is one of Ed25519ph, which cosign 3 makes: of a hash of `data`.

        The library cryptography has Ed25519 alone. https://www.rfc-editor.org/rfc/rfc8032#section-5.1
        """
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
        from nacl import bindings
        from nacl.exceptions import CryptoError

        public = self._key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        hashed = bindings.crypto_sign_ed25519ph_state()
        bindings.crypto_sign_ed25519ph_update(hashed, data)
        try:
            bindings.crypto_sign_ed25519ph_final_verify(hashed, signature, public)
        except CryptoError:
            # PyNaCl has the same error for another signature and for one of another length.
            return False
        return True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PublicKey) and self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __repr__(self) -> str:
        return f"PublicKey({self.fingerprint})"


def _check_labels(labels: list[str], data: bytes) -> None:
    """Raise `InvalidKey` unless the blocks of a PEM file are one public key."""
    if any("PRIVATE KEY" in label for label in labels):
        raise InvalidKey(
            "it is a private key, which no other machine should have",
            hint=f"{_WANTED}, and make a new pair of keys if this file was published",
        )
    if labels and set(labels) <= set(_LABELS):
        if len(labels) == 1:
            return
        raise InvalidKey(
            f"it has {len(labels)} public keys", hint="write each into a file of its own"
        )
    if "CERTIFICATE" in labels:
        raise InvalidKey(
            "it is a certificate, not a public key",
            hint="`openssl x509 -in FILE -noout -pubkey` prints its key, which vouches for as "
            "long as you list it, whatever the certificate says",
        )
    if _PGP in labels:
        raise InvalidKey(
            "it is a key of PGP, whose signatures are not supported",
            hint="sign with cosign, or with skopeo or podman and --sign-by-sigstore-private-key",
        )
    if labels:
        raise InvalidKey(f"it is {literal(labels[0])}, not a public key", hint=_WANTED)
    if data.lstrip().startswith((b"ssh-", b"ecdsa-sha2-")):
        raise InvalidKey(
            "it is a public key of SSH", hint="`ssh-keygen -e -m PKCS8 -f FILE` writes it in PEM"
        )
    raise InvalidKey("it is no public key in PEM" if data.strip() else "it is empty", hint=_WANTED)


def _supported(key: object) -> _Key:
    """The key; raises `InvalidKey` where it is of another kind, or a weak one."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if isinstance(key, ec.EllipticCurvePublicKey):
        if key.curve.name in _CURVES:
            return key
        what = f"its public key is of the curve {literal(key.curve.name)}"
    elif isinstance(key, rsa.RSAPublicKey):
        if _SMALLEST_RSA <= key.key_size <= _LARGEST_RSA:
            return key
        what = f"its public key is of RSA with {key.key_size} bits"
    elif isinstance(key, ed25519.Ed25519PublicKey):
        return key
    else:
        what = "its public key is of a kind that is not supported"
    raise InvalidKey(what, hint=_KINDS)


def _hashes(key: _Key) -> list[hashes.HashAlgorithm]:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    own: dict[str, hashes.HashAlgorithm] = {
        "secp384r1": hashes.SHA384(),
        "secp521r1": hashes.SHA512(),
    }
    larger = own.get(key.curve.name) if isinstance(key, ec.EllipticCurvePublicKey) else None
    return [hashes.SHA256(), *([] if larger is None else [larger])]
