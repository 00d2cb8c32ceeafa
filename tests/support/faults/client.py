"""A client with little patience, the lines that it notified of, and the secrets of tests."""

from __future__ import annotations

import base64
import binascii
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from support.faults.registry import FaultRegistry
from support.faults.server import FaultServer
from support.oci import image, layer

from nixfetch_docker.base import files
from nixfetch_docker.endpoints.configuration import RegistryConfiguration
from nixfetch_docker.endpoints.settings import RegistrySettings
from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.lockfile.images import Request
from nixfetch_docker.lockfile.lock import LockedImage
from nixfetch_docker.lockfile.resolve import Resolver
from nixfetch_docker.lockfile.sources import Sources
from nixfetch_docker.logins.login import Login
from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.oci.manifest import Content
from nixfetch_docker.oci.platform import Platform
from nixfetch_docker.oci.reference import Reference
from nixfetch_docker.registry.registries import Registries
from nixfetch_docker.registry.retry import Patience
from nixfetch_docker.registry.transport import Transport

USER = "ann"
PASSWORD = "pa55-0f-ann"  # noqa: S105 - of a fake
IDENTITY = "1dentity-0f-ann"
REGISTRY_TOKEN = "reg1stry-t0ken-0f-ann"  # noqa: S105 - of a fake
SIGNATURE = "s1gnature-0f-the-cdn"
SECRETS = (PASSWORD, IDENTITY, REGISTRY_TOKEN, SIGNATURE)
SOURCE = "/home/ann/.docker/config.json"

WEB = image(layer({"hello": b"hi"}))
BLOB = random.Random(3).randbytes(40_000)  # noqa: S311 - no secret, and no gzip
GRANTED = "token-"  # how the tokens begin that fakes grant
IMPATIENT = Patience(
    connect=2,
    silence=0.5,
    head=2,
    floor_bytes=2000,
    floor_seconds=0.5,
    tries=3,
    first_pause=0.01,
    longest_pause=1,
    progress_bytes=20_000,
)
_MESSAGES = 60  # more than any faults that pass
_LONGEST = 1200


class EndlessError(AssertionError):
    """The error of a client that would go on for ever."""


def login(
    *,
    username: str = USER,
    password: str = "",
    identity_token: str = "",
    registry_token: str = "",
    source: str = SOURCE,
) -> Login:
    return Login(
        username=username,
        password=password,
        identity_token=identity_token,
        registry_token=registry_token,
        source=source,
    )


class _Logins:
    """Logins by the registry's host[:port]."""

    def __init__(self, logins: Mapping[str, Login]) -> None:
        self._logins = logins

    def find(self, registry: str, _repository: str) -> Login | None:
        return self._logins.get(registry)


class Client:
    """Registries over real connections; `said` are the lines for a person, `directory` is empty.

    Every error must be one bounded line without secrets, and leave no file behind.
    """

    def __init__(
        self,
        origin: FaultRegistry,
        directory: Path,
        *,
        logins: Mapping[FaultRegistry, Login] | None = None,
        mirrors: Sequence[FaultRegistry | str] = (),
        settings: Mapping[str, Any] | None = None,
        conf: str = "",
        environment: Mapping[str, str] | None = None,
        patience: Patience = IMPATIENT,
        connections: int = 8,
        lean: bool = False,
        at: str | None = None,
    ) -> None:
        """A client for the registry `origin`.

        `settings` are the origin's, `at` is its host[:port] where it has another one, `conf` is
        the text of registries.conf, `environment` has more variables, and requests are sent by
        `registry.lean` or else by `registry.pooled`.
        """
        self.said: list[str] = []
        self.host = at or origin.host
        self.directory = directory / "out"
        self.directory.mkdir(exist_ok=True)
        file = directory / "registries.conf"
        file.write_text(conf)
        environment = {"CONTAINERS_REGISTRIES_CONF": str(file), **(environment or {})}
        urls = tuple(one if isinstance(one, str) else one.url for one in mirrors)
        own = RegistrySettings(mirrors=urls, **(settings or {}))
        # What images.toml does not name is as registries.conf has it.
        configuration = RegistryConfiguration(
            {} if conf else {self.host: own}, directory, environment
        )
        found = {server.host: one for server, one in (logins or {}).items()}
        self.transport = Transport(
            connections=connections,
            lean=lean,
            tls=configuration.tls,
            patience=patience,
            environment=environment,
        )
        self.registries = Registries(
            self.transport, configuration.endpoints, _Logins(found), notify=self._notify
        )

    def _notify(self, text: str) -> None:
        _check(text)
        self.said.append(text)
        if len(self.said) > _MESSAGES:
            raise EndlessError(self.said[-3:])

    def reference(self, name: str) -> Reference:
        return Reference.parse(f"{self.host}/{name}")

    def digest(self, name: str = "web:1") -> str | None:
        found = self.registries.digest(self.reference(name))
        return None if found is None else str(found)

    def manifest(self, name: str = "web:1", size: int | None = None) -> Content:
        return self.registries.manifest(self.reference(name), size)

    def data(self, name: str = "web:1") -> bytes:
        return self.manifest(name).data

    def blob(
        self,
        digest: str,
        size: int | None = len(BLOB),
        *,
        repository: str = "web",
        name: str = "blob",
    ) -> bytes:
        """Fetch as `fetch-blob` does."""
        path = self.directory / name
        with files.replacing(path) as file:
            self.registries.blob(self.reference(repository), Digest.parse(digest), size, file)
        return path.read_bytes()

    def tags(self, repository: str = "web") -> list[str]:
        return self.registries.tags(self.reference(repository))

    def resolve(
        self, name: str = "web:1", *platforms: str, previous: LockedImage | None = None
    ) -> LockedImage:
        reference = self.reference(name)
        wanted = tuple(map(Platform.parse, platforms)) or None
        request = Request(image=str(reference), reference=reference, platforms=wanted)
        return Resolver(Sources(self.registries), map).resolve(request, previous)

    def fails(self, action: Callable[..., object], *arguments: Any, **named: Any) -> str:
        """The message of the error that an action ends in."""
        with pytest.raises(NixfetchError) as caught:
            action(*arguments, **named)
        assert list(self.directory.iterdir()) == []
        message = str(caught.value)
        _check(message)
        return message


MakeClient = Callable[..., Client]


def _check(message: str) -> None:
    assert message.isprintable(), message
    assert len(message) < _LONGEST, message[:200]
    for secret in (*SECRETS, GRANTED):
        assert not [form for form in _forms(secret) if form in message], message


def _forms(secret: str) -> list[str]:
    pair = base64.b64encode(f"{USER}:{secret}".encode()).decode()
    return [secret, pair, base64.b64encode(secret.encode()).decode().rstrip("=")]


def leaks(server: FaultServer, *secrets: str) -> list[str]:
    """The `secrets` that a server received, in a path, a header or a body, in any form."""
    found = []
    for request in server.requests:
        told = [request.path, unquote(request.path), unquote(request.body.decode("latin-1"))]
        for name, value in request.headers:
            told += [f"{name}: {value}", _decoded(value.rpartition(" ")[2])]
        found += [
            f"{request.method} {request.route}: {secret}"
            for secret in secrets
            for form in _forms(secret)
            if any(form in text for text in told)
        ]
    return found


def authorizations(server: FaultServer) -> list[str | None]:
    """The Authorization header of every request."""
    return [request.headers.get("Authorization") for request in server.requests]


def ranges(server: FaultServer) -> list[str | None]:
    """The Range header of every request."""
    return [request.headers.get("Range") for request in server.requests]


def port(server: FaultServer) -> int | None:
    return urlsplit(server.url).port


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("latin-1")
    except (binascii.Error, ValueError):
        return ""
