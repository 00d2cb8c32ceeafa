"""Nix's build sandbox: where it may hold a login, and what to say where none helped."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from ..errors import DeniedError, NixfetchError
from .auth_file import CredentialFile

# What the machine's owner lets into the sandbox, under this path; and what names another one.
FILE = Path("/etc/nixfetch-docker/auth.json")
VARIABLE = "NIXFETCH_DOCKER_AUTH_FILE"


def credential_files(
    environment: Mapping[str, str],
) -> Iterator[Callable[[], CredentialFile | None]]:
    """What reads each file of logins that a sandbox may hold, in the order of the search."""
    return (partial(_read, path) for path in _paths(environment))


def explain(error: DeniedError, registry: str, environment: Mapping[str, str]) -> None:
    """Say in a build's error which logins were looked for, where, and what to do."""
    if "NIX_BUILD_TOP" not in environment:
        return
    if error.login:
        error.hint = (
            f"the login from {error.login} was sent; replace it there, or fetch the image with "
            "your own: nixfetch-docker prefetch"
        )
        return
    looked = " nor ".join(f"in {path}{_state(path)}" for path in _paths(environment))
    error.hint = (
        f"no login for {registry} is {looked}; fetch the image with your own: "
        "nixfetch-docker prefetch, or let a login into the sandbox"
    )


def _read(path: Path) -> CredentialFile | None:
    try:
        return CredentialFile.read(path)
    except NixfetchError as error:
        error.hint = (
            "let the build users read it (group nixbld, mode 0440), and see that it is whole"
        )
        raise


def _paths(environment: Mapping[str, str]) -> list[Path]:
    named = environment.get(VARIABLE)
    return [*([Path(named)] if named else []), FILE]


def _state(path: Path) -> str:
    if os.path.islink(path):  # noqa: PTH114 - which never raises
        return ", a link, which leads nowhere in the sandbox: name the file itself"
    return "" if os.path.exists(path) else ", which is not there"  # noqa: PTH110
