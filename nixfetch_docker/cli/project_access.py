"""The registries as a command reaches them: with this machine's network and the person's logins."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from ..endpoints.settings import RegistrySettings
from ..lockfile.images import Images
from ..lockfile.project import Project
from ..lockfile.resolve import Resolver
from ..lockfile.sources import Sources
from ..logins.credentials import Credentials
from ..registry.connection import Connection, open_connection
from . import console


def connect(
    settings: Mapping[str, RegistrySettings],
    *,
    directory: Path = Path(),
    connections: int = 1,
    ca_file: Path | None = None,
    anonymous: bool = False,
    credentials: Credentials | None = None,
) -> AbstractContextManager[Connection]:
    """Open the way to registries, and close it at the end.

    `settings` are those of images.toml, which is in `directory`; `connections` bounds those to
    one host at once; `ca_file` is the CA bundle where the environment names none; `credentials`
    are the person's own where none are given.
    """
    logins = credentials or Credentials.from_environment(os.environ)
    return open_connection(
        settings,
        Credentials.none() if anonymous else logins,
        say=console.note,
        log=console.detail,
        directory=directory,
        connections=connections,
        ca_file=ca_file,
    )


@contextmanager
def resolving(
    arguments: argparse.Namespace, project: Project, images: Images
) -> Iterator[tuple[Resolver, Sources, Connection]]:
    """What resolves the requests of `images`, several at once, and what it talks by."""
    connection = connect(
        images.registries,
        directory=project.directory,
        connections=arguments.jobs,
        anonymous=arguments.anonymous,
    )
    # Leaving closes the connections first, so that an interrupted pool has nothing to wait for.
    with ThreadPoolExecutor(arguments.jobs) as pool, connection as connected:
        sources = Sources(connected.registries, project.directory, check=connected.network.check)
        only_digest = getattr(arguments, "only_digest", False)
        yield Resolver(sources, pool.map, only_digest=only_digest), sources, connected
