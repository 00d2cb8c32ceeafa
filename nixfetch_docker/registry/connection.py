"""The way to registries: this machine's network, and a person's logins."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..endpoints.configuration import Network
from ..endpoints.endpoint import Endpoint
from ..endpoints.settings import RegistrySettings
from ..logins.credentials import Logins
from .registries import Registries
from .session import Session
from .transport import Transport


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """What talks to registries, and what has gone over the wire so far."""

    network: Network
    registries: Registries
    transport: Transport


@contextmanager
def open_connection(
    settings: Mapping[str, RegistrySettings],
    logins: Logins,
    *,
    say: Callable[[str], None],
    log: Callable[[str], None] = lambda _: None,
    directory: Path = Path(),
    connections: int = 1,
    ca_file: Path | None = None,
) -> Iterator[Connection]:
    """Open the way to registries, and close it at the end.

    `settings` are those of images.toml, which is in `directory`; `say` is told of waits and
    detours, `log` of every request; `connections` bounds those to one host at once; `ca_file` is
    the CA bundle where the environment names none.
    """
    network = Network(settings, directory, os.environ)
    transport_ = Transport(connections=connections, tls=network.tls, ca_file=ca_file, log=log)
    with transport_ as transport:

        def new_session(endpoint: Endpoint) -> Session:
            return Session(
                transport,
                endpoint.url,
                lambda repository: logins.find(endpoint.registry, repository),
            )

        registries = Registries(transport, network.endpoints, new_session, say=say)
        yield Connection(network=network, registries=registries, transport=transport)
