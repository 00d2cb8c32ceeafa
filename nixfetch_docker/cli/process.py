"""The process: its standard streams, and the signals that end it."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import NoReturn


class Terminated(KeyboardInterrupt):
    """A signal that asks the program to end, as Ctrl-C does; `number` is that of the signal."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def raise_on_signals() -> None:
    """Raise `Terminated` for SIGTERM and SIGHUP, so that `finally` removes half-written files.

    A signal that the parent ignores, as `nohup` does, stays ignored.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _terminate)


def die_by_signal(interrupt: KeyboardInterrupt) -> None:
    """End this process by the signal of `interrupt`, without waiting for its threads.

    A shell sees the signal in the status, and ends a loop that ran this program.
    https://www.cons.org/cracauer/sigint.html
    """
    number = interrupt.number if isinstance(interrupt, Terminated) else signal.SIGINT
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def open_closed_streams() -> None:
    """Open /dev/null for every standard stream that the parent closed, as daemons do.

    Otherwise the next file that is opened would get the number of that stream, and with it all
    that the program prints.
    """
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            # The system gives the lowest free number, which is that of the stream.
            handle = os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, os.fdopen(handle, "r" if name == "stdin" else "w"))


def _terminate(number: int, _frame: FrameType | None) -> NoReturn:
    raise Terminated(number)
