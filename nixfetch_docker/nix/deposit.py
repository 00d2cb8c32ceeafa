"""A deposit: small blobs that a run has read, and that Nix adds to its store when the run is over.

A build or a prefetch on this machine then asks no registry for them again. Nothing depends on it:
where there is no Nix, or its store takes nothing, builds fetch the blobs as ever.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import IO, TYPE_CHECKING, Self

from ..base.parts import temporary_parent
from ..oci.digest import Digest
from . import depositor, program
from .store_path import blob_name

if TYPE_CHECKING:
    import subprocess

# A command line may have 1 MiB on macOS, and each name has 72 bytes, or 136 with sha512.
_FILES_LIMIT = 5_000
_BYTES_LIMIT = 64 * 1024 * 1024
# Nix takes some 30 ms for a few blobs. What takes longer is left to itself.
_WAIT_SECONDS = 0.045
_PROGRAM = "nix-store"


class Deposit:
    """Blobs on their way into the store. Safe to use from several threads.

    At the end of the `with` block, blobs that were not handed over are forgotten.
    """

    def __init__(self, environment: Mapping[str, str], uri: str | None = None) -> None:
        """`environment` and `uri` are those of `Store`."""
        self._environment = environment
        self._store = [] if uri is None else ["--store", uri]
        self._program = shutil.which(_PROGRAM, path=environment.get("PATH", ""))
        self._is_open = self._program is not None
        self._file: IO[bytes] | None = None
        self._left = _FILES_LIMIT
        self._left_bytes = _BYTES_LIMIT
        self._adding: subprocess.Popen[bytes] | None = None
        self._deadline = 0.0
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._end()

    def put(self, digest: Digest, data: bytes) -> None:
        """Take a blob, whose bytes have this digest; does nothing where there is no Nix."""
        is_known = digest.algorithm in depositor.ALGORITHMS
        with self._lock:
            if not self._is_open or not is_known or not self._left or len(data) > self._left_bytes:
                return
            self._left -= 1
            self._left_bytes -= len(data)
            try:
                if self._file is None:
                    # It has no name, so no kill leaves it, and no other user opens it.
                    self._file = tempfile.TemporaryFile(dir=temporary_parent())  # noqa: SIM115
                self._file.write(f"{blob_name(digest)} {len(data)}\n".encode() + data)
            except OSError:
                # Such as a full disk. What comes behind a part of a blob would be read wrong.
                self._is_open = False

    def hand_over(self) -> None:
        """Have Nix add the blobs, and do not wait for it. To be called once."""
        with self._lock, suppress(OSError):
            if self._is_open and self._file is not None and self._program is not None:
                self._deadline = time.monotonic() + _WAIT_SECONDS
                self._file.seek(0)
                place = str(temporary_parent())
                arguments = [depositor.__file__, place, self._program, *self._store]
                self._adding = program.start_apart(arguments, self._environment, self._file)
        self._end()

    def settle(self, *, is_needed: bool = False) -> None:
        """Wait for Nix: some milliseconds, after which it goes on alone, or until it ends.

        It is waited for to its end where it `is_needed`.
        """
        if self._adding is not None:
            left = None if is_needed else max(0.0, self._deadline - time.monotonic())
            program.wait(self._adding, left)

    def _end(self) -> None:
        """Take nothing more; the file is that of the process that reads it, or nobody's."""
        with self._lock, suppress(OSError):
            self._is_open = False
            if self._file is not None:
                self._file.close()
