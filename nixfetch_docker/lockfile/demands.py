"""Who must vouch for an image: what images.toml says of it, of its registry, or else a policy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ..base import files
from ..errors import NixfetchError, placed
from .images import Images, Request
from .place import in_registry
from .signed_by import IdentityItem, Item, KeyItem, SignedBy

if TYPE_CHECKING:
    from ..archives.local_reference import LocalReference
    from ..oci.reference import Reference
    from ..signatures.public_key import PublicKey
    from ..signatures.signer import Requirement, Signer


class Policy(Protocol):
    """What this machine demands, whatever images.toml says."""

    def demand(self, image: Reference) -> tuple[Requirement, ...]:
        """What must hold for an image of a registry; raises `NixfetchError` for a refused one."""

    def admit_file(self, transport: str, path: Path, name: str | None) -> None:
        """Raise `NixfetchError` for an image in a file that is refused."""


class Demands:
    """The demands of an images.toml. Each key file is read once, when it is needed first.

    Safe to use from several threads.
    """

    def __init__(self, images: Images, directory: Path, policy: Policy | None = None) -> None:
        """Key files are named relative to `directory`.

        `policy` is asked about an image of which images.toml says nothing.
        """
        self._images = images
        self._directory = directory
        self._policy = policy
        self._keys: dict[str, PublicKey] = {}

    def of(self, request: Request, asked: Reference) -> tuple[Requirement, ...]:
        """What must hold for an image of a registry, all of it; nothing where nobody is demanded.

        `asked` is its name with its tag, or with its digest where it names one. Raises
        `NixfetchError` for a key file that cannot be used.
        """
        if request.signed_by is not None:
            return self._requirements(request.signed_by, "")
        return self._of_registry(asked)

    def is_of_images_toml(self, request: Request, asked: Reference) -> bool:
        """Whether `of` is what images.toml says, and nothing of this machine."""
        of_registry = self._images.demand_of(asked.registry)
        return request.signed_by is not None or of_registry is not None

    def _of_registry(self, asked: Reference) -> tuple[Requirement, ...]:
        of_registry = self._images.demand_of(asked.registry)
        if of_registry is not None:
            return self._requirements(of_registry, f'registries."{asked.registry}".')
        return () if self._policy is None else self._policy.demand(asked)

    def of_image(self, asked: Reference) -> tuple[Requirement, ...]:
        """The same for an image that is named by itself, with its tag or its digest.

        It is what the request for this very image demands, or else those that follow versions of
        its repository, or else all for its repository, or else the table of its registry.
        """
        requests = [
            request
            for request in self._images.requests.values()
            if in_registry(request.reference) and request.reference.name == asked.name
        ]
        found = [
            one for one in requests if in_registry(one.reference) and one.reference.tagged == asked
        ]
        found = found or [one for one in requests if one.follow is not None] or requests
        different = {one.signed_by: one for one in found}
        if not different:
            return self._of_registry(asked)
        return tuple(demand for one in different.values() for demand in self.of(one, asked))

    def admit_file(self, place: LocalReference) -> None:
        """Raise `NixfetchError` for an image in a file that the policy refuses."""
        if self._policy is None:
            return
        path = self._directory / place.path
        transport = place.kind.value
        if transport == "oci" and path.is_file():
            transport = "oci-archive"
        self._policy.admit_file(transport, path, place.name)

    def _requirements(self, signed_by: SignedBy, place: str) -> tuple[Requirement, ...]:
        if not signed_by.items:
            return ()
        from ..signatures.signer import Requirement

        signers: list[Signer] = []
        for position, item in enumerate(signed_by.items):
            with placed(f"{place}{signed_by.key}[{position}]"):
                signers.append(self._signer(item))
                if signed_by.every:
                    _refuse_twin(signers, signed_by)
        return (Requirement(signers=tuple(signers), every=signed_by.every),)

    def _signer(self, item: Item) -> Signer:
        if isinstance(item, IdentityItem):
            from ..signatures.identity_signer import IdentitySigner

            root = item.trusted_root
            return IdentitySigner(
                identity=item.identity,
                issuer=item.issuer,
                trusted_root=None if root is None else self._directory / root,
            )
        from ..signatures.signer import KeySigner

        return KeySigner(
            file=item.file, key=self._key(item), annotations=dict(item.annotations or ())
        )

    def _key(self, item: KeyItem) -> PublicKey:
        key = self._keys.get(item.file)
        if key is None:
            from ..signatures.public_key import PublicKey

            path = self._directory / item.file
            data = _read(path)
            with placed(path):
                key = self._keys[item.file] = PublicKey.parse(data)
        return key


def _refuse_twin(signers: Sequence[Signer], signed_by: SignedBy) -> None:
    """Raise where the last signer has the key of another: one signature would count for both."""
    from ..signatures.signer import KeySigner

    *others, last = signers
    for position, other in enumerate(others):
        if (
            isinstance(last, KeySigner)
            and isinstance(other, KeySigner)
            and (last.key, last.annotations) == (other.key, other.annotations)
        ):
            raise NixfetchError(
                f"it is the same key as {signed_by.key}[{position}]",
                hint="each of signed-by-all must be the key of another signer",
            )


def _read(path: Path) -> bytes:
    """The bytes of a key file; raises `FileError`."""
    try:
        return files.read_bytes(path)
    except FileNotFoundError:
        raise files.FileError(
            "there is no such file",
            hint="name the file of a public key in PEM, relative to images.toml",
        ).at(str(path)) from None
    except OSError as error:
        raise files.unreadable(path, error, hint="make it readable, or name another file") from None
    except NixfetchError as error:
        raise error.at(str(path)) from None
