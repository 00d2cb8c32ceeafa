"""One attestation of an image: the one that is asked for, by the signers who are demanded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..base.redact import quote
from ..base.units import first
from ..base.values import dataclass, replace
from ..errors import NixfetchError
from .attestation import Attestation, read
from .beside import Beside, Kind, Map, find_beside
from .predicate import is_of, name_of
from .rejected import Rejected
from .verification import verify

if TYPE_CHECKING:
    from ..oci.digest import Digest
    from ..oci.image import Image
    from ..registry.registries import Registries
    from .signer import Requirement

_HINT = "`inspect REF --signatures` lists what stands beside it"
_SHOWN = 8


class NoAttestation(NixfetchError):
    """An image without the attestation that is asked for, or with several, or by other signers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attested:
    """An attestation, and who of those that are demanded signed it: nobody, if nobody is.

    `others` say why others, which may be of the same type, are not taken for it.
    """

    attestation: Attestation
    signers: tuple[str, ...]
    others: tuple[NixfetchError, ...] = ()


class Attestations:
    """The search for attestations of one image, for one platform."""

    def __init__(self, registries: Registries, image: Image, map_: Map) -> None:
        """`map_` is that of `find_beside`."""
        self._registries = registries
        self._image = image
        self._map = map_

    def one(self, kind: str, digest: Digest | None, demanded: Sequence[Requirement]) -> Attested:
        """The attestation of a kind, as `predicate.parse_type` reads it, or with a digest of them.

        All that is `demanded` must hold. Raises `NoAttestation`, and other `NixfetchError` where
        one cannot be read.
        """
        found: dict[bytes, Attested] = {}
        errors: list[NixfetchError] = []
        for beside in self._beside(kind, digest):
            try:
                attestation = read(beside)
                if is_of(kind, attestation.type):
                    signers = self._signers(attestation, demanded)
                    found.setdefault(
                        attestation.data, Attested(attestation=attestation, signers=signers)
                    )
            except NixfetchError as error:
                errors.append(error)
        if not found:
            raise errors[0] if errors else NoAttestation("there is none of this type", hint=_HINT)
        if len(found) > 1:
            digests = [str(one.attestation.beside.content.digest) for one in found.values()]
            raise NoAttestation(
                f"there are {len(found)} of this type: {first(digests, _SHOWN)}",
                hint="choose one by --digest",
            )
        return replace(next(iter(found.values())), others=tuple(errors))

    def _beside(self, kind: str, digest: Digest | None) -> list[Beside]:
        """What may be it. What does not say its type must be read for it."""
        found = find_beside(
            self._registries,
            self._image.reference,
            self._image.digest,
            self._image.index,
            self._map,
        )
        found = [one for one in found if one.kind is not Kind.SIGNATURE]
        chosen = [one for one in found if not one.type or is_of(kind, one.type)]
        if digest is not None:
            chosen = [one for one in chosen if one.content.digest == digest]
        if not chosen:
            types = sorted({name_of(one.type) or quote(one.type) for one in found})
            has = f"there are {first(types, _SHOWN)}" if types else "there are none at all"
            raise NoAttestation(f"it has no such attestation; {has}", hint=_HINT)
        return chosen

    def _signers(
        self, attestation: Attestation, demanded: Sequence[Requirement]
    ) -> tuple[str, ...]:
        """The texts of the signers; raises `NoAttestation` and `NotSigned`."""
        index = self._image.index
        if attestation.is_statement and not attestation.signatures and index is not None:
            # It is in the index, which says it with all else that it has.
            return tuple(
                str(voucher)
                for one in demanded
                for voucher in verify(self._registries, self._image.reference, [index], one)
            )
        try:
            return tuple(
                text for one in demanded for text in attestation.check(self._image.reference, one)
            )
        except Rejected as reason:
            by = " or ".join(signer.text for one in demanded for signer in one.signers)
            digest = attestation.beside.content.digest
            raise NoAttestation(
                f"the attestation {digest.short} is not signed by {by}: it has {reason}",
                hint="ask its maker what is right, before you write another signer into signed-by",
            ) from None
