"""Targets of the room signatures/: keys, payloads, statements and bundles, and their manifests."""

from __future__ import annotations

import json

from fuzz.text import of, said

from nixfetch_docker.oci.artifact import parse_artifact, parse_referrers
from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.oci.reference import Reference
from nixfetch_docker.signatures.bundle import decode_base64, parse_bundle
from nixfetch_docker.signatures.claim import check, check_predicate, parse_payload, parse_statement
from nixfetch_docker.signatures.public_key import PublicKey
from nixfetch_docker.signatures.signer import same_name

_WEB = Reference.parse("ghcr.io/acme/web:2")


def public_key(data: bytes) -> None:
    """A key is the same however often it is read, and verifies no bytes that nobody signed."""
    found = PublicKey.parse(data)
    assert PublicKey.parse(data) == found
    assert len(found.fingerprint) == 64
    assert not found.verifies(data, data)


def payload(data: bytes) -> None:
    """A payload names a digest, and means the same however its JSON is written."""
    found = parse_payload(data)
    again = json.dumps(json.loads(data), indent=1)
    if again.isascii():
        assert parse_payload(again.encode()) == found
    said(check, [found], found.digest, _WEB, same_name, {"env": "prod"})
    other = Digest.of(data)
    if found.digest != other:
        assert said(_accepted, found, other) is None


def _accepted(found: object, digest: Digest) -> bool:
    check([found], digest, _WEB, lambda *_: True, {})  # type: ignore[list-item]
    return True


def statement(data: bytes) -> None:
    """A statement has the digests of its subjects; a predicate is counted or refused."""
    said(check_predicate, of(data))
    for claim in parse_statement(data):
        assert claim.digest.hex.encode() in data
        said(check, [claim], claim.digest, _WEB, same_name, {})


def bundle(data: bytes) -> None:
    """A bundle has a signature, over its statement or over something else."""
    decoded = decode_base64(of(data))
    assert decoded is None or len(decoded) <= len(data)
    found = parse_bundle(data)
    assert (found.signed is None) == (found.statement is None)
    if found.statement is not None:
        said(parse_statement, found.statement)


def artifact(data: bytes) -> None:
    """A list of referrers and the manifest of an artifact have annotations of texts alone."""
    entries = [*(said(parse_referrers, data) or ()), *parse_artifact(data).layers]
    for entry in entries:
        assert entry.size >= 0
        assert all(isinstance(value, str) for value in entry.annotations.values())


TARGETS = {
    "public-key": public_key,
    "payload": payload,
    "statement": statement,
    "bundle": bundle,
    "artifact": artifact,
}
