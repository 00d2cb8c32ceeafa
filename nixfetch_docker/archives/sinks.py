"""Sinks for blobs that share one file or a pipe."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from ..errors import Cancelled, NixfetchError
from ..registry.download import Sink
from ..registry.exchange import Piece


class GoneOut(NixfetchError):
    """Wrong bytes that a pipe has passed on, so that they cannot be taken back."""


class Window:
    """A sink that writes into a part of a file, while other sinks write into other parts."""

    def __init__(self, descriptor: int, start: int) -> None:
        """The part begins `start` bytes into the file that `descriptor` is open for."""
        self._descriptor = descriptor
        self._start = start
        self._position = 0

    def tell(self) -> int:
        """The position in the window, in bytes."""
        return self._position

    def seek(self, offset: int, /) -> int:
        """Go to `offset`, in bytes from the start of the window."""
        self._position = offset
        return offset

    def truncate(self) -> int:
        """Do nothing: the bytes after the position will be overwritten."""
        return self._position

    def write(self, data: Piece, /) -> int:
        """Write all of `data`."""
        rest = memoryview(data)
        while rest:
            written = os.pwrite(self._descriptor, rest, self._start + self._position)
            self._position += written
            rest = rest[written:]
        return len(data)


class Once:
    """A sink that passes every byte on once, to a pipe or a decompressor, which cannot go back.

    When a download begins again, the bytes that were passed on already are skipped and compared.
    `GoneOut` is raised where they differ, at the latest by `finish`.
    """

    def __init__(self, pass_on: Callable[[Piece], object]) -> None:
        self._pass_on = pass_on
        self._passed = 0
        self._passed_hash = hashlib.sha256()
        self._position = 0
        self._repeated_hash = hashlib.sha256()

    def tell(self) -> int:
        """The position in bytes."""
        return self._position

    def seek(self, offset: int, /) -> int:
        """Go back to the beginning; a download asks for nothing else."""
        self._position = offset
        self._repeated_hash = hashlib.sha256()
        return offset

    def truncate(self) -> int:
        """Do nothing: bytes that were passed on cannot be taken back."""
        return self._position

    def write(self, data: Piece, /) -> int:
        """Pass on those bytes of `data` that were not passed on before; raises `GoneOut`."""
        repeated = data[: self._passed - self._position]
        if repeated:
            self._repeated_hash.update(repeated)
            self._position += len(repeated)
            if (
                self._position == self._passed
                and self._repeated_hash.digest() != self._passed_hash.digest()
            ):
                raise self._gone_out()
        new = data[len(repeated) :]
        if new:
            self._pass_on(new)
            self._passed_hash.update(new)
            self._passed += len(new)
            self._position += len(new)
        return len(data)

    def finish(self) -> None:
        """Raise `GoneOut` if more bytes were passed on than the download ended with."""
        if self._position != self._passed:
            raise self._gone_out()

    def _gone_out(self) -> GoneOut:
        return GoneOut(
            f"the first {self._passed} bytes were wrong, and have been passed on already",
            hint="discard the output, and run the command again",
        )


class Gate:
    """Keeps several threads from writing once it is shut."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._is_shut = False

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Keep the gate open for the block; raises `Cancelled` if it is shut."""
        with self._lock:
            if self._is_shut:
                raise Cancelled
            yield

    def shut(self) -> None:
        """Wait for the block that is running, and let no other begin."""
        with self._lock:
            self._is_shut = True


def ignore_progress(_size: int) -> None:
    """Report no progress."""


class Watched:
    """A sink around another that reports progress and stops writing once a gate is shut."""

    def __init__(self, sink: Sink, gate: Gate, on_progress: Callable[[int], None]) -> None:
        """`on_progress` is called with the bytes of each write, negative where some are dropped."""
        self._sink = sink
        self._gate = gate
        self._on_progress = on_progress

    def tell(self) -> int:
        """The position in bytes."""
        return self._sink.tell()

    def seek(self, offset: int, /) -> int:
        """Go back to `offset`."""
        self._on_progress(offset - self._sink.tell())
        return self._sink.seek(offset)

    def truncate(self) -> int:
        """Drop the bytes after the position."""
        return self._sink.truncate()

    def write(self, data: Piece, /) -> int:
        """Write all of `data`; raises `Cancelled` if the gate is shut."""
        self._on_progress(len(data))
        with self._gate.passing():
            return self._sink.write(data)
