"""Signals that the system gives to another thread than the main one, which alone hears them."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def stray_signal() -> Iterator[Callable[[], bool]]:
    """A function for another thread, which gets a signal; returns whether the main one hears it.

    It waits until then, for ten seconds at most.
    """
    heard = threading.Event()

    def get_signal() -> bool:
        time.sleep(0.05)  # The main thread waits by now.
        signal.pthread_kill(threading.get_ident(), signal.SIGUSR1)
        return heard.wait(10)

    before = signal.signal(signal.SIGUSR1, lambda *_: heard.set())
    try:
        yield get_signal
    finally:
        signal.signal(signal.SIGUSR1, before)
