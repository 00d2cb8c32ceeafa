"""Fuzz the parsers of foreign bytes: `make fuzz`.

Without a file it mutates the inputs in tests/fuzz/corpus/ for some seconds, prints what fails, and
keeps each input that failed beside them, where the unit tests try it from then on. With a target
and files it tries these alone: that repeats a failure.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import secrets
import shutil
import signal
import sys
import tempfile
import time
from io import TextIOWrapper
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path

from fuzz import corpus
from fuzz.targets import STARTING_PROGRAMS, TARGETS
from fuzz.trial import Failure, attempt
from fuzz.worker import Found, Report, State, work

_HANG_SECONDS = 40.0
_SHOWN_BYTES = 400


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status, 1 where anything failed."""
    options = _parse(arguments)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    if options.files:
        return _repeat(options.target, options.files)
    names = [options.target] if options.target else _available()
    seed = options.seed if options.seed is not None else secrets.randbelow(10**6)
    print(f"fuzzing {len(names)} targets for {options.seconds:.0f} s with SEED={seed}", flush=True)
    reports, found = _run(names, options.seconds, seed, min(options.jobs, len(names)))
    for report in sorted(reports, key=lambda one: one.target):
        print(
            f"{report.target:18} {report.inputs:8} inputs {report.lines:6} lines, "
            f"the slowest took {report.slowest:.2f} s"
        )
    for one in found:
        _show(one, corpus.keep(one.target, one.data))
    total = sum(report.inputs for report in reports)
    print(f"{total} inputs, {len(found)} failures, SEED={seed}")
    return 1 if found else 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("target", nargs="?", choices=sorted(TARGETS))
    parser.add_argument("files", nargs="*", type=Path, help="inputs to try, and no others")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, help="by default a new one, which is printed")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    return parser.parse_args(arguments)


def _available() -> list[str]:
    """All targets, without those whose program this machine does not have."""
    lacking = {name for name in STARTING_PROGRAMS if name == "zstd" and not shutil.which("zstd")}
    for name in sorted(lacking):
        print(f"{name}: not fuzzed, as this machine has no program {name}")
    return [name for name in TARGETS if name not in lacking]


def _repeat(target: str, files: list[Path]) -> int:
    status = 0
    for path in files:
        failure = attempt(TARGETS[target], path.read_bytes())
        print(f"{path}: {failure.kind if failure else 'passes'}")
        if failure is not None:
            print(failure.text)
            status = 1
    return status


def _show(found: Found, path: Path) -> None:
    data = found.data
    print(f"\n{found.target}: {found.failure.kind}\n{found.failure.text}")
    more = f" … ({len(data)} bytes)" if len(data) > _SHOWN_BYTES else ""
    print(f"  input:  {data[:_SHOWN_BYTES]!r}{more}")
    print(f"  repeat: PYTHONPATH=tests {sys.executable} -m fuzz {found.target} {path}\n")


def _run(
    names: list[str], seconds: float, seed: int, jobs: int
) -> tuple[list[Report], list[Found]]:
    """The reports and the failures of all targets, from as many processes as `jobs`."""
    with tempfile.TemporaryDirectory() as directory:
        workers = [
            _Worker(names[number::jobs], seconds, seed, Path(directory, f"state-{number}"))
            for number in range(jobs)
        ]
        for worker in workers:
            worker.finish()
    return (
        [report for worker in workers for report in worker.reports],
        [one for worker in workers for one in worker.found],
    )


class _Worker:
    """A process that fuzzes some targets. It starts again where one of them hangs or ends it."""

    def __init__(self, names: list[str], seconds: float, seed: int, state: Path) -> None:
        self.reports: list[Report] = []
        self.found: list[Found] = []
        self._names = names
        self._until = time.monotonic() + seconds
        self._seed = seed
        self._state = state
        self._process, self._results = self._start()

    def _start(self) -> tuple[SpawnProcess, Connection]:
        context = multiprocessing.get_context("spawn")
        results, sent = context.Pipe(duplex=False)
        seconds = self._until - time.monotonic()
        process = context.Process(
            target=work, args=(self._names, seconds, self._seed, self._state, sent)
        )
        process.start()
        sent.close()
        self._progress = (0, time.monotonic())
        return process, results

    def finish(self) -> None:
        """Wait for the reports of all targets."""
        while len(self.reports) < len(self._names):
            if self._results.poll(0.5):
                try:
                    self._take(self._results.recv())
                except EOFError:
                    self._process.join()
                    status = self._process.exitcode or 0
                    if status >= 0:
                        raise SystemExit("the fuzzing itself failed; see above") from None
                    self._restart(f"it ended the process by signal {-status}")
            elif self._hangs():
                os.kill(self._process.pid or 0, signal.SIGUSR1)
                time.sleep(0.5)
                self._process.kill()
                self._process.join()
                self._restart(f"no end within {_HANG_SECONDS:.0f} s; its place is above")
        self._process.join()

    def _take(self, result: Report | Found) -> None:
        if isinstance(result, Report):
            self.reports.append(result)
        else:
            self.found.append(result)

    def _hangs(self) -> bool:
        number, _, _ = State.read(self._state)
        before, since = self._progress
        if number != before:
            self._progress = number, time.monotonic()
        return number == before and time.monotonic() - since > _HANG_SECONDS

    def _restart(self, what: str) -> None:
        """Note the failure of the input in hand, and go on without its target."""
        _, target, data = State.read(self._state)
        failure = Failure(kind=what, text="")
        self.found.append(Found(target=target, failure=failure, data=data))
        self._names = [name for name in self._names if name != target]
        self._process, self._results = self._start()


if __name__ == "__main__":
    sys.exit(main())
