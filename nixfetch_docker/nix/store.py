"""The Nix store, through the commands that every Nix has had since 2.0."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path

from ..base.redact import quote
from ..errors import NixfetchError
from ..oci.digest import Digest
from .store_path import blob_path

# Nix waits for a busy database, except while it opens a new one, where it gives up at once.
_BUSY = "is busy"
_BUSY_WAITS_SECONDS = (0.1, 0.4, 1.6)

# A command line may have 2 MiB on Linux and 1 MiB on macOS; a path has some 120 bytes.
_PATHS_AT_ONCE = 1000


class StoreError(NixfetchError):
    """Nix is not there, or does not do what it is told."""


class Store:
    """A Nix store, by default the one that Nix uses of itself (`NIX_REMOTE`, its daemon)."""

    def __init__(self, environment: Mapping[str, str], uri: str | None = None) -> None:
        """`uri` is what Nix takes for `--store`; `environment` is Nix's."""
        self._environment = environment
        self._uri = uri

    def path(self, digest: Digest) -> str:
        """Where a blob is, or would be."""
        return blob_path(self._directory, digest)

    def lacks(self, digests: Iterable[Digest]) -> set[Digest]:
        """Those of the blobs that are not there; raises `StoreError`."""
        paths = {self.path(digest): digest for digest in digests}
        lacking: set[Digest] = set()
        for some in _portions(paths):
            found = self._run("nix-store", "--check-validity", "--print-invalid", *some)
            lacking.update(paths[path] for path in found.splitlines())
        return lacking

    def substitute(self, digests: Collection[Digest]) -> None:
        """Let Nix fetch from its substituters what they have of the blobs; raises `StoreError`."""
        for some in _portions(map(self.path, digests)):
            self._run(
                "nix-store", "--realise", "--ignore-unknown", "--fallback", "--keep-going", *some
            )

    def add(self, files: Sequence[Path]) -> list[Path]:
        """Copy files into the store, each under the name of the blob that it is.

        Returns those that are something else than their names say; raises `StoreError`.
        """
        wrong = []
        for algorithm in ("sha256", "sha512"):
            mine = [str(file) for file in files if file.name.startswith(f"{algorithm}-")]
            for some in _portions(mine):
                added = self._run("nix-store", "--add-fixed", algorithm, *some).splitlines()
                for name, path in zip(some, added, strict=True):
                    if path != self.path(_digest(Path(name))):
                        wrong.append(Path(name))
        return wrong

    @cached_property
    def _directory(self) -> str:
        value = self._run("nix-instantiate", "--eval", "--json", "--expr", "builtins.storeDir")
        return str(json.loads(value))

    def _run(self, program: str, *arguments: str) -> str:
        """The stdout of a program of Nix."""
        done = self._try_run(program, arguments)
        for seconds in _BUSY_WAITS_SECONDS:
            if done.returncode == 0 or _BUSY not in _failure(done):
                break
            time.sleep(seconds)
            done = self._try_run(program, arguments)
        if done.returncode != 0:
            raise StoreError(f"{program} {arguments[0]} failed ({quote(_failure(done))})")
        return done.stdout.decode()

    def _try_run(
        self, program: str, arguments: Iterable[str]
    ) -> subprocess.CompletedProcess[bytes]:
        store = [] if self._uri is None else ["--store", self._uri]
        try:
            return subprocess.run(  # noqa: S603 - no shell
                [program, *arguments, *store],
                env=dict(self._environment),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
            )
        except OSError as error:
            raise StoreError(
                f"{program} cannot be run ({error.strerror})",
                hint="install Nix, or run this where it is",
            ) from None


def _failure(done: subprocess.CompletedProcess[bytes]) -> str:
    """What Nix says of why it failed: its last error, or else its last line."""
    said = [line for line in done.stderr.decode(errors="replace").splitlines() if line]
    errors = [line for line in said if line.startswith("error:")]
    return next(iter([*errors[-1:], *said[-1:]]), f"status {done.returncode}")


def _digest(file: Path) -> Digest:
    return Digest.parse(file.name.replace("-", ":", 1))


def _portions(paths: Iterable[str]) -> Iterator[list[str]]:
    left = iter(paths)
    while some := list(islice(left, _PATHS_AT_ONCE)):
        yield some
