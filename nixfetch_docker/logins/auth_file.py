"""The format of the files in which docker and podman keep logins. They are only read.

The rules are those of containers-auth.json(5) and of docker's config.json:
https://github.com/containers/image/blob/v5.34.2/docs/containers-auth.json.5.md and
https://github.com/docker/cli/blob/v28.0.0/cli/config/configfile/file.go
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Self

from ..base import files, strict_json
from ..base.redact import quote
from ..base.regex import regex
from ..base.table import InvalidField, Table
from ..base.values import dataclass, field
from ..errors import NixfetchError
from ..oci.reference import DOCKER_HUB, DOCKER_HUB_HOSTS
from .login import Login

# The key of Docker Hub's login in docker's files, and its name for helpers.
DOCKER_HUB_SERVER = "https://index.docker.io/v1/"
# `docker login` by a browser adds these keys: their tokens are for other services of Docker.
_OTHER_TOKENS = {f"{DOCKER_HUB_SERVER}access-token", f"{DOCKER_HUB_SERVER}refresh-token"}
_API_PATHS = {"v1/", "v2/"}
_HELPER_NAME = regex(r"[A-Za-z0-9._+-]+")
_HINT = "correct it, or log in again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Helper:
    """The helper docker-credential-`name`, and the `place` that names it: a file and a key."""

    name: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialFile:
    """The logins and helpers that one file names.

    `logins` are by scope, a host or a path on a host. `helpers` are by host, with None for a host
    that has no helper, not even `store`, which is the helper of every other host.
    """

    logins: Mapping[str, Login] = field(default_factory=dict)
    helpers: Mapping[str, Helper | None] = field(default_factory=dict)
    store: Helper | None = None

    @classmethod
    def read(cls, path: Path, *, legacy: bool = False) -> Self | None:
        """Read a file; None where it does not exist.

        Raises `FileError`, and the errors of `parse`. They name the file and show none of its
        values.
        """
        try:
            data = files.read_bytes(path)
        except (FileNotFoundError, NotADirectoryError):
            # HOME may be /dev/null, below which no file can be.
            return None
        except files.FileError as error:
            raise error.at(str(path)) from None
        except OSError as error:
            hint = "make it readable; for a public image, pass --anonymous"
            raise files.unreadable(path, error, hint=hint) from None
        return cls.parse(data, str(path), legacy=legacy)

    @classmethod
    def parse(cls, data: bytes, source: str, *, legacy: bool = False) -> Self:
        """Read the bytes of the file that `source` names, for errors.

        `legacy` is the format of ~/.dockercfg, which is the table `auths` alone. Raises
        `InvalidJson` and `InvalidField`, neither of which shows a value of the file.
        """
        try:
            # Docker accepts an empty file.
            document = strict_json.parse_table(
                data if data.strip() else b"{}", allow_duplicates_in_unread=True
            )
            if legacy:
                return cls(logins=_logins(document, source, legacy=True))
            # Docker and podman take the keys of this object in any case, and those of `auths` not.
            document = strict_json.as_struct(document, "auths", "credHelpers", "credsStore")
            return cls(
                logins=_logins(document.table_or_empty("auths"), source),
                helpers=_helpers(document.table_or_empty("credHelpers"), source),
                store=_helper(document, "credsStore", source),
            )
        except NixfetchError as error:
            # Keys are foreign text too, and a URL among them may hold a password.
            error.places = list(map(quote, error.places))
            error.hint = error.hint or _HINT
            raise error.at(source) from None

    def login(self, registry: str, repository: str) -> Login | None:
        """The login with the longest scope that contains the repository, or None."""
        path = f"{_host(registry)}/{repository}"
        while path and path not in self.logins:
            path = path.rpartition("/")[0]
        return self.logins.get(path)

    def helpers_for(self, registry: str) -> list[Helper]:
        """The helpers to ask for a registry's login, in that order."""
        own = self.helpers.get(_host(registry), self.store)
        if own is None:
            return []
        return [own] if self.store in (None, own) else [own, self.store]


def server_of(registry: str) -> str:
    """The server URL by which helpers keep the login of a registry."""
    return DOCKER_HUB_SERVER if _host(registry) == DOCKER_HUB else registry


def _logins(auths: Table, source: str, *, legacy: bool = False) -> dict[str, Login]:
    logins: dict[str, Login] = {}
    scopes = {key: _scope(key, legacy=legacy) for key in auths.values}
    # Of several keys for one host, the plain host name wins, then docker's own key.
    for key in sorted(scopes, key=lambda key: (key != scopes[key], key != DOCKER_HUB_SERVER)):
        login = Login.from_table(auths.table(key), source)
        if login is not None and key not in _OTHER_TOKENS:
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
            "this is not the name of a helper",
            hint="write the part of its program's name after docker-credential-",
        ).at(table.where(key))
    return Helper(name=name, place=f"{source}: {quote(table.where(key))}")


def _scope(key: str, *, legacy: bool = False) -> str:
    """The host of a key, with the path on it unless the key is a URL."""
    _, is_url, rest = key.rpartition("://")
    host, _, path = rest.partition("/")
    if is_url or legacy or path in _API_PATHS:
        return _host(host)
    return f"{_host(host)}/{path}".rstrip("/")


def _host(registry: str) -> str:
    return DOCKER_HUB if registry in DOCKER_HUB_HOSTS else registry
