"""Costs of whole processes, ours and theirs in turn, and the tables that tell them."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Seconds on the clock, seconds of user and system time, and the largest process in bytes.

    The last is at least the size of this benchmark, from which Linux counts it on.
    """

    wall: float
    cpu: float
    peak: int


@dataclass(frozen=True, kw_only=True)
class Work:
    """A command, and what is done before each run of it, which is not measured."""

    command: Sequence[str | Path]
    env: Mapping[str, str]
    cwd: Path
    before: Callable[[], None] = field(default=lambda: None)

    def run(self) -> Cost:
        """Run it once, with all processes that it starts and waits for; it must succeed."""
        self.before()
        with tempfile.TemporaryFile() as output:
            started = time.perf_counter()
            process = subprocess.Popen(
                list(map(str, self.command)),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=dict(self.env),
                cwd=self.cwd,
            )
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - started
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode != 0:
                output.seek(0)
                raise SystemExit(f"{self.command} failed:\n{output.read().decode()}")
        return Cost(wall=wall, cpu=usage.ru_utime + usage.ru_stime, peak=usage.ru_maxrss * 1024)


def median(costs: Sequence[Cost]) -> Cost:
    """The median of each figure, and the largest peak."""
    return Cost(
        wall=statistics.median(one.wall for one in costs),
        cpu=statistics.median(one.cpu for one in costs),
        peak=max(one.peak for one in costs),
    )


def in_turn(works: Sequence[Work], runs: int) -> list[Cost]:
    """The median cost of each work, all in turn, after a run of each that does not count."""
    costs: list[list[Cost]] = [[] for _ in works]
    for number in range(runs + 1):
        for work, known in zip(works, costs, strict=True):
            cost = work.run()
            if number:
                known.append(cost)
    return [median(known) for known in costs]


def heading() -> None:
    """Begin the table of `compare`."""
    print("| work | theirs | asked: wall, cpu | wall | cpu | ours | theirs |")
    print("| --- | --- | --- | --- | --- | --- | --- |")


def compare(name: str, theirs: str, asked: str, works: Sequence[Work], runs: int) -> None:
    """Print a row: the ratios of the medians, and the medians in seconds of wall and cpu.

    `works` are ours and that of the tool that `theirs` names; `asked` are the ratios to reach.
    """
    mine, other = in_turn(works, runs)
    figures = [
        f"× {mine.wall / other.wall:.2f}",
        f"× {mine.cpu / other.cpu:.2f}",
        f"{mine.wall:.3f}, {mine.cpu:.3f}",
        f"{other.wall:.3f}, {other.cpu:.3f}",
    ]
    print(f"| {' | '.join([name, theirs, asked, *figures])} |", flush=True)


def growth(name: str, sizes: Mapping[str, Work], runs: int) -> None:
    """Print how the cost grows: a row with the wall, cpu and peak of each size."""
    costs = in_turn(list(sizes.values()), runs)
    cells = [
        f"{size}: {cost.wall:.2f} s, {cost.cpu:.2f} s, {cost.peak / 1e6:.0f} MB"
        for size, cost in zip(sizes, costs, strict=True)
    ]
    print(f"| {' | '.join([name, *cells])} |", flush=True)
