"""Rounds of torture: a command is killed or finds no room, and the next run makes it good."""

from __future__ import annotations

import random
import re
import shutil
import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..faults.answers import (
    close_without_answer,
    delay,
    drip,
    reset_after,
    stall_after,
    truncate_after,
    wrong_bytes,
)
from ..faults.server import Answer
from .cases import Case, Streaming
from .runs import Ended, Run

SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT)


class Tally(Counter[str]):
    """What happened in the rounds of one case, by name."""


class Rounds:
    """Rounds by the choices of one random source; what they find wrong is in `violations`."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.violations: list[str] = []
        self.tallies: dict[str, Tally] = {}
        self.kills = 0

    def kill(self, case: Case, label: str) -> None:
        """Kill the processes of a command at random moments, look, and run what comes next."""
        tally = self.tallies.setdefault(label, Tally())
        case.reset()
        scripted = self._script_faults(case)
        runs = [Run(command) for command in case.commands]
        victims = self._chance.sample(runs, self._chance.randint(1, len(runs)))
        happened = []
        killed = False
        for run in victims:
            number = self._chance.choice(SIGNALS)
            if self._wait(run, case):
                group = number == signal.SIGINT or self._chance.random() < 0.5
                run.kill(number, group=group)
                killed = killed or number == signal.SIGKILL
                tally[number.name] += 1
                self.kills += 1
                happened.append(number.name)
        ended = [run.end() for run in runs]
        tally["rounds"] += 1
        self._judge(case, label, ended, [*happened, *scripted], killed=killed)
        self._go_on(case, label, [*happened, *scripted])

    def fill(self, case: Case, label: str, disk: Path) -> None:
        """Run a command on a disk with too little room, look, and run it again with enough."""
        case.reset()
        room = self._chance.choice([0, self._chance.randrange(4096), self._chance.randrange(10**6)])
        free = shutil.disk_usage(disk).free
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(max(0, free - room)))
        ended = [Run(command).end() for command in case.commands]
        ballast.unlink()
        self._limited(case, label, ended, f"{room} bytes of room")

    def limit(self, case: Case, label: str) -> None:
        """Run a command that may write no long files, look, and run it again without the limit."""
        case.reset()
        size = self._chance.choice([0, self._chance.randrange(4096), self._chance.randrange(10**6)])
        prefix = ["prlimit", f"--fsize={size}"]
        ended = [Run(command, prefix).end() for command in case.commands]
        self._limited(case, label, ended, f"files of {size} bytes at most")

    def _limited(self, case: Case, label: str, ended: Sequence[Ended], happened: str) -> None:
        self.tallies.setdefault(label, Tally())["rounds"] += 1
        self._judge(case, label, ended, [happened], killed=False)
        self._go_on(case, label, [happened])

    def _judge(
        self, case: Case, label: str, ended: Sequence[Ended], happened: list[str], *, killed: bool
    ) -> None:
        tally = self.tallies[label]
        for one in ended:
            self._note(label, happened, _faults_of(one, happened))
            if isinstance(case, Streaming):
                self._note(label, happened, case.faults_in_output(one, happened))
        self._note(label, happened, case.faults_in(killed=killed))
        tally["new" if case.is_new() else "old"] += 1
        tally["leftovers"] += case.leftovers()

    def _go_on(self, case: Case, label: str, happened: list[str]) -> None:
        if case.registry is not None:
            case.registry.forget_scripts()
        for ended in case.go_on():
            if ended.status != 0:
                said = f"the next run ended with {ended.status}: {ended.stderr.strip()[-400:]}"
                self._note(label, happened, [said])
        self._note(label, happened, case.faults_at_last())

    def _note(self, label: str, happened: list[str], faults: Iterator[str] | list[str]) -> None:
        for fault in faults:
            self.tallies[label]["violations"] += 1
            self.violations.append(f"{label} ({', '.join(happened) or 'not interrupted'}): {fault}")

    def _wait(self, run: Run, case: Case) -> bool:
        """Wait for the moment of a kill; returns whether the process still runs then."""
        longest = case.seconds * 1.1
        if self._chance.random() < 0.6:
            return run.wait(self._chance.uniform(0, longest))
        # The moments after the first file appears are those in which files can be torn.
        before = case.world.paths()
        return run.wait(2 * longest, lambda: case.world.paths() != before) and run.wait(
            self._chance.choice([0, 0.002, 0.02]) * self._chance.random()
        )

    def _script_faults(self, case: Case) -> list[str]:
        if case.registry is None:
            return []
        position = self._chance.randrange(400_000)
        answers: dict[str, Answer] = {
            "slow": drip(2_000_000),
            "delayed": delay(0.2),
            "reset": reset_after(position),
            "cut off": truncate_after(position),
            "stalled": stall_after(position, 1),
            "wrong bytes": wrong_bytes(),
            "no answer": close_without_answer(),
        }
        names = self._chance.sample(sorted(answers), self._chance.randint(0, 2))
        for name in names:
            case.registry.script("GET", re.compile("/blobs/|/manifests/"), answers[name])
        return names


def _faults_of(ended: Ended, happened: list[str]) -> Iterator[str]:
    if "Traceback" in ended.stderr:
        # Python may be interrupted before it has come to the program.
        if "nixfetch_docker" in ended.stderr or "KeyboardInterrupt" not in ended.stderr:
            yield f"a traceback: {ended.stderr.strip()[-400:]}"
        return
    signals = {-number for number in SIGNALS if number.name in happened}
    may_fail = len(happened) > len([name for name in happened if name.startswith("SIG")])
    if ended.status not in {0, *signals, *([1] if may_fail else [])}:
        yield f"status {ended.status}: {ended.stderr.strip()[-400:]}"
