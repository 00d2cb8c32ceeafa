"""Whether a pin is vouched for as images.toml demands, by the lock's record or by signatures."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from ..archives.local_reference import LocalReference
from ..base.values import replace
from ..errors import NixfetchError
from ..oci.digest import Digest
from ..oci.reference import Reference
from .demands import Demands
from .lock import LockedImage
from .vouchers import in_order

if TYPE_CHECKING:
    from ..registry.registries import Registries
    from ..signatures.signer import Requirement
    from ..signatures.voucher import Voucher


_RECORD = "`nixfetch-docker update` records who signs it by the keys of today"


class Unvouched(NixfetchError):
    """An image that nobody vouches for whose word is demanded.

    It is a `NotSigned` of the room signatures, of which nothing is imported where nothing is
    demanded.
    """


class WrongRecord(NixfetchError):
    """A record in the lock of somebody who does not vouch for the image."""


class Vouching:
    """The check of pins against demands. Safe to use from several threads."""

    def __init__(self, registries: Registries, demands: Demands) -> None:
        self._registries = registries
        self._demands = demands

    def vouched(self, pin: LockedImage, previous: LockedImage | None) -> LockedImage:
        """The pin with the record of who vouches for it.

        What is in the record of `previous` for the same tag is not verified again. Raises
        `Unvouched`, and `NixfetchError` where keys or signatures cannot be read.
        """
        demanded = self._demanded(pin)
        if not demanded:
            return _with(pin, _undemanded(pin, previous))
        recorded: set[Voucher] = set()
        if previous is not None and _place(previous) == _place(pin):
            recorded = {*previous.vouchers} & _possible(demanded, pin.digests)
        if all(one.is_met(recorded, pin.digests) for one in demanded):
            return _with(pin, recorded)
        return _with(pin, self._verified(pin, demanded))

    def verified(self, pin: LockedImage) -> tuple[Voucher, ...] | None:
        """Who vouches for a pin, whatever its record says; None where nobody is demanded.

        Raises as `vouched` does, and `WrongRecord` where the record names others, unless this
        machine's policy is what demands: another machine may have another one.
        """
        demanded = self._demanded(pin)
        if not demanded:
            return None
        found = in_order(self._verified(pin, demanded))
        if self._demands.is_of_images_toml(pin.request, _named(pin)):
            self._check_record(pin, demanded, found)
        return found

    def _check_record(
        self, pin: LockedImage, demanded: Sequence[Requirement], found: Collection[Voucher]
    ) -> None:
        """Raise `WrongRecord` for a voucher of the record that is not `found` and not true."""
        possible = {
            signer.voucher(digest): replace(one, signers=(signer,), every=False)
            for one in demanded
            for signer in one.signers
            for digest in pin.digests
        }
        for voucher in in_order({*pin.vouchers} - {*found}):
            key = f" with the fingerprint {voucher.fingerprint}" if voucher.fingerprint else ""
            recorded = f"the lock records {voucher}{key} as its signer"
            if voucher not in possible:
                raise WrongRecord(f"{recorded}, whom images.toml does not name", hint=_RECORD)
            try:
                self._verified(pin, [possible[voucher]])
            except Unvouched as error:
                raise WrongRecord(f"{recorded}, and {error.what}", hint=_RECORD) from None

    def _demanded(self, pin: LockedImage) -> tuple[Requirement, ...]:
        place = pin.request.reference
        if isinstance(place, LocalReference):
            self._demands.admit_file(place)
            return ()
        return self._demands.of(pin.request, _named(pin))

    def _verified(self, pin: LockedImage, demanded: Sequence[Requirement]) -> Collection[Voucher]:
        from ..signatures.verification import NotSigned, verify

        found: list[Voucher] = []
        try:
            for one in demanded:
                found += verify(self._registries, _named(pin), pin.digests, one)
        except NotSigned as error:
            raise Unvouched(error.what, hint=error.hint) from None
        return found


def _named(pin: LockedImage) -> Reference:
    """The name of the image with its tag, or else its digest, and both where both were asked."""
    asked = pin.request.reference
    digest = asked.digest if isinstance(asked, Reference) else None
    if pin.tag is None:
        return replace(pin.repository, digest=pin.digest)
    return replace(pin.repository, tag=pin.tag, digest=digest)


def _place(pin: LockedImage) -> tuple[Reference, str | None]:
    return pin.repository, pin.tag


def _undemanded(pin: LockedImage, previous: LockedImage | None) -> Collection[Voucher]:
    """The record to keep where nobody is demanded here.

    A person with another policy may have made it. It stays as long as the image and what is asked
    of it do.
    """
    if previous is None or previous.request != pin.request or previous.digests != pin.digests:
        return ()
    return previous.vouchers


def _with(pin: LockedImage, vouchers: Collection[Voucher]) -> LockedImage:
    if set(vouchers) == set(pin.vouchers):
        return pin
    return replace(pin, vouchers=in_order(vouchers))


def _possible(demanded: Sequence[Requirement], digests: Sequence[Digest]) -> set[Voucher]:
    """The records that the demands would lead to, of all signers for all digests."""
    return {
        signer.voucher(digest) for one in demanded for signer in one.signers for digest in digests
    }
