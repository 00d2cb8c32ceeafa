"""The logins in Nix's build sandbox, and the hint for a build that a registry denied.

A sandbox has no home, so it has the auth files that `extra-sandbox-paths` lets in, and no others:
https://nix.dev/manual/nix/stable/command-ref/conf-file#conf-extra-sandbox-paths
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from ..base.files import FileError
from ..errors import DeniedError
from .auth_file import CredentialFile

# The default path of the auth file in the sandbox, and the variable that names a file before it.
FILE = Path("/etc/nixfetch-docker/auth.json")
VARIABLE = "NIXFETCH_DOCKER_AUTH_FILE"

_PREFETCH = "fetch the image with your own login: nixfetch-docker prefetch"


def credential_files(
    environment: Mapping[str, str],
) -> Iterator[Callable[[], CredentialFile | None]]:
    """The function that reads each auth file of a sandbox, in the order of the search."""
    return (partial(_read, path) for path in _paths(environment))


def explain(error: DeniedError, registry: str, environment: Mapping[str, str]) -> None:
    """Set the hint of a build's error: the login that was sent, or the files searched for one.

    Outside of a build, the error is left unchanged.
    """
    if "NIX_BUILD_TOP" not in environment:
        return
    if error.login:
        error.hint = f"it refused the login from {error.login}; replace it there, or {_PREFETCH}"
        return
    searched = " or ".join(f"{path}{_state(path)}" for path in _paths(environment))
    error.hint = (
        f"there is no login for {registry} in {searched}; {_PREFETCH}, "
        "or let a login into the sandbox"
    )


def _read(path: Path) -> CredentialFile | None:
    try:
        return CredentialFile.read(path)
    except FileError as error:
        error.hint = "let the build users read it: group nixbld, mode 0440"
        raise


def _paths(environment: Mapping[str, str]) -> list[Path]:
    named = environment.get(VARIABLE)
    return [*([Path(named)] if named else []), FILE]


def _state(path: Path) -> str:
    """A remark in parentheses on a path that leads to no file, else ""."""
    # Unlike those of `Path`, the functions of `os.path` never raise.
    if os.path.islink(path):  # noqa: PTH114
        return " (a symbolic link, which leads nowhere in the sandbox: name the file itself)"
    return "" if os.path.exists(path) else " (no such file)"  # noqa: PTH110
