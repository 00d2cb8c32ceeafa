"""Whether an image is vouched for as a person demands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from ..errors import NixfetchError
from . import claim
from .claim import InvalidClaim
from .found import Search
from .rejected import Rejected
from .signature import Signature
from .signer import Requirement, Signer

if TYPE_CHECKING:
    from ..oci.digest import Digest
    from ..oci.reference import Reference
    from ..registry.registries import Registries
    from .voucher import Voucher

_SHOWN = 4
_UNSIGNED = (
    "sign it with cosign, skopeo or podman, or have whoever copies it copy its signatures too; "
    "signed-by = [] takes it as it is"
)
_OTHERS = "ask its maker what is right, before you write another key or identity into signed-by"


class NotSigned(NixfetchError):
    """An image that nobody vouches for whose word was demanded."""


def verify(
    registries: Registries,
    image: Reference,
    digests: Sequence[Digest],
    requirement: Requirement,
) -> tuple[Voucher, ...]:
    """Who vouches for an image, in the order of the signers, or of the digests.

    `image` is its repository, with its tag where it was found by one. The first of the `digests`
    is that of its index or only manifest, the others those of the manifests that are wanted of an
    index. It is vouched for where the first is, or else where all others are; as podman has it,
    where all others are. Any of the signers will do, each time, or all are needed, as the
    requirement says.

    Signatures are looked for at the image's mirrors and then at its registry, and no more of them
    than are needed. Raises `NotSigned`, and an error of the registry where nobody vouches and not
    all signatures could be looked at.
    """
    groups = requirement.groups()
    search = Search(
        registries, image, is_tag_alone=requirement.as_podman, is_repeated=len(groups) > 1
    )
    choices = requirement.choices(digests)
    found: list[Voucher] = []
    for signers in groups:
        trial = _Trial(search, image, signers, requirement)
        vouchers = next(filter(None, map(trial.of_each, choices)), None)
        if vouchers is None:
            raise trial.refusal(list(chain.from_iterable(choices)), found)
        found += vouchers
    return tuple(found)


class _Trial:
    """Whether any of some signers vouches for the digests of an image, and what else was found."""

    def __init__(
        self,
        search: Search,
        image: Reference,
        signers: tuple[Signer, ...],
        requirement: Requirement,
    ) -> None:
        self._search = search
        self._image = image
        self._signers = signers
        self._accepts = requirement.accepts
        self._hint = requirement.hint
        self._rejected: dict[Digest, list[Rejected]] = {}

    def _of(self, digest: Digest) -> Voucher | None:
        """The voucher of the first signature that counts for a digest."""
        rejected = self._rejected[digest] = []
        for one in self._search.of(digest):
            if isinstance(one, Rejected):
                rejected.append(_alone(one))
                continue
            reasons: list[Rejected] = []
            for signer in self._signers:
                try:
                    self._check(one, signer, digest)
                except Rejected as reason:
                    reasons.append(reason)
                else:
                    del self._rejected[digest]
                    return signer.voucher(digest)
            rejected.append(_alone(_best(reasons)))
        return None

    def of_each(self, digests: Sequence[Digest]) -> list[Voucher]:
        """A voucher for each of the digests, or none where one of them has none."""
        found: list[Voucher] = []
        for digest in digests:
            voucher = self._of(digest)
            if voucher is None:
                return []
            found.append(voucher)
        return found

    def _check(self, signature: Signature, signer: Signer, digest: Digest) -> None:
        signer.check(signature)
        # Only now: a text that nobody signed is not even read.
        try:
            claims = signature.claims()
        except InvalidClaim as error:
            raise _Void(
                f"a signature by {signer.text} whose text cannot be read ({error.cause})",
                "signatures whose texts cannot be read",
            ) from None
        except Rejected as reason:
            raise _Void(str(reason), reason.several) from None
        try:
            claim.check(claims, digest, self._image, self._accepts, signer.annotations)
        except Rejected as reason:
            raise _Void(f"{reason}, by {signer.text}", reason.several) from None

    def refusal(self, digests: Sequence[Digest], vouched: Sequence[Voucher]) -> NotSigned:
        """The error, which says what was looked for, where, and what was found."""
        who = " or ".join(signer.text for signer in self._signers) or "anybody"
        others = ", ".join(dict.fromkeys(map(str, vouched)))
        signed = f" (it is by {others})" if others else ""
        found = "; ".join(
            f"{digest.short} has {_listed(self._rejected[digest])}"
            for digest in digests
            if digest in self._rejected
        )
        tag = f"{digests[0].algorithm}-{digests[0].hex[:12]}….sig"
        places = (
            f"the tag {tag}" if self._search.is_tag_alone else f"the tag {tag} and for referrers"
        )
        looked = f"looked for {places} at {' and '.join(self._search.hosts)}"
        is_bare = not any(self._rejected.values())
        return NotSigned(
            f"it is not signed by {who}{signed}: {found} ({looked})",
            hint=self._hint or (_UNSIGNED if is_bare else _OTHERS),
        )


class _Void(Rejected):
    """A signature by a signer who was asked for, which does not count all the same."""


def _alone(reason: Rejected) -> Rejected:
    """The same reason without the frames where it was raised, which keep the signature."""
    return Rejected(str(reason), reason.several)


def _best(reasons: Sequence[Rejected]) -> Rejected:
    """The reason to tell of those that each of the signers gave: that of its own signer first."""
    if not reasons:
        return Rejected("a signature that nobody asked for", "signatures that nobody asked for")
    return next((one for one in reasons if isinstance(one, _Void)), reasons[0])


def _listed(rejected: Iterable[Rejected]) -> str:
    """The reasons in words, those that are alike together: `2 signatures by other keys`."""
    reasons = list(rejected)
    counts = Counter(one.several for one in reasons)
    first: dict[str, str] = {}
    for one in reasons:
        first.setdefault(one.several, str(one))
    told = [
        first[several] if count == 1 else f"{count} {several}" for several, count in counts.items()
    ]
    more = [f"{len(told) - _SHOWN} other kinds"] if len(told) > _SHOWN else []
    return " and ".join([*told[:_SHOWN], *more]) or "no signature"
