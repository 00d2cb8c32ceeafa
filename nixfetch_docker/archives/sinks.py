"""Where blobs go that do not each become a file of their own."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from ..errors import Cancelled, NixfetchError
from ..registry.download import Sink


class GoneOut(NixfetchError):
    """Wrong bytes that cannot be taken back."""


class Window:
    """A part of a file, from `start` on, `size` bytes of it; written while others write others."""

    def __init__(self, descriptor: int, start: int) -> None:
        self._descriptor = descriptor
        self._start = start
        self._position = 0

    def tell(self) -> int:
        """The position in the window, in bytes."""
        return self._position

    def seek(self, offset: int, /) -> int:
        """Go to `offset`."""
        self._position = offset
        return offset

    def truncate(self) -> int:
        """Do nothing: what is behind the position will be written again."""
        return self._position

    def write(self, data: bytes, /) -> int:
        """Write all of `data`."""
        rest = memoryview(data)
        while rest:
            written = os.pwrite(self._descriptor, rest, self._start + self._position)
            self._position += written
            rest = rest[written:]
        return len(data)


class Once:
    """Passes bytes on to what cannot go back, such as a pipe.

    Where a download begins again, what has been passed on must come again as it was: `GoneOut` is
    raised where it does not, at the latest by `finish`.
    """

    def __init__(self, pass_on: Callable[[bytes], object]) -> None:
        self._pass_on = pass_on
        self._passed = 0
        self._passed_hash = hashlib.sha256()
        self._position = 0
        self._repeated_hash = hashlib.sha256()

    def tell(self) -> int:
        """The position in bytes."""
        return self._position

    def seek(self, offset: int, /) -> int:
        """Go back to the beginning, which is all that a download asks for."""
        self._position = offset
        self._repeated_hash = hashlib.sha256()
        return offset

    def truncate(self) -> int:
        """Do nothing: what was passed on is gone."""
        return self._position

    def write(self, data: bytes, /) -> int:
        """Pass on what of `data` is new."""
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
        """Make sure that all that was passed on belongs to what the download ended with."""
        if self._position != self._passed:
            raise self._gone_out()

    def _gone_out(self) -> GoneOut:
        return GoneOut(
            f"the first {self._passed} bytes came out wrong, and have gone out already",
            hint="use nothing of them, and run it again",
        )


class Gate:
    """What writing passes through until it is shut; from then on nothing is written."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._is_shut = False

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Keep the gate from being shut in the block; raises `Cancelled` where it is."""
        with self._lock:
            if self._is_shut:
                raise Cancelled
            yield

    def shut(self) -> None:
        """Let nobody pass any more, once whoever is passing has passed."""
        with self._lock:
            self._is_shut = True


class Watched:
    """A sink that tells how far it is, and that is written to through a gate."""

    def __init__(self, sink: Sink, gate: Gate, moved: Callable[[int], None]) -> None:
        """`moved` is told of bytes as they come, and of those thrown away as a negative number."""
        self._sink = sink
        self._gate = gate
        self._moved = moved

    def tell(self) -> int:
        """The position in bytes."""
        return self._sink.tell()

    def seek(self, offset: int, /) -> int:
        """Go back to `offset`."""
        self._moved(offset - self._sink.tell())
        return self._sink.seek(offset)

    def truncate(self) -> int:
        """Throw away what is behind the position."""
        return self._sink.truncate()

    def write(self, data: bytes, /) -> int:
        """Write all of `data`; raises `Cancelled`."""
        self._moved(len(data))
        with self._gate.passing():
            return self._sink.write(data)
