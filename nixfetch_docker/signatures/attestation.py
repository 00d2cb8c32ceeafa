"""Attestations of an image: what they say, and whether the right signer says it.

https://github.com/in-toto/attestation/blob/v1.1.0/spec/README.md
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

from ..base import strict_json
from ..base.redact import literal
from ..base.strict_json import InvalidJson
from ..base.table import InvalidField, Table
from ..base.values import dataclass
from ..errors import NixfetchError, placed
from ..oci.artifact import Attached, parse_artifact
from ..oci.document import MANIFEST_LIMIT
from . import claim
from .beside import ENVELOPE_TYPE, Beside
from .bundle import IN_TOTO, InvalidBundle, authenticated, decode_base64, parse_bundle
from .bundle import MEDIA_TYPE as BUNDLE_TYPE
from .claim import Claim, InvalidClaim, parse_attestation
from .rejected import Rejected
from .signature import CERTIFICATE_ANNOTATION, Signature
from .signer import Requirement, Signer

if TYPE_CHECKING:
    from ..oci.reference import Reference

_LIMIT = 32 * 1024 * 1024
# An SBOM of 32 MiB has about a million.
_VALUES_LIMIT = 2_000_000
_SIGNATURES_LIMIT = 20
_ENVELOPE_SHAPE: strict_json.Shape = {"signatures": {}}


class InvalidAttestation(NixfetchError):
    """Bytes that are no attestation, or none about the image that they stand beside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """An attestation that was read, of which nothing is verified.

    `type` is that of its predicate, or else the media type of a document without a statement.
    `data` is the statement of in-toto, or that document, in JSON. Each of the `signatures` is over
    all of it.
    """

    beside: Beside
    type: str
    data: bytes
    claims: tuple[Claim, ...] = ()
    signatures: tuple[Signature, ...] = ()
    is_statement: bool = True

    @property
    def statement(self) -> Any:
        """The statement, or the document, as a value of JSON."""
        return json.loads(self.data)

    @property
    def predicate(self) -> Any:
        """The predicate alone, or the document."""
        return self.statement.get("predicate") if self.is_statement else self.statement

    def check(self, image: Reference, requirement: Requirement) -> list[str]:
        """The texts of the signers, of those that are demanded, who made it for the `image`.

        Raises `Rejected` where they are too few. The annotations that a signer demands are those of
        signatures, and not asked here.
        """
        return [self._signer(image, requirement, group) for group in requirement.groups()]

    def _signer(self, image: Reference, requirement: Requirement, signers: Sequence[Signer]) -> str:
        reason = Rejected("no signature of its own", "no signatures of their own")
        for signature, signer in product(self.signatures, signers):
            try:
                signer.check(signature)
                claim.check(self.claims, self.beside.subject, image, requirement.accepts, {})
            except Rejected as error:
                reason = error
            else:
                return signer.text
        raise reason


def read(beside: Beside) -> Attestation:
    """Fetch and read an attestation.

    Raises `NixfetchError`, also for one that is about other content than it stands beside.
    """
    layer, data = _fetch(beside)
    kind = layer.descriptor.media_type
    with placed(f"the attestation {beside.content.digest.short}"):
        try:
            if kind.startswith(BUNDLE_TYPE):
                return _bundle(beside, layer, data)
            if kind == ENVELOPE_TYPE:
                return _envelope(beside, layer, data)
            if kind == IN_TOTO:
                return _statement(beside, data)
            _check_json(data)
        except (InvalidBundle, InvalidClaim, InvalidJson, InvalidField) as error:
            raise InvalidAttestation(error.cause) from None
    return Attestation(beside=beside, type=kind, data=data, is_statement=False)


def _fetch(beside: Beside) -> tuple[Attached, bytes]:
    """The layer that has the content, and its bytes."""
    layer = beside.content
    with placed(f"the attestation {layer.digest.short}"):
        if beside.is_referrer:
            _check_size(layer, MANIFEST_LIMIT)
            layers = parse_artifact(beside.place.manifest(layer.digest, layer.size).data).layers
            if len(layers) != 1:
                raise InvalidAttestation(f"its manifest has {len(layers)} layers, and one is read")
            layer = layers[0]
        _check_size(layer, _LIMIT)
    return layer, beside.place.blob(layer.digest, layer.size)


def _check_size(content: Attached, limit: int) -> None:
    if content.size > limit:
        raise InvalidAttestation(
            f"it has {content.size} bytes, and {limit} are the most that is read"
        )


def _bundle(beside: Beside, layer: Attached, data: bytes) -> Attestation:
    bundle = parse_bundle(data)
    if bundle.statement is None or bundle.signed is None:
        raise InvalidAttestation("it is a signature, which says nothing else")
    signature = Signature(
        where=beside.where,
        media_type=layer.descriptor.media_type,
        signed=bundle.signed,
        signature=bundle.signature,
        payload=bundle.statement,
        annotations=layer.annotations,
        bundle=data,
        has_certificate=bundle.has_certificate,
        subject=beside.subject,
    )
    return _statement(beside, bundle.statement, signature)


def _envelope(beside: Beside, layer: Attached, data: bytes) -> Attestation:
    """An envelope of DSSE alone, as cosign 1 and 2 push it."""
    table = strict_json.parse_table(data, shape=_ENVELOPE_SHAPE)
    kind = table.require("payloadType", str)
    if kind != IN_TOTO:
        raise InvalidAttestation(f"its payloadType is {literal(kind)}, not {IN_TOTO!r}")
    statement = _decode(table, "payload")
    signatures = table.tables("signatures")[:_SIGNATURES_LIMIT]
    return _statement(
        beside,
        statement,
        *(
            Signature(
                where=beside.where,
                media_type=layer.descriptor.media_type,
                signed=authenticated(statement),
                signature=_decode(signature, "sig"),
                payload=statement,
                annotations=layer.annotations,
                bundle=None,
                has_certificate=CERTIFICATE_ANNOTATION in layer.annotations,
                subject=beside.subject,
            )
            for signature in signatures
        ),
    )


def _statement(beside: Beside, data: bytes, *signatures: Signature) -> Attestation:
    predicate, claims = parse_attestation(data, _VALUES_LIMIT)
    if all(one.digest != beside.subject for one in claims):
        raise InvalidAttestation(f"it is not about {beside.subject.short}, beside which it stands")
    return Attestation(
        beside=beside, type=predicate, data=data, claims=claims, signatures=signatures
    )


def _check_json(data: bytes) -> None:
    if data.count(b",") > _VALUES_LIMIT:
        raise InvalidAttestation(f"it has more than {_VALUES_LIMIT} values")
    strict_json.parse(data)


def _decode(table: Table, key: str) -> bytes:
    found = decode_base64(table.require(key, str))
    if found is None:
        raise InvalidField("this is not base64").at(table.where(key))
    return found
