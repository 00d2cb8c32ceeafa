"""Strings that may be the names of images."""

from __future__ import annotations

from ...errors import NixfetchError
from ...oci.reference import Reference

# Longer texts are no references.
_LONGEST = 300


def candidate(text: str, *, is_named: bool) -> Reference | None:
    """The reference that a text is, or None for other texts.

    It has a tag or a digest; and the host of a registry, unless `is_named` as an image.
    """
    if len(text) > _LONGEST or any(letter.isspace() for letter in text) or "//" in text:
        return None
    first, slash, _ = text.partition("/")
    has_host = bool(slash) and "." in first and first[:1].isalnum()
    if not has_host and not is_named:
        return None
    try:
        reference = Reference.parse(text)
    except NixfetchError:
        return None
    has_version = reference.digest is not None or (reference.tag or "").strip() != ""
    return reference if has_version else None
