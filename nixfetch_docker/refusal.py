"""What a registry's refusal means, in one line and with something to try."""

from __future__ import annotations

import json
from collections.abc import Mapping

import httpx

from .transport import RegistryError, display

_TEXT_LIMIT = 200

_HINTS = {
    401: "does the image exist, and is it public? Registries also answer this for a wrong name",
    403: "does the image exist, and is it public? Registries also answer this for a wrong name",
    404: "check the name and the tag",
    429: "the registry limits how often it is asked; wait a while",
}


def refusal(request: httpx.Request, status: int, body: bytes) -> RegistryError:
    """The error for an answer that is not the one hoped for; `body` may be cut off."""
    hint = _HINTS.get(
        status, "the registry is in trouble; try again later" if status >= 500 else ""
    )
    said = _said(body)
    answer = f"answered {status} ({said})" if said else f"answered {status}"
    return RegistryError(f"{request.method} {display(request.url)} {answer}", hint=hint)


def _said(body: bytes) -> str:
    """The registry's own words, or "" for what is not in the distribution spec's form.

    https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#error-codes
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    errors = document.get("errors") if isinstance(document, Mapping) else None
    first = errors[0] if isinstance(errors, list) and errors else None
    if not isinstance(first, Mapping):
        return ""
    words = [word for key in ("code", "message") if isinstance(word := first.get(key), str)]
    text = ": ".join(filter(None, words))
    return "".join(letter for letter in text if letter.isprintable())[:_TEXT_LIMIT]
