"""Signers who keep no key: a certificate says who signed, and a log that it was valid then.

The library sigstore verifies them. It is an optional dependency, and imported once it is asked for:
https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md#keyless and
https://docs.sigstore.dev/about/bundle/
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..base.redact import quote
from ..base.values import dataclass, field
from ..errors import NixfetchError
from ..oci.digest import Digest
from .rejected import Rejected
from .trusted_root import root_fingerprint
from .voucher import Voucher

if TYPE_CHECKING:
    from .signature import Signature

_INSTALL = (
    "install it with `pip install 'nixfetch-docker[keyless]'`; with Nix, add "
    "optional-dependencies.keyless to the package's dependencies by overridePythonAttrs"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentitySigner:
    """Whoever proved to be `identity`, a URI or a mail address, to the `issuer` of identities.

    `trusted_root` is the file that names the authorities and logs to believe; without it, they are
    those of sigstore.dev. `annotations` must be in the signature.
    """

    identity: str
    issuer: str
    trusted_root: Path | None = None
    annotations: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The identity and its issuer."""
        return f"{self.identity} ({self.issuer})"

    def check(self, signature: Signature) -> None:
        """Raise `Rejected` unless this identity signed, as the log confirms.

        Raises other `NixfetchError` where the library, or the trusted root, is not there.
        """
        if not signature.has_certificate:
            raise Rejected(
                "a signature by a key, without a certificate",
                "signatures by keys, without certificates",
            )
        try:
            from . import keyless
        except ImportError as error:
            raise NixfetchError(
                "keyless signatures are verified by the Python library sigstore, which is not here "
                f"({quote(str(error))})",
                hint=_INSTALL,
            ) from None
        keyless.verify(signature, self.identity, self.issuer, self.trusted_root)

    def voucher(self, digest: Digest) -> Voucher:
        """The record that this identity vouched for a digest, by the trusted root of now.

        Raises `FileError` where that cannot be read.
        """
        root = self.trusted_root
        return Voucher(
            signer=self.identity,
            digest=digest,
            fingerprint=None if root is None else root_fingerprint(root),
            issuer=self.issuer,
        )
