"""Progress: lines on stderr, where that is a terminal, that say how far the work is.

They stand below all other lines, and are gone once the work ends. A number of bytes in them never
falls, also where bytes come a second time. No line is longer than the terminal is wide.
"""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from ..base import units
from . import console, terminal

if TYPE_CHECKING:
    from ..registry.download import Sink

_DRAWN_EVERY_SECONDS = 0.1
# A wait that is shorter needs no number.
_SHOWN_FROM_SECONDS = 2
_RATE_OF_SECONDS = 5
# The columns from which on a line has a long bar, or a short one.
_WIDE, _NARROW = 100, 60


class Progress(ABC):
    """Lines that are made anew several times a second, by a thread, while the block runs."""

    def __init__(self) -> None:
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    @abstractmethod
    def lines(self, width: int) -> Sequence[str]:
        """The lines for now, of at most `width` characters; called from any thread."""

    def __enter__(self) -> Self:
        if console.can_draw():
            console.guard_drawing(threading.RLock())
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._thread is not None:
            self._ended.set()
            self._thread.join()
            console.draw(())

    def _run(self) -> None:
        before: object = None
        while not self._ended.is_set():
            columns, rows = terminal.drawing_size()
            # One column less: some terminals wrap a line that fills the last.
            lines = [line[: columns - 1] for line in self.lines(columns - 1)]
            now = columns, rows, lines[-max(rows - 1, 1) :]
            if now != before:
                console.draw(now[2])
                before = now
            self._ended.wait(_DRAWN_EVERY_SECONDS)


class StepCounter(Progress):
    """A line "3 of 12 images"."""

    def __init__(self, total: int, noun: str) -> None:
        """`noun` is the singular of the things that are counted."""
        super().__init__()
        self._of = f"of {units.count(total, noun)}"
        self._done = 0

    def step(self) -> None:
        """Count one more."""
        self._done += 1

    def lines(self, width: int) -> Sequence[str]:
        """The one line."""
        return [f"{self._done} {self._of}"[:width]]


class Wait(Progress):
    """A line about work that does not say how far it is, with the seconds that it takes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text
        self._stopwatch = Stopwatch()

    def lines(self, width: int) -> Sequence[str]:
        """The one line."""
        return [with_end(self._text, self._stopwatch.text, width)]


@contextmanager
def waiting(text: str) -> Iterator[None]:
    """A block that takes long: a line for a terminal while it runs, and else a note before it."""
    if not console.can_draw():
        console.note(text)
    with Wait(text):
        yield


class Bytes(Progress):
    """A line about bytes that come, and then about what is done with them.

    `add` counts bytes, or with a negative number those that come again. Safe from any thread.
    """

    def __init__(self, name: str, total: int | None, *, then: str) -> None:
        """`name` says what comes, `total` in how many bytes; `then` says what happens to all."""
        super().__init__()
        self._name = name
        self._total = total
        self._then = then
        self._received = 0
        self._most = 0
        self._lock = threading.Lock()
        self._rate = Rate()
        self._stopwatch: Stopwatch | None = None

    def add(self, number: int) -> None:
        """Count bytes."""
        with self._lock:
            self._received += number
            self._most = max(self._most, self._received)

    def lines(self, width: int) -> Sequence[str]:
        """The one line."""
        total = self._total
        if total is None:
            return [with_end(self._name, units.size(self._most), width)]
        if self._most >= total:
            self._stopwatch = self._stopwatch or Stopwatch()
            return [with_end(f"{self._name}: {self._then}", self._stopwatch.text, width)]
        rate = self._rate.of(self._most)
        return [total_line(self._name, self._most, total, width, rate=rate)]


@contextmanager
def watched(sink: Sink, name: str, size: int | None, *, then: str) -> Iterator[Sink]:
    """A sink around another, with a line about the bytes; the parameters are those of `Bytes`."""
    if not console.can_draw():
        yield sink
        return
    from ..archives.sinks import Gate, Watched

    with Bytes(name, size, then=then) as shown:
        yield Watched(sink, Gate(), shown.add)


class Stopwatch:
    """The seconds since it was made."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    @property
    def text(self) -> str:
        """The seconds in words, and nothing for the first few."""
        seconds = int(time.monotonic() - self._start)
        return duration(seconds) if seconds >= _SHOWN_FROM_SECONDS else ""


class Rate:
    """The bytes a second in the last few seconds."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque([(time.monotonic(), 0)])

    def of(self, number: int) -> int:
        """The rate, `number` bytes having come by now; 0 in the first second."""
        now = time.monotonic()
        self._samples.append((now, number))
        while len(self._samples) > 2 and self._samples[1][0] < now - _RATE_OF_SECONDS:
            self._samples.popleft()
        start, before = self._samples[0]
        return max(int((number - before) / (now - start)), 0) if now - start >= 1 else 0


def duration(seconds: int) -> str:
    """A number of seconds in one unit: `38 s`, `12 min`, `3 h`."""
    if seconds < 100:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 100 * 60 else f"{seconds // 3600} h"


def total_line(name: str, received: int, total: int, width: int, *, rate: int = 0) -> str:
    """A line about all bytes, with their rate and the time that is left where there is room."""
    amount = f"{name}, {units.part(received, total)}"
    texts = [amount]
    if rate:
        speed = f"{amount}, {units.size(rate)}/s"
        texts = [f"{speed}, {duration((total - received) // rate)} left", speed, amount]
    return part_line(texts, received, total, width)


def part_line(texts: Sequence[str], done: int, whole: int, width: int) -> str:
    """A line about a part of the work: a bar where there is room, percent, and a text.

    It is the first of the `texts` that fits, or else the last one, shortened.
    """
    percent = 100 * min(done, whole) // whole if whole else 100
    head = f"{_bar(percent, width)}{percent:3}%  "
    room = width - len(head)
    return head + next((text for text in texts if len(text) <= room), shortened(texts[-1], room))


def _bar(percent: int, width: int) -> str:
    length = 20 if width >= _WIDE else 10 if width >= _NARROW else 0
    full, empty = ("\u2501", "\u2500") if terminal.draws_letters() else ("#", "-")
    filled = length * percent // 100
    return f"{full * filled}{empty * (length - filled)} " if length else ""


def with_end(text: str, end: str, width: int) -> str:
    """A text, cut where it is too long, and an end."""
    if not end:
        return shortened(text, width)
    return f"{shortened(text, width - len(end) - 2)}  {end}"[:width]


def shortened(text: str, length: int) -> str:
    """`text`, its middle left out where it is longer than `length`."""
    if len(text) <= length:
        return text
    gap = "\u2026" if terminal.draws_letters() else ".."
    kept = max(length - len(gap), 0)
    return f"{text[: kept - kept // 2]}{gap}{text[len(text) - kept // 2 :]}"[: max(length, 0)]
