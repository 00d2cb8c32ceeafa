"""The registries as a command reaches them: with this machine's network and the person's logins."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from .. import console
from ..connection import Connection, open_connection
from ..credentials import Credentials
from ..images import RegistrySettings


def connect(
    settings: Mapping[str, RegistrySettings],
    *,
    directory: Path = Path(),
    connections: int = 1,
    ca_file: Path | None = None,
    anonymous: bool = False,
) -> AbstractContextManager[Connection]:
    """Open the way to registries, and close it at the end.

    `settings` are those of images.toml, which is in `directory`; `connections` bounds those to
    one host at once; `ca_file` is the CA bundle where the environment names none.
    """
    credentials = Credentials.none() if anonymous else Credentials.from_environment(os.environ)
    return open_connection(
        settings,
        credentials,
        say=console.note,
        directory=directory,
        connections=connections,
        ca_file=ca_file,
    )
