"""The registries as a command reaches them: with this machine's network and the person's logins."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .. import console
from ..credentials import Credentials
from ..endpoint import Endpoint
from ..errors import NixfetchError
from ..images import Images, RegistrySettings
from ..local_reference import LocalReference
from ..lock import LockedImage
from ..manifest import MANIFEST_LIMIT
from ..network import Network
from ..origin import UNKNOWN, Origin
from ..project import Project
from ..registry import Registries
from ..resolve import Resolver
from ..session import Session
from ..transport import Transport


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """What one run of a command talks to registries by."""

    network: Network
    registries: Registries
    transport: Transport

    def origin(self, image: LockedImage) -> Origin:
        """Where an image says that it comes from; nothing where that cannot be learned."""
        config = next(iter(image.platforms.values())).config
        if isinstance(image.request.reference, LocalReference) or config.size > MANIFEST_LIMIT:
            return UNKNOWN
        try:
            data = self.registries.small_blob(image.repository, config.digest, config.size)
        except NixfetchError:
            return UNKNOWN
        return Origin.from_config(data)


@contextmanager
def connect(
    settings: Mapping[str, RegistrySettings],
    *,
    directory: Path = Path(),
    connections: int = 1,
    ca_file: Path | None = None,
    anonymous: bool = False,
    credentials: Credentials | None = None,
) -> Iterator[Connection]:
    """Open the way to registries, and close it at the end.

    `settings` are those of images.toml, which is in `directory`; `connections` bounds those to
    one host at once; `ca_file` is the CA bundle where the environment names none; `credentials`
    are the person's own where none are given.
    """
    network = Network(settings, directory, os.environ)
    logins = credentials or Credentials.from_environment(os.environ)
    if anonymous:
        logins = Credentials.none()
    transport_ = Transport(
        connections=connections, tls=network.tls, ca_file=ca_file, log=console.detail
    )
    with transport_ as transport:

        def new_session(endpoint: Endpoint) -> Session:
            return Session(
                transport,
                endpoint.url,
                lambda repository: logins.find(endpoint.registry, repository),
            )

        registries = Registries(transport, network.endpoints, new_session, say=console.note)
        yield Connection(network=network, registries=registries, transport=transport)


@contextmanager
def resolving(
    arguments: argparse.Namespace, project: Project, images: Images
) -> Iterator[tuple[Resolver, Connection]]:
    """What resolves the requests of `images`, several at once, and what it talks by."""
    connection = connect(
        images.registries,
        directory=project.images_path.parent,
        connections=arguments.jobs,
        anonymous=arguments.anonymous,
    )
    # Leaving closes the connections first, so that an interrupted pool has nothing to wait for.
    with ThreadPoolExecutor(arguments.jobs) as pool, connection as connected:
        resolver = Resolver(
            connected.registries,
            pool.map,
            check=connected.network.check,
            directory=project.images_path.parent,
            only_digest=getattr(arguments, "only_digest", False),
        )
        yield resolver, connected
