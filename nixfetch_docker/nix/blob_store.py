"""The port through which blobs get into a store: Nix's own, or one in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Protocol

from ..oci.digest import Digest


class BlobStore(Protocol):
    """A store of blobs. Every method raises `NixfetchError` where the store cannot be used."""

    def lacks(self, digests: Iterable[Digest]) -> set[Digest]:
        """The blobs among these that the store does not have."""

    def substitute(self, digests: Collection[Digest]) -> None:
        """Fetch those of the blobs that the store's substituters have."""

    def add(self, files: Sequence[Path]) -> list[Path]:
        """Copy files into the store, each named `blob_name` of its digest.

        Returns the files whose content does not match their name.
        """
