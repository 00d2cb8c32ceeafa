"""Nix's build sandbox: where it may hold a login, and what to say where none helped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from .credential_files import CredentialFile
from .errors import DeniedError

# What the machine's owner lets into the sandbox, under this path; and what names another one.
FILE = Path("/etc/nixfetch-docker/auth.json")
VARIABLE = "NIXFETCH_DOCKER_AUTH_FILE"


def credential_files(
    environment: Mapping[str, str],
) -> Iterator[Callable[[], CredentialFile | None]]:
    """What reads each file of logins that a sandbox may hold, in the order of the search."""
    return (partial(CredentialFile.read, path) for path in _paths(environment))


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


def _paths(environment: Mapping[str, str]) -> list[Path]:
    named = environment.get(VARIABLE)
    return [*([Path(named)] if named else []), FILE]


def _state(path: Path) -> str:
    return "" if path.exists() else ", which is not there"
