"""Logins that a person hands over for one run. No error tells anything of them."""

from __future__ import annotations

import re

from ..errors import NixfetchError
from .auth_file import Login

_TOKEN = re.compile(r"[!-~]+")


class InvalidLogin(NixfetchError):
    """What was given is no login."""


def from_password(username: str, text: str) -> Login:
    """A user name and a password, which is `text` without the end of its line."""
    password = text.removesuffix("\n").removesuffix("\r")
    if not password:
        raise InvalidLogin("there is no password on stdin", hint="pipe it in")
    return Login(username=username, password=password, source="--username")


def from_token(text: str, source: str) -> Login:
    """A Bearer token; `source` is what to call its origin."""
    token = text.strip()
    if not _TOKEN.fullmatch(token):
        raise InvalidLogin("this is no token", hint="a token is one word of printable ASCII")
    return Login(registry_token=token, source=source)


def from_credentials_file(text: str, source: str) -> Login:
    """Hocker's form: `USERNAME=` and `PASSWORD=` on a line each, or `BEARER_TOKEN=`."""
    fields: dict[str, str] = {}
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        name, equals, value = line.strip(" \t\r").partition("=")
        if not name or name.startswith("#"):
            continue
        if not equals or name not in {"USERNAME", "PASSWORD", "BEARER_TOKEN"} or name in fields:
            raise InvalidLogin(
                "USERNAME=, PASSWORD= or BEARER_TOKEN= belongs here, each once",
                hint="mend the file",
            ).at(f"line {number}")
        fields[name] = value
    if fields.keys() == {"BEARER_TOKEN"}:
        return from_token(fields["BEARER_TOKEN"], source)
    if fields.keys() != {"USERNAME", "PASSWORD"} or not all(fields.values()):
        raise InvalidLogin(
            "it holds no login", hint="write USERNAME= and PASSWORD= into it, or BEARER_TOKEN="
        )
    return Login(username=fields["USERNAME"], password=fields["PASSWORD"], source=source)
