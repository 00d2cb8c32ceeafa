"""What the operating system hands to a program: standard streams, and signals that end it."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import NoReturn


class Ended(KeyboardInterrupt):
    """A signal that asks the program to end, as Ctrl-C does; `number` is the signal's."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def end_orderly() -> None:
    """Raise `Ended` for the signals that ask to end, so that nothing half-written stays behind."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        # What `nohup` ignores stays ignored.
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)


def die_of(interrupt: KeyboardInterrupt) -> None:
    """End by the signal itself: no waiting for threads, and a shell loop stops too."""
    number = interrupt.number if isinstance(interrupt, Ended) else signal.SIGINT
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def open_closed_streams() -> None:
    """Put an empty device where the caller closed a standard stream, as daemons do.

    Otherwise the next file that is opened would get its number, and with it what is printed.
    """
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            # The lowest free number, which is the stream's own.
            handle = os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, os.fdopen(handle, "r" if name == "stdin" else "w"))


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    raise Ended(number)
