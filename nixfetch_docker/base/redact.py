"""Foreign text made fit for a message: without secrets and control characters, and short."""

from __future__ import annotations

import base64
import re
from collections.abc import Collection

_LIMIT = 200
_CREDENTIALS = re.compile(r"\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}", re.IGNORECASE)
_USERINFO = re.compile(r"(?<=://)[^/\s@\"'<>]+@")
_QUERY = re.compile(r"(?<=[^\s?])\?[^\s\"'<>]*=[^\s\"'<>]*")
_SPACE = re.compile(r"\s+")
# To strike a password of three letters would take half of the message, and hide nothing.
_SHORTEST_SECRET = 4


def redact(text: str) -> str:
    """`text` without tokens, logins in URLs, and the queries of URLs, which may be presigned."""
    text = _CREDENTIALS.sub(r"\1 …", text)
    return _QUERY.sub("?…", _USERINFO.sub("", text))


def strike(text: str, secrets: Collection[str]) -> str:
    """`text` without any of the `secrets`."""
    # The longest first: one may be a part of another.
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "…")
    return text


def quote(text: str, secrets: Collection[str] = ()) -> str:
    """A foreign text on one line: redacted, without `secrets`, printable, cut at 200 characters."""
    line = _SPACE.sub(" ", text).strip()
    line = "".join(letter for letter in line if letter.isprintable())
    line = redact(strike(line, secrets))
    return line if len(line) <= _LIMIT else f"{line[:_LIMIT]}…"


def secrets_of(authorization: str) -> frozenset[str]:
    """The secrets in an `Authorization` header, in every form that a server may echo."""
    value = authorization.partition(" ")[2]
    found = {value, value.rstrip("=")}
    try:
        pair = base64.b64decode(value, validate=True).decode()
    except ValueError:
        pair = ""
    found |= {pair, pair.partition(":")[2]}
    return frozenset(secret for secret in found if len(secret) >= _SHORTEST_SECRET)
