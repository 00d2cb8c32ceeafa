"""The verification of keyless signatures by the library sigstore, which this module imports."""

from __future__ import annotations

import functools
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sigstore.errors import CertValidationError, VerificationError
from sigstore.models import Bundle, ClientTrustConfig, TrustedRoot
from sigstore.verify import Verifier

from ..base import files
from ..base.redact import quote
from ..errors import NixfetchError
from .bundle import IN_TOTO
from .certificate import Identified
from .promised_bundle import promised_bundle
from .rejected import Rejected
from .trusted_root import ROOT_HINT, root_fingerprint

if TYPE_CHECKING:
    from .signature import Signature


# By a part of what the library says: what it means, of one signature and of several.
_REASONS = (
    (
        "SCT",
        "whose certificate is in no log of certificates that is trusted",
        "whose certificates are in no log of certificates that is trusted",
    ),
    (
        "invalid log entry",
        "whose entry in the log was not signed by a log that is trusted",
        "whose entries in the log were not signed by a log that is trusted",
    ),
    *(
        (
            part,
            "whose entry in the log is of something else",
            "whose entries in the log are of something else",
        )
        for part in (
            "log entry payload",
            "log entry signatures",
            "transparency log entry",
            "log entry type",
            "Expected entry type",
        )
    ),
    *(
        (part, "that is over something else", "that are over something else")
        for part in ("Signature is invalid", "digest mismatch", "invalid signature")
    ),
)

# What it logs is in its errors too, and a library must not print.
logging.getLogger("sigstore").addHandler(logging.NullHandler())


def verify(signature: Signature, identity: str, issuer: str, trusted_root: Path | None) -> None:
    """Raise `Rejected` unless the certificate of a signature is for `identity`, and it signed.

    The certificate must be by an authority, and the signature in a log, of the `trusted_root`.
    Raises other `NixfetchError` where that cannot be read.
    """
    known = "" if trusted_root is None else root_fingerprint(trusted_root)
    verifier = _verifier(trusted_root, known)
    try:
        bundle = _bundle(signature)
    except Rejected:
        raise
    except NixfetchError as error:
        raise _unreadable(error.cause) from None
    # The library checks types with care, but promises no list of errors for foreign bytes.
    except Exception as error:
        raise _unreadable(quote(str(error))) from None
    try:
        _judge(verifier, signature, bundle, Identified(identity, issuer))
    except NixfetchError:
        raise
    except CertValidationError:
        raise _untrusted(bundle) from None
    except VerificationError as error:
        raise _refused(str(error)) from None
    except Exception as error:
        raise _unreadable(quote(str(error))) from None


def _bundle(signature: Signature) -> Bundle:
    if signature.bundle is None:
        return promised_bundle(signature)
    return Bundle.from_json(signature.bundle)


def _judge(verifier: Verifier, signature: Signature, bundle: Bundle, policy: Identified) -> None:
    if signature.bundle is None or signature.payload is None:
        verifier.verify_artifact(signature.signed, bundle, policy)
        return
    kind, payload = verifier.verify_dsse(bundle, policy)
    # What is believed later was parsed by other code.
    if kind != IN_TOTO or payload != signature.payload:
        raise _unreadable("its envelope reads in two ways")


@functools.cache
def _verifier(trusted_root: Path | None, _fingerprint: str) -> Verifier:
    if trusted_root is None:
        try:
            return Verifier(trusted_root=ClientTrustConfig.production().trusted_root)
        except Exception as error:
            raise NixfetchError(
                f"the trusted root of sigstore.dev cannot be fetched ({quote(str(error))})",
                hint=f"try again later; or {ROOT_HINT}",
            ) from None
    try:
        return Verifier(trusted_root=TrustedRoot.from_file(str(trusted_root)))
    except OSError as error:
        raise files.unreadable(trusted_root, error, hint=ROOT_HINT) from None
    except Exception as error:
        raise NixfetchError(
            f"it is no trusted root of sigstore ({quote(str(error))})",
            hint="`cosign trusted-root create` writes one",
        ).at(str(trusted_root)) from None


def _untrusted(bundle: Bundle) -> Rejected:
    certificate = bundle.signing_certificate
    time = _time(bundle)
    if time is not None and not (
        certificate.not_valid_before_utc <= time <= certificate.not_valid_after_utc
    ):
        return Rejected(
            "a keyless signature whose certificate was not valid when it was made",
            "keyless signatures whose certificates were not valid when they were made",
        )
    return Rejected(
        "a keyless signature with a certificate of an authority that is not trusted",
        "keyless signatures with certificates of authorities that are not trusted",
    )


def _time(bundle: Bundle) -> datetime | None:
    """When the log says that it took the entry, which may be wrong."""
    seconds = bundle.log_entry._inner.integrated_time  # noqa: SLF001 - for a message alone
    try:
        return None if not seconds else datetime.fromtimestamp(seconds, tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _refused(reason: str) -> Rejected:
    """The error for what the library says of a signature."""
    for part, one, several in _REASONS:
        if part in reason:
            return Rejected(f"a keyless signature {one}", f"keyless signatures {several}")
    return Rejected(
        f"a keyless signature that is refused ({quote(reason)})",
        "keyless signatures that are refused",
    )


def _unreadable(reason: str) -> Rejected:
    return Rejected(
        f"a keyless signature that cannot be read ({reason})",
        "keyless signatures that cannot be read",
    )
