"""The loop of one process: mutations of what there is, and those kept that reach new lines."""

from __future__ import annotations

import faulthandler
import os
import re
import resource
import signal
import struct
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

from fuzz import corpus
from fuzz.lines import Lines
from fuzz.mutate import mutate
from fuzz.targets import TARGETS
from fuzz.trial import Failure, Target, attempt

_SLICE_SECONDS = 0.25
_SHRINK_SECONDS = 3.0
_MEMORY_BYTES = 2 * 1024**3
_MOST_KEPT = 2000
_STATE = struct.Struct("<QHQ")


@dataclass(kw_only=True)
class Report:
    """What came of one target: `inputs` were tried, which reached `lines` of the package.

    `slowest` are the most seconds of CPU time that one took.
    """

    target: str
    inputs: int = 0
    lines: int = 0
    slowest: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Found:
    """An input of a target that fails."""

    target: str
    failure: Failure
    data: bytes


class State:
    """The input that a worker has in hand, in a file: its parent reads it when the worker hangs."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT)
        self._number = 0

    def write(self, target: str, data: bytes) -> None:
        """Note the next input."""
        self._number += 1
        name = target.encode()
        os.pwrite(self._file, _STATE.pack(self._number, len(name), len(data)) + name + data, 0)

    @staticmethod
    def read(path: Path) -> tuple[int, str, bytes]:
        """The number of the input in hand, its target, and the input; 0 where there is none."""
        text = path.read_bytes() if path.exists() else b""
        if len(text) < _STATE.size:
            return 0, "", b""
        number, name, size = _STATE.unpack_from(text)
        start = _STATE.size + name
        return number, text[_STATE.size : start].decode(), text[start : start + size]


class Search:
    """The search for failures of one target. Its inputs depend on the seed alone."""

    def __init__(
        self, name: str, target: Target, seed: int, on_failure: Callable[[Found], None]
    ) -> None:
        self.report = Report(target=name)
        self._on_failure = on_failure
        self._failures: set[str] = set()
        self._target = target
        self._random = Random(f"{seed} {name}")  # noqa: S311 (to repeat it is the point)
        self._lines = Lines()
        self._pool: list[bytes] = []
        self._next = iter(corpus.inputs(name))

    def run(self, until: float, state: State) -> None:
        """Try inputs until a time of `time.monotonic`."""
        while time.monotonic() < until:
            data = self._new_input()
            state.write(self.report.target, data)
            self._try(data)

    def _new_input(self) -> bytes:
        """What is in the corpus, once, and then mutations of that and of what was kept."""
        if (data := next(self._next, None)) is not None:
            self._pool.append(data)
            return data
        # What was kept last is nearest to what is not known yet.
        recent = self._pool[-20:] if self._random.random() < 0.3 else self._pool
        return mutate(self._random.choice(recent), self._random, self._pool)

    def _try(self, data: bytes) -> None:
        started = time.process_time()
        with self._lines.watched():
            failure = attempt(self._target, data)
        seconds = time.process_time() - started
        if self._lines.are_new and len(self._pool) < _MOST_KEPT:
            self._pool.append(data)
        report = self.report
        report.inputs += 1
        report.lines = self._lines.count
        if failure is not None and failure.kind.startswith("too slow"):
            # Watching takes several times as long.
            failure = attempt(self._target, data)
        report.slowest = max(report.slowest, seconds)
        if failure is not None and failure.kind not in self._failures:
            self._failures.add(failure.kind)
            data = shrunk(self._target, data, failure.kind)
            self._on_failure(Found(target=report.target, failure=failure, data=data))


def shrunk(target: Target, data: bytes, kind: str, seconds: float = _SHRINK_SECONDS) -> bytes:
    """A shorter input with the same failure, as far as one is found within `seconds`."""
    until = time.monotonic() + seconds
    for separator in (rb"(?<=\n)", rb"(?<=\W)", rb""):
        parts = re.split(separator, data) if len(data) < 20_000 or separator else [data]
        size = max(len(parts) // 2, 1)
        while size:
            position = 0
            while position < len(parts) and time.monotonic() < until:
                left = parts[:position] + parts[position + size :]
                failure = attempt(target, b"".join(left))
                if failure is not None and failure.kind == kind:
                    parts = left
                else:
                    position += size
            size //= 2
        data = b"".join(parts)
    return data


def work(
    names: list[str], seconds: float, seed: int, state_path: Path, reports: Connection
) -> None:
    """Search the failures of these targets, in turns; sends each, and the reports at the end."""
    # The parent ends a worker that hangs by this signal, and its place is worth knowing.
    faulthandler.register(signal.SIGUSR1, file=sys.stderr, all_threads=False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    state = State(state_path)
    searches = [Search(name, TARGETS[name], seed, reports.send) for name in names]
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for search in searches:
            search.run(min(until, time.monotonic() + _SLICE_SECONDS), state)
    for search in searches:
        reports.send(search.report)
    reports.close()
