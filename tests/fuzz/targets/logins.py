"""Targets of the room logins/: auth files, credentials files, answers of credential helpers."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from fuzz.text import of, said

from nixfetch_docker.logins.auth_file import CredentialFile, server_of
from nixfetch_docker.logins.helper import ask
from nixfetch_docker.logins.login import (
    Login,
    from_credentials_file,
    from_password,
    from_token,
)

_HIDDEN = "correct-horse-battery"
_SCOPES = (("docker.io", "library/redis"), ("registry.lab:5000", "acme/web"))


def auth_file(data: bytes) -> None:
    """Logins can be looked up for every repository, and no error shows one."""
    hidden = "" if _is_in_a_key(data) else _HIDDEN
    for is_legacy in (True, False):
        found = said(CredentialFile.parse, data, "auth.json", legacy=is_legacy, hidden=hidden)
        if found is None:
            continue
        assert not hidden or hidden not in repr(found)
        for registry, repository in _SCOPES:
            server_of(registry)
            found.helpers_for(registry)
            login = found.login(registry, repository)
            assert login is None or _is_whole(login)


def _is_whole(login: Login) -> bool:
    """Whether a login can be sent: it has a user's name or a token, as text."""
    f"{login.username}:{login.password}{login.identity_token}{login.registry_token}".encode()
    return bool(login.username or login.identity_token or login.registry_token)


def _is_in_a_key(data: bytes) -> bool:
    """Whether a mutation has moved the secret into a key or a helper's name, which are shown."""
    keys: list[str] = []

    def note(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys.extend(key for key, _ in pairs)
        return dict(pairs)

    try:
        document = json.loads(data, object_pairs_hook=note)
    except (ValueError, RecursionError):
        return False
    named = document if isinstance(document, dict) else {}
    helpers = [named.get(key) for key in ("credHelpers", "credsStore")]
    return any(_HIDDEN in key for key in keys) or _HIDDEN in json.dumps(helpers)


def credentials_file(data: bytes) -> None:
    """A credentials file, a password or a token is read or refused without being shown."""
    text = of(data)
    for login in (said(from_token, text, "-"), said(from_password, "ann", text)):
        assert login is None or _HIDDEN not in repr(login)
    # The command reads the file as UTF-8, so it never has lone surrogates.
    text = data.decode(errors="replace")
    login = said(from_credentials_file, text, "credentials", hidden=_HIDDEN)
    assert login is None or _is_whole(login)


def helper(data: bytes) -> None:
    """Any answer of a helper is a login, none, or an error that shows no secret."""
    with tempfile.TemporaryDirectory() as directory:
        # The first line that begins with "exit" is the status; the rest is what it prints.
        head, newline, body = data.partition(b"\n")
        is_failing = bool(newline) and head.startswith(b"exit")
        Path(directory, "answer").write_bytes(body if is_failing else data)
        program = Path(directory, "docker-credential-fuzz")
        status = len(head) % 5 if is_failing else 0
        program.write_text(f"#!/bin/sh\ncat > /dev/null\ncat {directory}/answer\nexit {status}\n")
        program.chmod(0o755)
        path = f"{directory}:{os.environ['PATH']}"
        # A word of this length in quotation marks is what an answer's value looks like.
        hidden = f'"{_HIDDEN}"'
        login = said(ask, "fuzz", "registry.lab", {"PATH": path}, time_limit=30, hidden=hidden)
        assert login is None or _is_whole(login)


TARGETS = {"auth-file": auth_file, "credentials-file": credentials_file, "helper": helper}
