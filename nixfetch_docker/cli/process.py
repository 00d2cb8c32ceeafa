"""The process: its standard streams, and the signals that end it."""

from __future__ import annotations

import gc
import os
import sys
import time
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from collections.abc import Iterator
    from sys import UnraisableHookArgs
    from types import FrameType
else:
    # What `signal` gives names and enumerations to, which takes milliseconds of each start.
    import _signal as signal

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# So many seconds after a signal was swallowed, it comes again.
_AGAIN_SECONDS = 0.01
# So many seconds after a signal, it comes again: a cleanup may wait for what never comes, such as a
# lock that a library took just before the signal and then did not release. After so many times, the
# process ends without cleanup.
AGAIN_IN_CLEANUP_SECONDS = 5.0
_TIMES_IN_CLEANUP = 3
# Python's own number is 700, a hundred of which are in the imports of a command.
_OBJECTS_BETWEEN_COLLECTIONS = 50_000


class Terminated(KeyboardInterrupt):
    """A signal that asks the program to end, as Ctrl-C does; `number` is that of the signal."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class _Received:
    """The last signal that asked the program to end, 0 before the first; what there was before.

    `end` is the time by which the process ends, whatever it does, and None before a first signal.
    """

    number = 0
    is_held = False
    end: float | None = None
    usual_hook = sys.unraisablehook


def raise_on_signals() -> None:
    """Raise `KeyboardInterrupt` for SIGINT, and `Terminated` for SIGTERM and SIGHUP.

    So `finally` removes half-written files. A signal whose cleanup takes long comes again, and ends
    the process in the end. One that the parent ignores, as `nohup` does, stays ignored.
    """
    # Of a run before in the same process, as the tests have.
    _Received.number, _Received.end = 0, None
    signal.setitimer(signal.ITIMER_REAL, 0)
    for number in _SIGNALS:
        if signal.getsignal(number) in {signal.SIG_DFL, signal.default_int_handler}:
            signal.signal(number, _interrupt)
    if sys.unraisablehook is not _repeat_swallowed:
        _Received.usual_hook, sys.unraisablehook = sys.unraisablehook, _repeat_swallowed


def end_at_once_by_signals() -> None:
    """Let the signals that `raise_on_signals` made errors end the process again.

    One that came, and whose error is gone, ends it now.
    """
    left, _ = signal.setitimer(signal.ITIMER_REAL, 0)
    if left:
        die_by_signal(_error(_Received.number))
    for number in _SIGNALS:
        if signal.getsignal(number) is _interrupt:
            signal.signal(number, signal.SIG_DFL)
    if sys.unraisablehook is _repeat_swallowed:
        sys.unraisablehook = _Received.usual_hook


@contextmanager
def holding_signals() -> Iterator[None]:
    """A block that a first signal does not end, such as one that writes what hours of work found.

    Its error is raised at the end of the block. A second signal is not held, nor one that comes
    again.
    """
    _Received.is_held = True
    before = _Received.number
    try:
        yield
    finally:
        _Received.is_held = False
    if _Received.number != before:
        raise _error(_Received.number)


def received_interrupt() -> KeyboardInterrupt | None:
    """The error for the last signal that asked the program to end, if there was one."""
    return _error(_Received.number) if _Received.number else None


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


def escape_what_stdout_cannot_say() -> None:
    r"""Print a character that the encoding of stdout lacks as `\xe9` or `\u2192`, as stderr does.

    Also the bytes of a file's name that are not UTF-8 are such characters.
    """
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


def collect_rarely() -> None:
    """Let Python look for garbage in cycles after many new objects only.

    Most objects of a run are the code that it imports, which stays: to look through them again and
    again takes a tenth of a start. Other objects go without that, once nothing refers to them.
    """
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, 10, 10)


def collect_no_more() -> None:
    """Leave all objects to the system, which takes the memory of a process that ends at once.

    Python would look through them twice at its end.
    """
    gc.freeze()


def _interrupt(number: int, _frame: FrameType | None) -> None:
    _Received.number = number
    if _Received.end is None:
        _Received.end = time.monotonic() + _TIMES_IN_CLEANUP * AGAIN_IN_CLEANUP_SECONDS
        _repeat_after(AGAIN_IN_CLEANUP_SECONDS)
    if _Received.is_held:
        _Received.is_held = False
    else:
        raise _error(number)


def _repeat_after(seconds: float) -> None:
    """Let the last signal come again, and then again and again, until the process ends."""
    signal.signal(signal.SIGALRM, _repeat)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN_IN_CLEANUP_SECONDS)


def _repeat(_number: int, frame: FrameType | None) -> None:
    # The timer is not as exact as the clock.
    if time.monotonic() > (_Received.end or 0) - AGAIN_IN_CLEANUP_SECONDS / 2:
        die_by_signal(_error(_Received.number))
    _interrupt(_Received.number, frame)


def _error(number: int) -> KeyboardInterrupt:
    return KeyboardInterrupt() if number == signal.SIGINT else Terminated(number)


def _repeat_swallowed(unraisable: UnraisableHookArgs) -> None:
    """Let a signal come again where Python dropped its error, as it does in finalizers."""
    if not issubclass(unraisable.exc_type, KeyboardInterrupt):
        _Received.usual_hook(unraisable)
    elif _Received.number:
        _repeat_after(_AGAIN_SECONDS)
