"""Signers, and what a person demands of an image."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from ..base.values import dataclass, field
from ..oci.digest import Digest
from ..oci.reference import Reference
from .rejected import Rejected
from .voucher import Voucher

if TYPE_CHECKING:
    from .public_key import PublicKey
    from .signature import Signature


class Signer(Protocol):
    """Somebody whose signature a person demands."""

    @property
    def text(self) -> str:
        """The signer as messages name it."""

    @property
    def annotations(self) -> Mapping[str, str]:
        """The annotations that a signature must have, with their values."""

    def check(self, signature: Signature) -> None:
        """Raise `Rejected` unless this signer made the signature over its `signed` bytes.

        What these bytes say is not looked at.
        """

    def voucher(self, digest: Digest) -> Voucher:
        """The record that this signer vouched for a digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySigner:
    """The owner of a public key.

    `file` names the key as the person does, `annotations` must be in the signature.
    """

    file: str
    key: PublicKey
    annotations: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The file of the key, with the annotations that are wanted."""
        if not self.annotations:
            return self.file
        wanted = ", ".join(f"{name}={value}" for name, value in sorted(self.annotations.items()))
        return f"{self.file} with {wanted}"

    def check(self, signature: Signature) -> None:
        """Raise `Rejected` unless the owner of the key signed."""
        if self.key.verifies(signature.signature, signature.signed):
            return
        if signature.has_certificate:
            raise Rejected("a keyless signature, by no key", "keyless signatures, by no key")
        raise Rejected("a signature by another key", "signatures by other keys")

    def voucher(self, digest: Digest) -> Voucher:
        """The record that the owner of the key vouched for a digest."""
        return Voucher(
            signer=self.file,
            digest=digest,
            fingerprint=self.key.fingerprint,
            annotations=tuple(sorted(self.annotations.items())),
        )


def same_name(image: Reference, signed: Reference | None) -> bool:
    """Whether a signature for `signed` is one for `image`; one that names nothing is.

    The repository must be the same. cosign names that alone. skopeo and podman name a tag too,
    and then it must be the image's, so that an old image is not taken for a new one whose tag it
    was given. An image that is asked for by its digest alone has no tag to compare.
    """
    if signed is None:
        return True
    if signed.name != image.name:
        return False
    return signed.tag is None or image.tag is None or signed.tag == image.tag


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """The demand that any of the `signers`, or with `every` each of them, vouches for an image.

    `accepts` says whether a signature for its second reference is one for the image that is the
    first. The second is None for a signature that names nothing.

    With `as_podman`, signatures count that podman and skopeo look at: those below the tag
    `sha256-….sig` of each manifest. Those of an index, and of referrers, do not. `hint` says what
    to do where nobody vouches, "" for what is right for images.toml.
    """

    signers: tuple[Signer, ...]
    every: bool = False
    as_podman: bool = False
    accepts: Callable[[Reference, Reference | None], bool] = same_name
    hint: str = ""

    def groups(self) -> list[tuple[Signer, ...]]:
        """The signers of whom any will do, in groups of which all are needed."""
        is_each = self.every and self.signers
        return [(one,) for one in self.signers] if is_each else [self.signers]

    def choices(self, digests: Sequence[Digest]) -> list[Sequence[Digest]]:
        """The digests that must all be vouched for, one list as good as the next.

        The first of the `digests` is that of an index or an only manifest, the others those of the
        manifests that are wanted of an index.
        """
        top, *others = dict.fromkeys(digests)
        if not others:
            return [[top]]
        return [others] if self.as_podman else [[top], others]

    def is_met(self, recorded: Collection[Voucher], digests: Sequence[Digest]) -> bool:
        """Whether those vouch who have a record for some of the `digests`."""
        return all(
            any(
                all(any(one.voucher(digest) in recorded for one in group) for digest in choice)
                for choice in self.choices(digests)
            )
            for group in self.groups()
        )
