"""Work on many images at once: on a few, and on more where their registry is far away.

A registry that is near answers within milliseconds, and a few requests at once keep it busy. From
one that is far away an answer takes a round trip, however many are asked for in the same moment.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from ..base.waits import LOOK_UP_SECONDS

T = TypeVar("T")
R = TypeVar("R")


class Jobs(Generic[R]):
    """Calls a function for each of some items, `few` at once, or `most` from `widen` on."""

    def __init__(self, few: int, most: int | None = None) -> None:
        """`most` is `few` by default."""
        self._width = few
        self._most = most or few
        self._under_way: set[Future[R]] = set()
        # Futures that have ended, and None where more may begin.
        self._news: SimpleQueue[Future[R] | None] = SimpleQueue()

    def widen(self) -> None:
        """Begin with more items at once. May be called from any thread, and more than once."""
        if self._width < self._most:
            self._width = self._most
            self._news.put(None)

    def run(self, work: Callable[[T], R], items: Iterable[T]) -> Generator[Future[R], None, None]:
        """Call `work` for each item; yield the future of each as it ends.

        Where the consumer stops early, nothing waits for what has begun, and the rest does not
        begin.
        """
        # It starts a thread only where none is idle.
        pool = ThreadPoolExecutor(self._most)
        left = iter(items)
        try:
            while True:
                while len(self._under_way) < self._width:
                    try:
                        item = next(left)
                    except StopIteration:
                        break
                    future = pool.submit(work, item)
                    self._under_way.add(future)
                    future.add_done_callback(self._news.put)
                if not self._under_way:
                    return
                ended = self._next()
                if ended is not None:
                    self._under_way.remove(ended)
                    yield ended
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _next(self) -> Future[R] | None:
        while True:
            try:
                return self._news.get(timeout=LOOK_UP_SECONDS)
            except Empty:
                continue

    def unread(self) -> list[R]:
        """What work has returned that ended while nobody asked `run` for more."""
        done = (one for one in self._under_way if one.done() and not one.cancelled())
        return [one.result() for one in done if one.exception() is None]


def mapping(pool: ThreadPoolExecutor) -> Callable[[Callable[[T], R], Iterable[T]], Iterator[R]]:
    """`pool.map`, whose waits hear a signal."""

    def run(work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        futures = [pool.submit(work, item) for item in items]
        try:
            for future in futures:
                while not future.done():
                    wait([future], LOOK_UP_SECONDS)
                yield future.result()
        finally:
            for future in futures:
                future.cancel()

    return run
