"""Programs of Nix: run one, and read the error of one that fails."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import IO

from ..base.redact import quote
from ..errors import NixfetchError

# Nix waits for a busy database, except while it opens a new one, where it gives up at once.
_BUSY = "is busy"
_BUSY_PAUSES_SECONDS = (0.1, 0.4, 1.6)


class StoreError(NixfetchError):
    """A program of Nix is missing, or failed."""


def run(
    program: str,
    arguments: Sequence[str],
    environment: Mapping[str, str],
    *,
    pauses: Iterable[float] = _BUSY_PAUSES_SECONDS,
) -> str:
    """The stdout of a program of Nix, which is found through `PATH` of `environment`.

    Where Nix's database is busy, it is run again after each of `pauses`, in seconds. Raises
    `StoreError`.
    """
    done = _try_run(program, arguments, environment)
    for seconds in pauses:
        if done.returncode == 0 or not is_busy(last_error(done.stderr)):
            break
        time.sleep(seconds)
        done = _try_run(program, arguments, environment)
    if done.returncode != 0:
        error = last_error(done.stderr) or f"status {done.returncode}"
        raise StoreError(
            f"{program} {arguments[0]} failed ({quote(error)})",
            hint="is Nix's daemon running, and is the store writable?",
        )
    return done.stdout.decode()


def start_apart(
    arguments: Sequence[str], environment: Mapping[str, str], data: IO[bytes]
) -> subprocess.Popen[bytes] | None:
    """Start Python with `data` on stdin, in a session of its own; None where that fails.

    It outlives this process, hears no Ctrl-C that is meant for it, and writes to nothing.
    """
    try:
        return subprocess.Popen(  # noqa: S603 - no shell
            [sys.executable, "-I", "-S", *arguments],
            env=dict(environment),
            stdin=data,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return None


def wait(process: subprocess.Popen[bytes], seconds: float | None) -> None:
    """Wait for the end of a process, for so many seconds at most, or as long as it takes."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(seconds)


def last_error(stderr: bytes) -> str:
    """The last line in which Nix reports an error, or else its last line; "" without any."""
    lines = [line for line in stderr.decode(errors="replace").splitlines() if line]
    errors = [line for line in lines if line.startswith("error:")]
    return next(iter([*errors[-1:], *lines[-1:]]), "")


def is_busy(error: str) -> bool:
    """Whether an error of Nix passes once other processes have closed its database."""
    return _BUSY in error


def _try_run(
    program: str, arguments: Sequence[str], environment: Mapping[str, str]
) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603 - no shell
            [program, *arguments],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise StoreError(
            f"{program} cannot be run ({error.strerror})",
            hint="install Nix, or run this on a machine that has it",
        ) from None
