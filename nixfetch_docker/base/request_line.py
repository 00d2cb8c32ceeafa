"""Requests in messages, such as `GET https://registry.lab/v2/web/manifests/1`.

Their short form is the host alone. A URL is long, and tells most people nothing more.
"""

from __future__ import annotations

import re

from .regex import regex

# A message goes on behind the URL after a space or one of these.
_BEHIND = ":;,)"
_REQUEST = regex(r"\b(?:GET|HEAD|POST) https?://([^\s/]++)(\S*+)")


def request_line(method: str, url: str) -> str:
    """The name of a request in messages; `url` is fit for them, without a secret."""
    return f"{method} {url}"


def without_urls(text: str) -> str:
    """A message with the host in place of each request."""
    return _REQUEST.sub(_host, text)


def starts_with_request(text: str) -> bool:
    """Whether a message begins with a request."""
    return _REQUEST.match(text) is not None


def host_of(text: str) -> str:
    """The host of the first request in a message, or ""."""
    found = _REQUEST.search(text)
    return found[1].rstrip(_BEHIND) if found is not None else ""


def _host(request: re.Match[str]) -> str:
    behind = request[2][len(request[2].rstrip(_BEHIND)) :]
    return f"{request[1]}{behind}"
