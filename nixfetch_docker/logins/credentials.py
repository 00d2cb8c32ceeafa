"""The person's logins, found where docker and podman find them."""

from __future__ import annotations

import copy
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Generic, Self, TypeVar

from ..base.files import FileError
from ..errors import NixfetchError
from .auth_file import CredentialFile, Helper, Login, server_of
from .helper import ask

__all__ = ["Credentials", "Login"]

V = TypeVar("V")

VARIABLE = "DOCKER_AUTH_CONFIG"
FILE_VARIABLE = "REGISTRY_AUTH_FILE"
SYSTEM_DIRECTORY = Path("/run/containers")
_HELPER_SECONDS = 30.0


class _Once(Generic[V]):
    """A value that is made when it is first wanted, by whichever thread; or why there is none."""

    def __init__(self, make: Callable[[], V]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._is_made = False
        self._error: NixfetchError | None = None
        self._value: V

    def get(self) -> V:
        with self._lock:
            if not self._is_made:
                try:
                    self._value = self._make()
                except NixfetchError as error:
                    self._error = error
                self._is_made = True
        if self._error is not None:
            # A copy, because callers add their places to what they catch.
            raise copy.deepcopy(self._error)
        return self._value


class Credentials:
    """Logins by registry and repository; safe to use from several threads.

    A file is read when a search comes to it, and a helper asked; either is done once.
    """

    def __init__(
        self,
        files: Iterable[Callable[[], CredentialFile | None]],
        environment: Mapping[str, str],
        *,
        time_limit: float = _HELPER_SECONDS,
    ) -> None:
        """`files` are read in their order; `environment` and `time_limit` are the helpers'."""
        self._files = [_Once(read) for read in files]
        self._environment = environment
        self._time_limit = time_limit
        self._answers: dict[tuple[str, str], _Once[Login | None]] = {}
        self._lock = threading.Lock()

    @classmethod
    def from_environment(
        cls,
        environment: Mapping[str, str],
        *,
        first: Iterable[Callable[[], CredentialFile | None]] = (),
        time_limit: float = _HELPER_SECONDS,
        system_directory: Path = SYSTEM_DIRECTORY,
    ) -> Self:
        """The logins of the person whose environment it is; nothing is read yet.

        The files that `first` reads come before that person's own.
        A helper that takes longer than `time_limit` seconds is ended. `system_directory` is where
        podman keeps logins, by user ID, for who has no XDG_RUNTIME_DIR.
        """
        environment = dict(environment)
        files = [*first, *_files(environment, system_directory)]
        return cls(files, environment, time_limit=time_limit)

    @classmethod
    def none(cls) -> Self:
        """No logins."""
        return cls((), {})

    def find(self, registry: str, repository: str) -> Login | None:
        """The login for a repository; of several files, the first that has one counts.

        Raises `NixfetchError` for a file on the way that cannot be read or makes no sense, and
        for a helper that fails, never with anything that may be a secret.
        """
        for read in self._files:
            file = read.get()
            if file is None:
                continue
            for helper in file.helpers_for(registry):
                if login := self._ask(helper, registry):
                    return login
            if login := file.login(registry, repository):
                return login
        return None

    def _ask(self, helper: Helper, registry: str) -> Login | None:
        server = server_of(registry)
        question = partial(ask, helper.name, server, self._environment, time_limit=self._time_limit)
        with self._lock:
            answer = self._answers.setdefault((helper.name, server), _Once(question))
        try:
            return answer.get()
        except NixfetchError as error:
            raise error.at(helper.place) from None


def _files(
    environment: Mapping[str, str], system_directory: Path
) -> Iterator[Callable[[], CredentialFile | None]]:
    """What reads each file, in the order of the search."""
    home = environment.get("HOME")
    if text := environment.get(VARIABLE):
        # Lone surrogates are what Python makes of bytes that are not UTF-8; they stay as bad.
        yield partial(CredentialFile.parse, text.encode(errors="surrogatepass"), VARIABLE)
    if path := environment.get(FILE_VARIABLE):
        yield partial(_read_named, Path(path))
    else:
        if directory := environment.get("XDG_RUNTIME_DIR"):
            yield partial(CredentialFile.read, Path(directory, "containers/auth.json"))
        else:
            yield partial(CredentialFile.read, system_directory / f"{os.getuid()}/auth.json")
        if directory := environment.get("XDG_CONFIG_HOME") or (home and f"{home}/.config"):
            yield partial(CredentialFile.read, Path(directory, "containers/auth.json"))
    if directory := environment.get("DOCKER_CONFIG") or (home and f"{home}/.docker"):
        yield partial(CredentialFile.read, Path(directory, "config.json"))
    if home:
        yield partial(CredentialFile.read, Path(home, ".dockercfg"), legacy=True)


def _read_named(path: Path) -> CredentialFile:
    file = CredentialFile.read(path)
    if file is None:
        raise FileError(
            "there is no such file", hint=f"log in with podman login, or unset {FILE_VARIABLE}"
        ).at(str(path))
    return file
