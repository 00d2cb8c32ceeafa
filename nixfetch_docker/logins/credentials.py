"""Logins by registry and repository, from the files and helpers of docker and podman."""

from __future__ import annotations

import copy
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Generic, Protocol, Self, TypeVar

from ..base.files import FileError
from ..errors import NixfetchError
from .auth_file import CredentialFile, Helper, server_of
from .helper import Running, ask
from .login import Login

V = TypeVar("V")

VARIABLE = "DOCKER_AUTH_CONFIG"
FILE_VARIABLE = "REGISTRY_AUTH_FILE"
SYSTEM_DIRECTORY = Path("/run/containers")
_HELPER_SECONDS = 30.0


class Logins(Protocol):
    """An object that finds the login for a repository."""

    def find(self, registry: str, repository: str) -> Login | None:
        """The login for a repository, or None.

        `registry` is the host of a reference. Raises `NixfetchError`.
        """


class GivenLogins:
    """Logins that were given for some registries, and other logins for the rest."""

    def __init__(self, given: Mapping[str, Login], others: Logins) -> None:
        """`given` has logins by registry, the host of a reference."""
        self._given = given
        self._others = others

    def find(self, registry: str, repository: str) -> Login | None:
        """The login for a repository, or None; raises the errors of the other logins."""
        return self._given.get(registry) or self._others.find(registry, repository)


class _Once(Generic[V]):
    """A value, or an error, that the first thread to ask for it makes, once."""

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
            # A copy, because every caller adds its own places to the error.
            raise copy.deepcopy(self._error)
        return self._value


class Credentials:
    """The logins in files, and in the helpers that they name. Safe to use from several threads.

    A file is read, and a helper asked about a registry, when a search first needs it, and once.
    """

    def __init__(
        self,
        files: Iterable[Callable[[], CredentialFile | None]],
        environment: Mapping[str, str],
        *,
        time_limit: float = _HELPER_SECONDS,
    ) -> None:
        """`files` has the function that reads each file, in the order of the search.

        Helpers run with `environment`; one that takes longer than `time_limit` seconds is ended.
        """
        self._files = [_Once(read) for read in files]
        self._environment = environment
        self._time_limit = time_limit
        self._answers: dict[tuple[str, str], _Once[Login | None]] = {}
        self._lock = threading.Lock()
        self._running = Running()

    @classmethod
    def from_environment(
        cls,
        environment: Mapping[str, str],
        *,
        first: Iterable[Callable[[], CredentialFile | None]] = (),
        time_limit: float = _HELPER_SECONDS,
        system_directory: Path = SYSTEM_DIRECTORY,
    ) -> Self:
        """The logins of the user whose environment this is. No file is read yet.

        Files are searched in the order of containers-auth.json(5), after those that `first` reads.
        A helper that takes longer than `time_limit` seconds is ended. In `system_directory`,
        podman keeps logins by user ID where XDG_RUNTIME_DIR is not set.
        """
        environment = dict(environment)
        files = [*first, *_files(environment, system_directory)]
        return cls(files, environment, time_limit=time_limit)

    @classmethod
    def none(cls) -> Self:
        """No logins."""
        return cls((), {})

    def close(self) -> None:
        """End the helpers that run, and ask no other: a search raises `Cancelled` from then on."""
        self._running.end()

    def find(self, registry: str, repository: str) -> Login | None:
        """The login for a repository in the first file that has one, or None.

        Raises `NixfetchError` for a file that is searched and cannot be read, and for a helper
        that fails. No error shows a secret.
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
        question = partial(
            ask,
            helper.name,
            server,
            self._environment,
            time_limit=self._time_limit,
            running=self._running,
        )
        with self._lock:
            answer = self._answers.setdefault((helper.name, server), _Once(question))
        try:
            return answer.get()
        except NixfetchError as error:
            raise error.at(helper.place) from None


def _files(
    environment: Mapping[str, str], system_directory: Path
) -> Iterator[Callable[[], CredentialFile | None]]:
    """The function that reads each file, in the order of the search."""
    home = environment.get("HOME")
    if text := environment.get(VARIABLE):
        # Python decodes bytes that are not UTF-8 to lone surrogates, and the parser refuses them.
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
            "there is no such file",
            hint=f"create it with podman login, or unset {FILE_VARIABLE}",
        ).at(str(path))
    return file
