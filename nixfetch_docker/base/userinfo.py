"""The login in a text that names a registry: the `ann:password@` of `https://ann:password@host`.

It is the userinfo of https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1, here also in texts that
are no URL, because the scheme is missing or mistyped. A login is never part of a setting: others
read images.toml, and Nix writes settings into derivations, which every user can read.
"""

from __future__ import annotations

import re

# Also percent-encoded, once or more than once.
_AT = re.compile(r"@|%(?:25)*40")
_SCHEME = re.compile(r"\s*[A-Za-z][A-Za-z0-9+.-]{0,15}://")
_DIGEST = re.compile(r"@sha[0-9]{3}:[0-9A-Fa-f]{0,128}")

HINT = "log in with docker login or podman login"


def has_login(text: str) -> bool:
    """Whether a text that names a registry or an image has a login in it.

    A digest behind the name, as in `redis@sha256:…`, is none. A user name or token alone is one.
    """
    name, at, _ = text.rpartition("@")
    if at and _DIGEST.fullmatch(text, len(name)):
        text = name
    return _AT.search(text) is not None


def without_login(text: str) -> str:
    """`text` for a message: "…@" where it has a login, and the same text where it has none."""
    if not has_login(text):
        return text
    scheme = _SCHEME.match(text)
    last = max(match.end() for match in _AT.finditer(text))
    return f"{scheme[0].strip() if scheme else ''}…@{text[last:]}"
