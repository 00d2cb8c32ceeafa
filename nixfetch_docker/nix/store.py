"""The Nix store, through programs that every Nix since 2.0 has.

https://nix.dev/manual/nix/latest/command-ref/nix-store
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path

from ..base import strict_json
from ..oci.digest import Digest
from . import program
from .store_path import blob_path

# A command line may have 2 MiB on Linux and 1 MiB on macOS; a path has some 120 bytes.
_PATHS_AT_ONCE = 1000


class Store:
    """A Nix store: a `BlobStore`. Every method raises `StoreError` where Nix fails."""

    def __init__(self, environment: Mapping[str, str], uri: str | None = None) -> None:
        """`environment` is that of Nix's programs.

        `uri` is the store as in Nix's `--store`; without it, Nix uses the one of `NIX_REMOTE`.
        """
        self._environment = environment
        self._uri = uri

    def path(self, digest: Digest) -> str:
        """The store path of a blob, whether it is in the store or not."""
        return blob_path(self._directory, digest)

    def lacks(self, digests: Iterable[Digest]) -> set[Digest]:
        """The blobs among these that the store does not have."""
        paths = {self.path(digest): digest for digest in digests}
        lacking: set[Digest] = set()
        for some in portions(paths):
            found = self._run("nix-store", "--check-validity", "--print-invalid", *some)
            lacking.update(paths[path] for path in found.splitlines())
        return lacking

    def substitute(self, digests: Collection[Digest]) -> None:
        """Let Nix fetch those of the blobs that its substituters have."""
        for some in portions(map(self.path, digests)):
            self._run(
                "nix-store", "--realise", "--ignore-unknown", "--fallback", "--keep-going", *some
            )

    def add(self, files: Sequence[Path]) -> list[Path]:
        """Copy files into the store, each named `blob_name` of its digest.

        Returns the files whose content does not match their name.
        """
        wrong = []
        for algorithm in ("sha256", "sha512"):
            named = [str(file) for file in files if file.name.startswith(f"{algorithm}-")]
            for some in portions(named):
                added = self._run("nix-store", "--add-fixed", algorithm, *some).splitlines()
                for name, path in zip(some, added, strict=True):
                    if path != self.path(_digest(Path(name))):
                        wrong.append(Path(name))
        return wrong

    @cached_property
    def _directory(self) -> str:
        value = self._run("nix-instantiate", "--eval", "--json", "--expr", "builtins.storeDir")
        return str(strict_json.parse(value))

    def _run(self, name: str, *arguments: str) -> str:
        store = [] if self._uri is None else ["--store", self._uri]
        return program.run(name, [*arguments, *store], self._environment)


def portions(paths: Iterable[str], most: int = _PATHS_AT_ONCE) -> Iterator[list[str]]:
    """The paths in lists of `most` at most, so that each fits into a command line."""
    left = iter(paths)
    while some := list(islice(left, most)):
        yield some


def _digest(file: Path) -> Digest:
    return Digest.parse(file.name.replace("-", ":", 1))
