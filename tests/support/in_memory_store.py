"""A store in memory, for unit tests of prefetches."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.nix.store_path import blob_name
from nixfetch_docker.oci.digest import Digest


class InMemoryStore:
    """A `BlobStore` in memory.

    `content` are the blobs in the store, and `cache` those of its substituter, both by file name.
    `substitute` and `add` raise `error`, if it is set.
    """

    def __init__(self) -> None:
        self.content: dict[str, bytes] = {}
        self.cache: dict[str, bytes] = {}
        self.error: NixfetchError | None = None

    def lacks(self, digests: Iterable[Digest]) -> set[Digest]:
        return {digest for digest in digests if blob_name(digest) not in self.content}

    def substitute(self, digests: Collection[Digest]) -> None:
        self._fail()
        names = {blob_name(digest) for digest in digests} & self.cache.keys()
        self.content |= {name: self.cache[name] for name in names}

    def add(self, files: Sequence[Path]) -> list[Path]:
        self._fail()
        added = {file: file.read_bytes() for file in files}
        wrong = [file for file, data in added.items() if blob_name(Digest.of(data)) != file.name]
        self.content |= {file.name: added[file] for file in files if file not in wrong}
        return wrong

    def has(self, data: bytes) -> bool:
        return self.content.get(blob_name(Digest.of(data))) == data

    def _fail(self) -> None:
        if self.error is not None:
            raise self.error
