"""Logins, and the files that docker and podman keep them in. Read here, never written.

The rules are those of containers-auth.json(5) and of docker's config.json:
https://github.com/containers/image/blob/v5.34.2/docs/containers-auth.json.5.md and
https://github.com/docker/cli/blob/v28.0.0/cli/config/configfile/file.go
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from ..base import strict_json
from ..base.files import unreadable
from ..base.redact import quote
from ..base.table import InvalidField, Table
from ..errors import NixfetchError
from ..oci.reference import DOCKER_HUB

# The key under which `docker login` puts Docker Hub's login.
DOCKER_HUB_SERVER = "https://index.docker.io/v1/"
_DOCKER_HUB_HOSTS = {DOCKER_HUB, "index.docker.io", "registry-1.docker.io"}
# What `docker login` by the browser keeps beside the login: tokens for other services of Docker.
_NO_LOGINS = {f"{DOCKER_HUB_SERVER}access-token", f"{DOCKER_HUB_SERVER}refresh-token"}
_API_PATHS = {"v1/", "v2/"}
_HELPER_NAME = re.compile(r"[A-Za-z0-9._+-]+")
# It goes into a header as it is.
_TOKEN = re.compile(r"[!-~]+")
_HINT = "mend it, or log in again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Who to be at a registry. Neither `repr` nor `str` shows more of it than its source.

    `identity_token` is for the token server, as a refresh token of OAuth 2; `registry_token` is
    a Bearer token for the registry itself. What there is none of is empty. `source` is what to
    call its origin when talking to the person: a file's path, a helper's name.
    """

    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    identity_token: str = field(default="", repr=False)
    registry_token: str = field(default="", repr=False)
    source: str = ""

    @classmethod
    def from_table(cls, entry: Table, source: str) -> Self | None:
        """Read an entry of `auths`, None where it holds no login; raises `InvalidField`."""
        username, password = _decode(entry) or (text(entry, "username"), text(entry, "password"))
        identity, token = text(entry, "identitytoken"), text(entry, "registrytoken")
        if token and not _TOKEN.fullmatch(token):
            raise InvalidField("this is no token").at(entry.where("registrytoken"))
        if password and not username:
            raise InvalidField("a password without a user name").at(entry.path)
        if not (username or identity or token):
            # Docker leaves an empty entry where a helper has the login.
            return None
        return cls(
            username=username,
            password=password,
            identity_token=identity,
            registry_token=token,
            source=source,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Helper:
    """A program docker-credential-`name`, and the `place` in the file that asks for it."""

    name: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialFile:
    """What one file says.

    `logins` are by what they are for, which is a host or a path on it. `helpers` are by host,
    None where the file wants none asked for a host; `store` is the helper for every host.
    """

    logins: Mapping[str, Login] = field(default_factory=dict)
    helpers: Mapping[str, Helper | None] = field(default_factory=dict)
    store: Helper | None = None

    @classmethod
    def read(cls, path: Path, *, legacy: bool = False) -> Self | None:
        """Read a file, None where there is none; every error names it, and none its contents."""
        try:
            data = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            # The latter where HOME is /dev/null.
            return None
        except OSError as error:
            hint = "mend it; for a public image, --anonymous does without"
            raise unreadable(path, error, hint=hint) from None
        return cls.parse(data, str(path), legacy=legacy)

    @classmethod
    def parse(cls, data: bytes, source: str, *, legacy: bool = False) -> Self:
        """Read the bytes of the file `source`; `legacy` is the form of ~/.dockercfg.

        Raises `InvalidJson` and `InvalidField`, both without what the file holds.
        """
        try:
            # Docker takes an empty file for one without logins.
            document = strict_json.parse_table(
                data if data.strip() else b"{}", allow_duplicates_in_unread=True
            )
            if legacy:
                return cls(logins=_logins(document, source, legacy=True))
            return cls(
                logins=_logins(document.table_or_empty("auths"), source),
                helpers=_helpers(document.table_or_empty("credHelpers"), source),
                store=_helper(document, "credsStore", source),
            )
        except NixfetchError as error:
            # A key is as foreign as a value is.
            error.places = list(map(quote, error.places))
            error.hint = error.hint or _HINT
            raise error.at(source) from None

    def login(self, registry: str, repository: str) -> Login | None:
        """The login of the longest path that the repository is on."""
        path = f"{_host(registry)}/{repository}"
        while path and path not in self.logins:
            path = path.rpartition("/")[0]
        return self.logins.get(path)

    def helpers_for(self, registry: str) -> list[Helper]:
        """The helpers to ask for a registry's login, in their order."""
        own = self.helpers.get(_host(registry), self.store)
        if own is None:
            return []
        return [own] if self.store in (None, own) else [own, self.store]


def server_of(registry: str) -> str:
    """The name under which helpers know a registry."""
    return DOCKER_HUB_SERVER if _host(registry) == DOCKER_HUB else registry


def text(table: Table, key: str) -> str:
    """The string at `key`, empty where there is none; raises `InvalidField`."""
    value = table.get(key, str) or ""
    try:
        value.encode()
    except UnicodeEncodeError:
        # JSON can escape halves of surrogate pairs, which no request can carry.
        raise InvalidField("this is no Unicode text").at(table.where(key)) from None
    return value


def _logins(auths: Table, source: str, *, legacy: bool = False) -> dict[str, Login]:
    logins: dict[str, Login] = {}
    scopes = {key: _scope(key, legacy=legacy) for key in auths.values}
    # Of several keys for one host, the host's very name counts, then what docker writes.
    for key in sorted(scopes, key=lambda key: (key != scopes[key], key != DOCKER_HUB_SERVER)):
        login = Login.from_table(auths.table(key), source)
        if login is not None and key not in _NO_LOGINS:
            logins.setdefault(scopes[key], login)
    return logins


def _helpers(table: Table, source: str) -> dict[str, Helper | None]:
    return {_scope(key): _helper(table, key, source) for key in table.values}


def _helper(table: Table, key: str, source: str) -> Helper | None:
    name = table.get(key, str)
    if not name:
        return None
    if not _HELPER_NAME.fullmatch(name):
        raise InvalidField(
            "this cannot name a helper", hint="write what follows docker-credential- in its name"
        ).at(table.where(key))
    return Helper(name=name, place=f"{source}: {quote(table.where(key))}")


def _scope(key: str, *, legacy: bool = False) -> str:
    """What a key is for: a host, or where it is no URL maybe a path on it."""
    _, is_url, rest = key.rpartition("://")
    host, _, path = rest.partition("/")
    if is_url or legacy or path in _API_PATHS:
        return _host(host)
    return f"{_host(host)}/{path}".rstrip("/")


def _host(registry: str) -> str:
    return DOCKER_HUB if registry in _DOCKER_HUB_HOSTS else registry


def _decode(entry: Table) -> tuple[str, str] | None:
    """User name and password in `auth`, None where it has neither; raises `InvalidField`."""
    encoded = "".join(text(entry, "auth").split()).rstrip("=")
    if not encoded:
        return None
    where = entry.where("auth")
    try:
        decoded = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True).decode()
    except ValueError:
        raise InvalidField("this is not UTF-8 in base64").at(where) from None
    username, colon, password = decoded.partition(":")
    if not colon or not username:
        raise InvalidField("this is not the base64 of USER:PASSWORD").at(where)
    # Docker and podman ignore NULs there, which some programs have padded it with.
    return username, password.strip("\0")
