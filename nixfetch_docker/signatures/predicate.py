"""Types of predicates: what an attestation says of an image, by the names that people use.

https://github.com/in-toto/attestation/blob/v1.1.0/spec/v1/predicate.md and
https://github.com/sigstore/cosign/blob/main/specs/COSIGN_PREDICATE_SPEC.md
"""

from __future__ import annotations

from ..base.nearest import nearest
from ..base.redact import literal
from ..errors import UsageError

# By the name of a kind: how the types of its predicates begin, and the media types of documents
# that say the same without a statement around them.
_KINDS = {
    "spdx": (
        ("https://spdx.dev/Document",),
        ("application/spdx+json", "text/spdx+json", "spdx+json", "text/spdx"),
    ),
    "cyclonedx": (
        ("https://cyclonedx.org/bom", "https://cyclonedx.org/schema"),
        ("application/vnd.cyclonedx+json", "application/vnd.cyclonedx"),
    ),
    "slsa": (("https://slsa.dev/provenance/",), ()),
}
NAMES = tuple(_KINDS)


def parse_type(text: str) -> str:
    """The kind or the type of predicates that a person asks for; raises `UsageError`."""
    if text in _KINDS or "://" in text:
        return text
    close = nearest(text, NAMES)
    raise UsageError(
        f"{literal(text)} is not a type of attestations",
        hint=f"did you mean {close}?"
        if close
        else f"write {', '.join(NAMES)}, or the URL of a predicate's type",
    )


def is_of(kind: str, found: str) -> bool:
    """Whether a predicate's type, or a document's media type, is one that a person asks for."""
    if kind not in _KINDS:
        return found == kind
    predicates, documents = _KINDS[kind]
    return found.startswith(predicates) or found in documents


def name_of(found: str) -> str:
    """The kind that a type belongs to, or "" for another."""
    return next((kind for kind in _KINDS if is_of(kind, found)), "")
