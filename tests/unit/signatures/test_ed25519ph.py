"""Ed25519ph, by the vectors of RFC 8032 and beside the library's Ed25519."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from support.signing import key

from nixfetch_docker.signatures.ed25519ph import is_signed, verifies
from nixfetch_docker.signatures.public_key import PublicKey

# https://www.rfc-editor.org/rfc/rfc8032#section-7.3
PUBLIC = bytes.fromhex("ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf")
SIGNATURE = bytes.fromhex(
    "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41"
    "31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406"
)
ORDER = 2**252 + 27742317777372353535851937790883648493
P = 2**255 - 19

# https://www.rfc-editor.org/rfc/rfc8032#section-7.1, TEST 1 to 3 and SHA(abc): of Ed25519 itself.
PLAIN = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        "387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
        "4a7c15e9716ed28dc027beceea1ec40a",
    ),
]


def test_the_vector_of_the_rfc() -> None:
    assert verifies(PUBLIC, SIGNATURE, b"abc")


@pytest.mark.parametrize(("public", "message", "signature"), PLAIN)
def test_the_vectors_without_a_domain(public: str, message: str, signature: str) -> None:
    parts = [bytes.fromhex(one) for one in (public, signature, message)]
    assert is_signed(*parts)
    assert not verifies(*parts)


def wrong() -> list[tuple[bytes, bytes, bytes]]:
    factor = int.from_bytes(SIGNATURE[32:], "little")
    more = SIGNATURE[:32] + (factor + ORDER).to_bytes(32, "little")
    flipped = [
        SIGNATURE[:at] + bytes([SIGNATURE[at] ^ 1 << at % 8]) + SIGNATURE[at + 1 :]
        for at in range(64)
    ]
    # 2 has no square root that is a point's x; a y of P or more is not its one form.
    no_point = (2).to_bytes(32, "little")
    large = (P + 1).to_bytes(32, "little")
    minus_zero = (1 | 1 << 255).to_bytes(32, "little")
    return [
        *((PUBLIC, one, b"abc") for one in (more, *flipped, SIGNATURE[:63], SIGNATURE + b"\0")),
        (PUBLIC, SIGNATURE, b"abd"),
        (PUBLIC, b"", b"abc"),
        *((one, SIGNATURE, b"abc") for one in (no_point, large, minus_zero, PUBLIC[:31], b"")),
    ]


def test_all_others_are_refused() -> None:
    assert [one for one in wrong() if verifies(*one)] == []


ACME = key("acme", "Ed25519")
OWN = ACME.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


@given(st.binary(), st.integers(0, 63), st.integers(0, 255))
def test_without_a_domain_it_is_the_librarys(data: bytes, at: int, byte: int) -> None:
    right = ACME.sign(data)
    changed = right[:at] + bytes([byte]) + right[at + 1 :]
    for signature in (right, changed):
        try:
            Ed25519PublicKey.from_public_bytes(OWN).verify(signature, data)
        except InvalidSignature:
            expected = False
        else:
            expected = True
        assert is_signed(OWN, signature, data) is expected


@given(st.binary(max_size=80), st.binary(max_size=80), st.binary())
def test_any_bytes(public: bytes, signature: bytes, data: bytes) -> None:
    assert not verifies(public, signature, data)


def test_a_public_key_takes_both() -> None:
    pem = Ed25519PublicKey.from_public_bytes(PUBLIC).public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    public = PublicKey.parse(pem)
    assert public.verifies(SIGNATURE, b"abc")
    assert not public.verifies(SIGNATURE, b"abd")
    assert PublicKey.parse(ACME.pem).verifies(ACME.sign(b"abc"), b"abc")
