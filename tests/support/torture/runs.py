"""Processes of the program that a test kills."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..command import PROGRAM

_LONGEST_SECONDS = 120.0


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command of the program: its arguments, its environment and its directory."""

    arguments: Sequence[str]
    env: Mapping[str, str]
    directory: Path


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a process ended: its status, negative for a signal, and what it wrote."""

    status: int
    stdout: bytes
    stderr: str
    seconds: float


class Run:
    """A process that runs a command, in a process group of its own."""

    def __init__(self, command: Command, prefix: Sequence[str] = ()) -> None:
        """`prefix` is a program that runs another one, with its arguments."""
        self._stdout = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `end`
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115
        self._started = time.monotonic()
        # What runs in the background ignores SIGINT, and so would this process.
        start = ["env", "--default-signal=INT,TERM", *prefix, str(PROGRAM)]
        self._process = subprocess.Popen(
            [*start, *command.arguments],
            env=dict(command.env),
            cwd=command.directory,
            stdin=subprocess.DEVNULL,
            stdout=self._stdout,
            stderr=self._stderr,
            start_new_session=True,
        )

    def wait(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Wait, at most until a condition holds; returns whether the process still runs."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not until():
            if self._process.poll() is not None:
                return False
            time.sleep(0.001)
        return self._process.poll() is None

    def kill(self, number: signal.Signals, *, group: bool) -> None:
        """Send a signal to the process, or to its group as a terminal does."""
        if group:
            os.killpg(self._process.pid, number)
        else:
            os.kill(self._process.pid, number)

    def end(self) -> Ended:
        """Wait for the end of the process, and of all that it started."""
        try:
            status = self._process.wait(_LONGEST_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            status = 1000  # no status of a process
        seconds = time.monotonic() - self._started
        deadline = time.monotonic() + _LONGEST_SECONDS
        while _has_processes(self._process.pid) and time.monotonic() < deadline:
            time.sleep(0.005)
        with self._stdout as stdout, self._stderr as stderr:
            stdout.seek(0)
            stderr.seek(0)
            return Ended(
                status=status,
                stdout=stdout.read(),
                stderr=stderr.read().decode(errors="replace"),
                seconds=seconds,
            )


def finish(command: Command) -> Ended:
    """Run a command to its end."""
    return Run(command).end()


def _has_processes(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
