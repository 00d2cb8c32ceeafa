"""Public keys in PEM: which are taken, what they verify, and what is said of all others."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa, x25519
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
    load_pem_public_key,
)
from hypothesis import given
from hypothesis import strategies as st
from support.builders import read_or_refused
from support.certificates import Authority
from support.signing import KINDS, key

from nixfetch_docker.signatures.public_key import LIMIT, InvalidKey, PublicKey

DATA = b'{"critical": {}}'


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_verifies_what_its_owner_signed(kind: str) -> None:
    owner, other = key("acme", kind), key("other", kind)
    public = PublicKey.parse(owner.pem)
    assert public.verifies(owner.sign(DATA), DATA)
    assert not public.verifies(other.sign(DATA), DATA)
    assert not public.verifies(owner.sign(DATA), DATA + b" ")
    assert not public.verifies(owner.sign(DATA)[:-1], DATA)
    assert not public.verifies(b"", DATA)


@pytest.mark.parametrize(
    ("kind", "algorithm", "is_taken"),
    [
        ("P-256", hashes.SHA256(), True),
        ("P-256", hashes.SHA1(), False),  # noqa: S303 - refused
        ("P-384", hashes.SHA256(), True),
        ("P-384", hashes.SHA384(), True),
        ("P-384", hashes.SHA1(), False),  # noqa: S303 - refused
        ("P-521", hashes.SHA512(), True),
        ("RSA", hashes.SHA1(), False),  # noqa: S303 - refused
    ],
)
def test_the_hash_is_cosigns_or_that_of_the_curve(
    kind: str, algorithm: hashes.HashAlgorithm, is_taken: bool
) -> None:
    owner = key("acme", kind)
    assert PublicKey.parse(owner.pem).verifies(owner.sign(DATA, algorithm), DATA) is is_taken


def test_the_fingerprint_is_that_of_the_key_however_it_is_written() -> None:
    pem = key().pem
    der = load_pem_public_key(pem).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    found = PublicKey.parse(pem)
    assert found.fingerprint == hashlib.sha256(der).hexdigest()
    spaced = PublicKey.parse(b"# of acme\n" + pem.replace(b"\n", b"\r\n") + b"\n")
    assert spaced == found
    assert hash(spaced) == hash(found)
    assert PublicKey.parse(key("other").pem) != found


def test_a_key_of_rsa_may_be_in_its_own_form() -> None:
    public = key("acme", "RSA").private.public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.PKCS1)
    assert PublicKey.parse(pem) == PublicKey.parse(key("acme", "RSA").pem)


def certificate() -> bytes:
    with tempfile.TemporaryDirectory() as directory:
        return Authority(Path(directory)).file.read_bytes()


def ssh() -> bytes:
    public = key("acme", "Ed25519").private.public_key()
    return public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)


def encrypted() -> bytes:
    return key().private.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
    )


def public_pem(
    private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | dsa.DSAPrivateKey,
) -> bytes:
    return private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def x25519_pem() -> bytes:
    return (
        x25519.X25519PrivateKey.generate()
        .public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )


def block(label: str, text: str = "aGVsbG8=") -> bytes:
    return f"-----BEGIN {label}-----\n{text}\n-----END {label}-----\n".encode()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(key().private_pem, "it is a private key", id="private"),
        pytest.param(encrypted(), "it is a private key", id="encrypted private"),
        pytest.param(
            block("ENCRYPTED SIGSTORE PRIVATE KEY"), "it is a private key", id="cosign's private"
        ),
        pytest.param(block("OPENSSH PRIVATE KEY"), "it is a private key", id="SSH's private"),
        pytest.param(key().pem + key().private_pem, "it is a private key", id="both"),
        pytest.param(key().pem + key("other").pem, "it has 2 public keys", id="two"),
        pytest.param(certificate(), "it is a certificate, not a public key", id="certificate"),
        pytest.param(ssh(), "it is a public key of SSH", id="SSH's"),
        pytest.param(block("PGP PUBLIC KEY BLOCK"), "it is a key of PGP", id="PGP's"),
        pytest.param(block("DH PARAMETERS"), "it is 'DH PARAMETERS', not", id="no key"),
        pytest.param(block("PUBLIC KEY"), "its public key cannot be read", id="no key in it"),
        pytest.param(key().pem[:-40], "its public key cannot be read", id="cut"),
        pytest.param(b"", "it is empty", id="empty"),
        pytest.param(b" \n", "it is empty", id="blank"),
        pytest.param(b"hello", "it is no public key in PEM", id="text"),
        pytest.param(bytes(range(256)), "it is no public key in PEM", id="bytes"),
        pytest.param(key().pem + b" " * LIMIT, f"it has more than {LIMIT} bytes", id="large"),
        pytest.param(
            public_pem(rsa.generate_private_key(65537, 1024)),  # noqa: S505 - refused
            "its public key is of RSA with 1024 bits",
            id="weak RSA",
        ),
        pytest.param(
            public_pem(ec.generate_private_key(ec.SECP256K1())),
            "its public key is of the curve 'secp256k1'",
            id="another curve",
        ),
        pytest.param(
            public_pem(dsa.generate_private_key(2048)),
            "its public key is of a kind that is not supported",
            id="DSA",
        ),
        pytest.param(
            x25519_pem(), "its public key is of a kind that is not supported", id="no signatures"
        ),
    ],
)
def test_what_is_no_key_is_told(data: bytes, message: str) -> None:
    with pytest.raises(InvalidKey) as caught:
        PublicKey.parse(data)
    assert str(caught.value).startswith(message)
    assert caught.value.hint
    assert "aGVsbG8" not in str(caught.value)


@given(
    st.one_of(st.binary(), st.binary().map(lambda body: block("PUBLIC KEY", body.hex()).strip()))
)
def test_any_bytes_are_a_key_or_refused(data: bytes) -> None:
    read_or_refused(PublicKey.parse, data)


@given(st.sampled_from(KINDS), st.binary(), st.binary())
def test_no_bytes_of_a_signature_are_an_accident(kind: str, signature: bytes, data: bytes) -> None:
    assert not PublicKey.parse(key("acme", kind).pem).verifies(signature, data)


class TestHashed:
    """Ed25519ph, by the vector of https://www.rfc-editor.org/rfc/rfc8032#section-7.3."""

    PUBLIC = bytes.fromhex("ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf")
    SIGNATURE = bytes.fromhex(
        "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41"
        "31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406"
    )
    ORDER = 2**252 + 27742317777372353535851937790883648493

    def verifies(self, signature: bytes, data: bytes) -> bool:
        key = Ed25519PublicKey.from_public_bytes(self.PUBLIC)
        return PublicKey(key).verifies(signature, data)

    def test_the_vector_of_the_rfc(self) -> None:
        assert self.verifies(self.SIGNATURE, b"abc")
        assert not self.verifies(self.SIGNATURE, b"abd")

    def test_no_other_signature_counts(self) -> None:
        right = self.SIGNATURE
        factor = int.from_bytes(right[32:], "little")
        others = [
            right[:32] + (factor + self.ORDER).to_bytes(32, "little"),
            *(
                right[:at] + bytes([right[at] ^ 1 << at % 8]) + right[at + 1 :]
                for at in range(len(right))
            ),
            *(right[:63], right + b"\0", b""),
        ]
        assert [one for one in others if self.verifies(one, b"abc")] == []

    @given(st.binary(max_size=80), st.binary())
    def test_any_bytes_are_refused(self, signature: bytes, data: bytes) -> None:
        assert not self.verifies(signature, data)
