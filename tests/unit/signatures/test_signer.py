"""Which records meet a demand."""

from __future__ import annotations

import pytest
from support.signing import key

from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.oci.reference import Reference
from nixfetch_docker.signatures.public_key import PublicKey
from nixfetch_docker.signatures.signer import KeySigner, Requirement, same_name

ACME, OTHER = (
    KeySigner(file=f"{name}.pub", key=PublicKey.parse(key(name).pem)) for name in ("acme", "other")
)
INDEX, ONE, TWO = (Digest.of(name.encode()) for name in ("index", "one", "two"))
MANY = [INDEX, ONE, TWO]
BOTH = (ACME, OTHER)


@pytest.mark.parametrize(
    ("requirement", "digests", "recorded", "expected"),
    [
        (Requirement(signers=(ACME,)), [ONE], [(ACME, ONE)], True),
        (Requirement(signers=(ACME,)), [ONE, ONE], [(ACME, ONE)], True),
        (Requirement(signers=(ACME,)), [ONE], [(OTHER, ONE)], False),
        (Requirement(signers=(ACME,)), [ONE], [(ACME, TWO)], False),
        (Requirement(signers=(ACME,)), MANY, [(ACME, INDEX)], True),
        (Requirement(signers=(ACME,)), MANY, [(ACME, ONE), (ACME, TWO)], True),
        (Requirement(signers=(ACME,)), MANY, [(ACME, ONE)], False),
        (Requirement(signers=BOTH), MANY, [(ACME, ONE), (OTHER, TWO)], True),
        (Requirement(signers=BOTH), MANY, [(OTHER, INDEX)], True),
        (Requirement(signers=BOTH, every=True), MANY, [(OTHER, INDEX)], False),
        (Requirement(signers=BOTH, every=True), MANY, [(ACME, INDEX), (OTHER, INDEX)], True),
        (
            Requirement(signers=BOTH, every=True),
            MANY,
            [(ACME, INDEX), (OTHER, ONE), (OTHER, TWO)],
            True,
        ),
        (Requirement(signers=(ACME,), as_podman=True), MANY, [(ACME, INDEX)], False),
        (Requirement(signers=(ACME,), as_podman=True), MANY, [(ACME, ONE), (ACME, TWO)], True),
        (Requirement(signers=(ACME,), as_podman=True), [ONE], [(ACME, ONE)], True),
        (Requirement(signers=()), [ONE], [(ACME, ONE)], False),
        (Requirement(signers=(), every=True), [ONE], [(ACME, ONE)], False),
    ],
)
def test_a_demand_is_met_by_records(
    requirement: Requirement,
    digests: list[Digest],
    recorded: list[tuple[KeySigner, Digest]],
    expected: bool,
) -> None:
    vouchers = {one.voucher(digest) for one, digest in recorded}
    assert requirement.is_met(vouchers, digests) is expected


@pytest.mark.parametrize(
    ("image", "signed", "expected"),
    [
        ("ghcr.io/acme/web:2", "ghcr.io/acme/web", True),
        ("ghcr.io/acme/web:2", "ghcr.io/acme/web:2", True),
        ("ghcr.io/acme/web:2", "ghcr.io/acme/web:1", False),
        ("ghcr.io/acme/web:2", "ghcr.io/acme/other:2", False),
        ("ghcr.io/acme/web:2", "quay.io/acme/web:2", False),
        (f"ghcr.io/acme/web@{ONE}", "ghcr.io/acme/web:1", True),
        (f"ghcr.io/acme/web:2@{ONE}", "ghcr.io/acme/web:1", False),
        # As cosign writes images of Docker Hub.
        ("redis:7", "index.docker.io/library/redis", True),
    ],
)
def test_a_signature_is_for_one_name(image: str, signed: str, expected: bool) -> None:
    assert same_name(Reference.parse(image), Reference.parse(signed)) is expected
    assert same_name(Reference.parse(image), None)
