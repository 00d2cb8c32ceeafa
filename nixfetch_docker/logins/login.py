"""A login for a registry: its value, and the texts that it is read from.

No error shows any part of a login.
"""

from __future__ import annotations

import base64
from typing import Self

from ..base.regex import regex
from ..base.strict_json import as_struct
from ..base.table import InvalidField, Table
from ..base.values import dataclass, field
from ..errors import NixfetchError

# RFC 6750 allows fewer characters (section 2.1), but registries issue others; these are safe in
# an HTTP header: https://www.rfc-editor.org/rfc/rfc6750#section-2.1
_TOKEN = regex(r"[!-~]+")
_FIELDS = ("auth", "username", "password", "identitytoken", "registrytoken")
_TOKEN_HINT = "a token is one word of printable ASCII"  # noqa: S105 - a message


class InvalidLogin(NixfetchError):
    """A text that was given as a login, and is not one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A user name with a password, or a token, for a registry. A missing part is "".

    `identity_token` is an OAuth 2 refresh token, for the registry's token server:
    https://distribution.github.io/distribution/spec/auth/oauth/
    `registry_token` is a Bearer token for the registry itself. `source` names the login's origin
    for messages, such as a file's path or a helper's program. `repr` and `str` show it alone.
    """

    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    identity_token: str = field(default="", repr=False)
    registry_token: str = field(default="", repr=False)
    source: str = ""

    @classmethod
    def from_table(cls, entry: Table, source: str) -> Self | None:
        """The login in an entry of `auths`, or None; raises `InvalidField`.

        Its keys may be in any case, as docker and podman read them.
        The fields are those of docker's `AuthConfig`:
        https://github.com/docker/cli/blob/v28.0.0/cli/config/types/authconfig.go
        """
        entry = as_struct(entry, *_FIELDS)
        username, password = _decode(entry) or (
            unicode_text(entry, "username"),
            unicode_text(entry, "password"),
        )
        identity, token = unicode_text(entry, "identitytoken"), unicode_text(entry, "registrytoken")
        if token and not _TOKEN.fullmatch(token):
            raise InvalidField("this is not a token", hint=_TOKEN_HINT).at(
                entry.where("registrytoken")
            )
        if password and not username:
            raise InvalidField("there is a password, but no user name").at(entry.path)
        if not (username or identity or token):
            # Docker leaves an empty entry for a login that a helper keeps.
            return None
        return cls(
            username=username,
            password=password,
            identity_token=identity,
            registry_token=token,
            source=source,
        )


def from_password(username: str, text: str) -> Login:
    """A login of a user name and a password, which is the line `text`; raises `InvalidLogin`."""
    password = text.removesuffix("\n").removesuffix("\r")
    if not password:
        raise InvalidLogin("there is no password on stdin", hint="pipe it in")
    return Login(username=username, password=password, source="--username")


def from_token(text: str, source: str) -> Login:
    """A login of a Bearer token; `source` names its origin. Raises `InvalidLogin`."""
    token = text.strip()
    if not _TOKEN.fullmatch(token):
        raise InvalidLogin("this is not a token", hint=_TOKEN_HINT)
    return Login(registry_token=token, source=source)


def from_credentials_file(text: str, source: str) -> Login:
    """The login in the text of a credentials file; raises `InvalidLogin`.

    It has the lines `USERNAME=` and `PASSWORD=`, or a line `BEARER_TOKEN=`, as for hocker and for
    nixpkgs' fetchdocker, where the fields are named in
    https://github.com/NixOS/nixpkgs/blob/23.11/pkgs/build-support/fetchdocker/credentials.nix
    """
    fields: dict[str, str] = {}
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        name, equals, value = line.strip(" \t\r").partition("=")
        if not name or name.startswith("#"):
            continue
        if not equals or name not in {"USERNAME", "PASSWORD", "BEARER_TOKEN"} or name in fields:
            raise InvalidLogin(
                "expected USERNAME=, PASSWORD= or BEARER_TOKEN=, each once", hint="correct the line"
            ).at(f"line {number}")
        fields[name] = value
    if fields.keys() == {"BEARER_TOKEN"}:
        return from_token(fields["BEARER_TOKEN"], source)
    if fields.keys() != {"USERNAME", "PASSWORD"} or not all(fields.values()):
        raise InvalidLogin(
            "there is no complete login in it",
            hint="write USERNAME= and PASSWORD= into it, or BEARER_TOKEN= alone",
        )
    return Login(username=fields["USERNAME"], password=fields["PASSWORD"], source=source)


def unicode_text(table: Table, key: str) -> str:
    """The string at `key`, or ""; raises `InvalidField` where UTF-8 cannot encode it."""
    value = table.get(key, str) or ""
    try:
        value.encode()
    except UnicodeEncodeError:
        # JSON can escape halves of surrogate pairs, which no request can carry.
        raise InvalidField("this is not valid Unicode").at(table.where(key)) from None
    return value


def _decode(entry: Table) -> tuple[str, str] | None:
    """The user name and the password in `auth`, or None; raises `InvalidField`."""
    encoded = "".join(unicode_text(entry, "auth").split()).rstrip("=")
    if not encoded:
        return None
    where = entry.where("auth")
    try:
        decoded = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True).decode()
    except ValueError:
        raise InvalidField("this is not the base64 of UTF-8 text").at(where) from None
    username, colon, password = decoded.partition(":")
    if not colon or not username:
        raise InvalidField("this is not the base64 of USER:PASSWORD").at(where)
    # Some programs pad the password with NULs, which docker and podman strip.
    return username, password.strip("\0")
