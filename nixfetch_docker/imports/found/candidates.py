"""Texts that may be images, where nothing that is known says so: they are told, and not taken."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from ...base.redact import literal
from ...base.regex import regex
from ...errors import NixfetchError
from ...oci.reference import Reference
from .image import ADD_IT, NotImportable
from .podman_name import REGISTRY

# Longer texts are no references.
_LONGEST = 300
_SEPARATOR = regex(r"[\s\"'`,;=<>()\[\]|]+|(?=docker://)")
# Also in braces, and in JSON: `{image: a}`, `"image":"a"`.
_OF_YAML = regex(
    r"(?:^|[{,])[ \t\-]*+[\"']?+image[\"']?+:(?:[ \t]++|(?=[\"']))"
    r"[\"']?+([^\s#\"'{},][^\s\"',}]*+)",
    re.MULTILINE,
)
_OF_HELM = regex(r"^[ \t\-]*+image:[ \t]*+\n[ \t]++(?:registry|repository|tag):", re.MULTILINE)
_OPTION = regex(r"image=[\"']?+([^\s\"';,]++)")
# Behind a path and a colon, how it is mounted.
_MOUNTED = frozenset({"cached", "delegated", "ro", "rw", "U", "z", "Z"})
_COMPUTED = regex(r"[${]")


def candidate(text: str, *, is_named: bool = False) -> Reference | None:
    """The reference that a text is, or None for other texts.

    It has a tag or a digest; and the host of a registry, unless it `is_named` as an image, which
    also `docker://` does.
    """
    is_named = is_named or text.startswith(REGISTRY)
    text = text.removeprefix(REGISTRY)
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


def tell_candidates(
    text: str, known: Container[str], *, is_named: bool = False
) -> Iterator[NotImportable]:
    """An error for each image in a text, in a word of its own or in a line `image: …` of YAML.

    Those that are `known`, in their full form, are left out. A text that `is_named` as an image may
    be one as a whole.
    """
    whole = candidate(text, is_named=True) if is_named else None
    first = [looks_like_one(whole)] if whole is not None else []
    told: set[str] = set()
    for error in (*first, *_in_yaml(text), *_in_words(text)):
        key = error.image or error.what
        if key not in told and key not in known:
            told.add(key)
            yield error


def _in_yaml(text: str) -> Iterator[NotImportable]:
    for found in _OF_YAML.finditer(text):
        if _COMPUTED.search(found[1]):
            yield NotImportable("a text has an image whose name is computed", hint=ADD_IT)
            continue
        try:
            reference = Reference.parse(found[1]).tagged
        except NixfetchError:
            continue
        yield NotImportable(
            f"a text has the image {literal(reference.familiar)}, which is left out",
            hint=ADD_IT,
            image=str(reference),
        )
    if _OF_HELM.search(text):
        yield NotImportable("a text has values that a chart makes an image of", hint=ADD_IT)


def _in_words(text: str) -> Iterator[NotImportable]:
    for found in _OPTION.finditer(text):
        if (reference := candidate(found[1], is_named=True)) is not None:
            yield looks_like_one(reference)
    for word in _SEPARATOR.split(text):
        begin, variable, _ = word.partition("$")
        if not variable:
            reference = candidate(word.strip(".:"))
            if reference is not None and reference.tag not in _MOUNTED:
                yield looks_like_one(reference)
        elif begin[-1:] in {":", "@"} and candidate(f"{begin[:-1]}:0") is not None:
            what = f"{literal(begin)} begins an image whose name is computed"
            yield NotImportable(what, hint=ADD_IT)


def looks_like_one(reference: Reference) -> NotImportable:
    """The error about a text that is an image by its form alone."""
    return NotImportable(
        f"{literal(reference.familiar)} looks like an image, and nothing says what it is for",
        hint="add it by `nixfetch-docker add`, if it is one",
        image=str(reference),
    )
