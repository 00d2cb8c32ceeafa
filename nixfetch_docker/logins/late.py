"""Logins that are looked for once a registry asks for one, which most never do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .credentials import Credentials
    from .login import Login


class LateLogins:
    """The logins that a function finds, which is called for the first search alone.

    Safe to use from several threads.
    """

    def __init__(self, make: Callable[[], Credentials]) -> None:
        self._make = make
        self._made: Credentials | None = None
        self._is_closed = False
        self._lock = threading.Lock()

    def find(self, registry: str, repository: str) -> Login | None:
        """The login for a repository, or None; raises the errors of the logins that are made."""
        with self._lock:
            if self._made is None:
                self._made = self._make()
                if self._is_closed:
                    self._made.close()
        return self._made.find(registry, repository)

    def close(self) -> None:
        """End the helpers that run, and ask no other: a search raises `Cancelled` from then on."""
        self._is_closed = True
        if self._made is not None:
            self._made.close()


def from_environment() -> Credentials:
    """The logins of docker and podman, of the user who runs this program."""
    import os

    from .credentials import Credentials

    return Credentials.from_environment(os.environ)


def none() -> Credentials:
    """No logins."""
    from .credentials import Credentials

    return Credentials.none()
