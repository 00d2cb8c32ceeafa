"""The target of attestations: statements, envelopes and bundles, and the types that they name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fuzz.text import of, said
from fuzz.trial import Target

from nixfetch_docker.oci.artifact import Attached
from nixfetch_docker.oci.descriptor import Descriptor
from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.oci.reference import Reference
from nixfetch_docker.signatures.attestation import read
from nixfetch_docker.signatures.beside import ENVELOPE_TYPE, Beside, Kind
from nixfetch_docker.signatures.bundle import IN_TOTO, MEDIA_TYPE
from nixfetch_docker.signatures.predicate import NAMES, is_of, name_of, parse_type
from nixfetch_docker.signatures.signer import Requirement

_SUBJECT = Digest.of(b"{}")
_WEB = Reference.parse("reg.lab/acme/web:1")


class _Place:
    """An endpoint that has one blob."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def blob(self, _digest: Digest, _size: int) -> bytes:
        return self._data


def attestation(data: bytes) -> None:
    """Whatever is read is about its subject, and nothing in it passes for a signer."""
    for media_type in (IN_TOTO, ENVELOPE_TYPE, f"{MEDIA_TYPE}.v0.3+json", "spdx+json"):
        descriptor = Descriptor(media_type=media_type, digest=Digest.of(data), size=len(data))
        place: Any = _Place(data)
        beside = Beside(
            kind=Kind.ATTESTATION,
            type="",
            subject=_SUBJECT,
            content=Attached(descriptor=descriptor, annotations={}),
            where="its index",
            media_type=media_type,
            place=place,
        )
        found = said(read, beside)
        if found is None:
            continue
        assert found.is_statement is (media_type != "spdx+json")
        assert not found.claims or any(claim.digest == _SUBJECT for claim in found.claims)
        assert said(found.check, _WEB, Requirement(signers=())) is None
        assert not found.is_statement or isinstance(found.statement, dict)
        said(lambda found=found: found.predicate)
        _type(found.type)
    _type(of(data))


def _type(text: str) -> None:
    name = name_of(text)
    assert name in {"", *NAMES}
    assert not name or is_of(name, text)
    asked = said(parse_type, text)
    assert asked is None or is_of(asked, asked) or asked in NAMES


TARGETS: Mapping[str, Target] = {"attestation": attestation}
