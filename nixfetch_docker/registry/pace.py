"""What the answer to a request may still take: time and bytes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

from .exchange import Body, EndlessHead, Piece
from .informational import Informational
from .retry import Patience


class Pace(threading.local):
    """The time and the bytes that are left to the request of each thread.

    A request is sent, and its answer read, by the thread that asks for it. Its time begins with its
    first use of the network: the wait for a free connection is no fault of the host.
    """

    def __init__(self, patience: Patience, clock: Callable[[], float] = time.monotonic) -> None:
        self._patience = patience
        self._clock = clock
        self.begin_head()

    def begin_head(self) -> None:
        """Allow the time and the bytes of a connection and of the head of an answer."""
        self._is_head = True
        self._seconds = self._patience.head
        self._missing = f"no whole head of an answer came within {self._seconds:.0f} s"
        self._bytes: float = self._patience.head_bytes
        self._end: float | None = None
        self._has_come = False
        self.begin_answer()

    def begin_answer(self) -> None:
        """Allow the number of informational answers, also behind the answer of a proxy."""
        self._informational: Informational | None = Informational()

    def begin_piece(self) -> None:
        """Allow the time of the next piece of a body, or of its end."""
        self._is_head = False
        self._informational = None
        self._seconds = self._patience.silence
        self._missing = f"no more of its body came within {self._seconds:.0f} s"
        self._bytes = float("inf")
        self._end = None
        self._has_come = False

    def left(self, at_most: float) -> float:
        """The seconds that the next step may take, `at_most` so many; raises `TimeoutError`."""
        now = self._clock()
        if self._end is None:
            self._end = now + self._seconds
        if now >= self._end:
            raise TimeoutError
        return min(at_most, self._end - now)

    def late(self, otherwise: str) -> str:
        """What to say after a `TimeoutError`: what did not come in time, though bytes came.

        It is `otherwise` where no byte came at all, or the step alone took too long. Raises
        `EndlessHead` where a part of a head came: that is no outage, which passes.
        """
        is_over = self._end is not None and self._clock() >= self._end
        if not is_over or not self._has_come:
            return otherwise
        if self._is_head:
            raise EndlessHead(self._missing)
        return self._missing

    def take(self, data: Piece) -> None:
        """Count bytes that have come; raises `EndlessHead`."""
        self._has_come = True
        self._bytes -= len(data)
        if self._bytes < 0:
            raise EndlessHead(
                f"more than {self._patience.head_bytes} bytes came before the head of its answer "
                "ended"
            )
        if self._informational is not None:
            self._informational.take(data)
            if self._informational.count > self._patience.informational:
                raise EndlessHead(
                    f"more than {self._patience.informational} informational answers (1xx) came "
                    "before its answer"
                )


class PacedBody:
    """A body whose every piece must come in time."""

    def __init__(self, body: Body, pace: Pace) -> None:
        self._body = body
        self._pace = pace

    def __iter__(self) -> Iterator[Piece]:
        pieces = iter(self._body)
        self._pace.begin_piece()
        for piece in pieces:
            yield piece
            self._pace.begin_piece()

    def close(self) -> None:
        """Give the connection back, or close it where the body has not ended."""
        self._body.close()
