"""The policy.json of this machine, and what it demands of images. It is only read.

https://github.com/containers/image/blob/v5.34.2/docs/containers-policy.json.5.md
"""

from __future__ import annotations

import os
import threading
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ..base import files
from ..base.values import replace
from ..errors import NixfetchError
from ..oci.reference import Reference
from .policy import Policy
from .policy_requirement import KeySource, PolicyRequirement, Type

if TYPE_CHECKING:
    from .public_key import PublicKey
    from .signer import Requirement

_HINT = (
    'write in images.toml whose signature you want, as in signed-by = ["keys/acme.pub"], or '
    "signed-by = [] for none; or run this with --insecure-policy, which reads no policy.json"
)


class PolicyError(NixfetchError):
    """An image that the policy.json of this machine refuses, or a policy that cannot be obeyed."""


class PolicyFile:
    """A policy.json, read when it is first needed. Safe to use from several threads."""

    def __init__(self, path: Path, *, is_named: bool = False) -> None:
        """`is_named` is that of `files.read_bytes`."""
        self._path = path
        self._is_named = is_named
        self._lock = threading.Lock()
        self._keys: dict[KeySource, PublicKey] = {}

    def demand(self, image: Reference) -> tuple[Requirement, ...]:
        """The requirements for an image in a registry. All of them must hold; there may be none.

        Raises `PolicyError` for an image that is refused, whatever its signatures, and other
        `NixfetchError` for a policy, or a key in it, that cannot be read.
        """
        # Of a name with both a tag and a digest, podman reads the digest.
        asked = image.tagged if image.digest is None else replace(image, tag=None)
        with self._lock:
            found = self._policy.for_image(asked)
            return tuple(self._requirement(one) for one in found if one.type is not Type.ACCEPT)

    def admit_file(self, transport: str, path: Path, name: str | None) -> None:
        """Raise as `demand` does for an image in a file: it has no signature that could be asked.

        `transport` is that of containers-transports(5), `name` chooses one of several images.
        """
        with self._lock:
            found = self._policy.for_file(transport, os.path.realpath(path), name)
        for requirement in found:
            if requirement.type is not Type.ACCEPT:
                self._refuse(requirement)
                raise self._error(
                    requirement, "it asks for a signature, which an image in a file has not"
                )

    @cached_property
    def _policy(self) -> Policy:
        return _read(self._path, is_named=self._is_named)

    def _requirement(self, found: PolicyRequirement) -> Requirement:
        from .signer import KeySigner, Requirement

        self._refuse(found)
        # The lock has these texts: where this machine keeps its policy is not for everybody.
        signers = tuple(
            KeySigner(
                file=source.path or f"{self._path.name}: {source.where}", key=self._key(source)
            )
            for source in found.keys
        )
        hint = f"{self._path} asks for that ({found.where}); {_HINT}"
        return Requirement(
            signers=signers, as_podman=True, accepts=found.identity.accepts, hint=hint
        )

    def _refuse(self, found: PolicyRequirement) -> None:
        """Raise for a requirement that no image fulfils, here or anywhere."""
        if found.type is Type.REJECT:
            raise self._error(found, "images of this scope are refused (reject)")
        if found.unsupported:
            raise self._error(found, f"it asks for {found.unsupported}, and this is not supported")

    def _error(self, found: PolicyRequirement, what: str) -> PolicyError:
        return PolicyError(what, hint=_HINT).at(f"{self._path}: {found.where}")

    def _key(self, source: KeySource) -> PublicKey:
        key = self._keys.get(source)
        if key is not None:
            return key
        from .public_key import PublicKey

        place = f"{self._path}: {source.where}"
        try:
            data = files.read_bytes(Path(source.path)) if source.path else source.data
            key = PublicKey.parse(data)
        except OSError as error:
            raise files.unreadable(Path(source.path), error, hint=_HINT).at(place) from None
        except NixfetchError as error:
            raise (error.at(source.path) if source.path else error).at(place) from None
        self._keys[source] = key
        return key


def _read(path: Path, *, is_named: bool) -> Policy:
    try:
        return Policy.parse(files.read_bytes(path, is_named=is_named))
    except OSError as error:
        raise files.unreadable(path, error) from None
    except NixfetchError as error:
        if not error.hint:
            error.hint = "containers-policy.json(5) says what may stand there"
        raise error.at(str(path)) from None
