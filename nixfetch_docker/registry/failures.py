"""What a registry's refusal means, in one line and with something to try."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Collection, Mapping

import httpx

from ..base.redact import quote
from ..errors import DeniedError, RegistryError, TransientError
from .retry import read_retry_after
from .urls import display

_DENIED = {401, 403}
_TRANSIENT = {408, 429, 500, 502, 503, 504}
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_TEXT_LIMIT = 16 * 1024
# As Go's net/http says, "… to an HTTPS server", and nginx, "… was sent to HTTPS port".
_WANTS_TLS = re.compile(r"HTTP request (was sent )?to (an )?HTTPS ", re.IGNORECASE)

# Docker Hub answers 401 for a repository that does not exist, ghcr 403: neither tells it apart
# from one that is private.
_NOT_ALLOWED = (
    "does the image exist, and is its name right? If it is private, log in with docker login "
    "or podman login"
)
_HINTS = {
    401: _NOT_ALLOWED,
    403: _NOT_ALLOWED,
    404: "check the name and the tag",
    408: "try again later",
    429: "the registry limits how often it is asked; log in for a higher limit, or try again later",
}


def refusal(
    request: httpx.Request,
    status: int,
    headers: httpx.Headers,
    body: bytes,
    secrets: Collection[str] = (),
) -> RegistryError:
    """The error for an answer that is not the one hoped for.

    `body` may be cut off; `secrets` are not repeated from it.
    """
    said = _said(body, secrets)
    what = f"{request.method} {display(request.url)} answered {status}"
    what = f"{what} ({said})" if said else what
    hint = _HINTS.get(
        status, "the registry is in trouble; try again later" if status >= 500 else ""
    )
    if status == 400 and request.url.scheme == "http" and _WANTS_TLS.search(said):
        host = request.url.netloc.decode("ascii")
        hint = f'it speaks TLS; set plain-http = false under [registries."{host}"]'
    if status in _TRANSIENT:
        retry_after = read_retry_after(headers.get("retry-after"))
        return TransientError(what, hint=hint, retry_after=retry_after)
    return (DeniedError if status in _DENIED else RegistryError)(what, hint=hint)


def _said(body: bytes, secrets: Collection[str]) -> str:
    """The registry's own words: its error code and message, a page's title, or a line of text.

    https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#error-codes
    """
    text = body[:_TEXT_LIMIT].decode("utf-8", "replace")
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        title = _TITLE.search(text)
        return quote(html.unescape(title[1] if title else _TAG.sub(" ", text)), secrets)
    errors = document.get("errors") if isinstance(document, Mapping) else None
    first = errors[0] if isinstance(errors, list) and errors else document
    if not isinstance(first, Mapping):
        return ""
    # Token servers and proxies have their own names for it.
    keys = ("code", "message", "details", "error", "error_description")
    words = [word for key in keys if isinstance(word := first.get(key), str)]
    return quote(": ".join(filter(None, words)), secrets)
