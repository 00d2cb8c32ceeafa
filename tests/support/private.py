"""Registries that require a login, and a check that Nix wrote its secret nowhere."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from .nix import Nix
from .process import run
from .registry import Registry, password_file
from .registry import registry as run_registry
from .tokens import tokens as run_tokens

USER, PASSWORD = "someone", "secret"
_PAIR = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


@contextmanager
def private_registry(kind: str, directory: Path) -> Iterator[Registry]:
    """Run a registry that only USER with PASSWORD may read; `kind` is htpasswd or tokens."""
    directory.mkdir(exist_ok=True)
    with ExitStack() as stack:
        if kind == "htpasswd":
            config = password_file(directory / "htpasswd")
        else:
            known = (USER, PASSWORD)
            config = stack.enter_context(run_tokens(directory / "tokens", known)).registry_config
        running = stack.enter_context(run_registry(directory / "private", config))
        running.push_credentials = f"{USER}:{PASSWORD}"
        yield running


def assert_no_secret(nix: Nix, *texts: str) -> None:
    """Assert that the login is neither in the texts nor in any file that Nix wrote."""
    for form in (f"{USER}:{PASSWORD}", _PAIR.rstrip("=")):
        assert not any(form in text for text in texts)
        found = run(["grep", "-rlaF", form, nix.real_store.parent, "--exclude-dir=home"])
        assert (found.returncode, found.stdout) == (1, ""), found
