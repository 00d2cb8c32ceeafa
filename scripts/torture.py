"""`make torture`: kill the commands that write, fill their disk, and look at what they leave.

After each round every file is the old one or the new one; the next run succeeds and leaves nothing
but the new files. The last result is in docs/explanation/torture.md.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from support.faults.registry import faults
from support.nix import remove
from support.registry import registry as run_registry
from support.torture.all_cases import Server, prefetched, streamed, written
from support.torture.cases import Case
from support.torture.rounds import Rounds

_SMALL_DISK = 64 * 1024 * 1024
_COLUMNS = ("rounds", "SIGKILL", "SIGTERM", "SIGINT", "old", "new", "leftovers", "violations")
_UNSHARED = "--unshared"


def main() -> None:
    """Run all rounds, print a table of what happened, and exit with 1 where anything is wrong."""
    arguments = _parse()
    _unshare(arguments.unshared)
    chance = random.Random(arguments.seed)  # noqa: S311 - choices, no secrets
    rounds = Rounds(chance)
    started = time.monotonic()
    with (
        suppress(KeyboardInterrupt),  # the result so far
        tempfile.TemporaryDirectory(prefix="nixfetch-torture-") as temporary,
    ):
        _run(Path(temporary), rounds, arguments.kills, arguments.seed, arguments.only)
    print(f"seed {arguments.seed}: {rounds.kills} kills in {time.monotonic() - started:.0f} s\n")
    print("\n".join(table(rounds)))
    for violation in rounds.violations:
        print(f"\nVIOLATION: {violation}")
    sys.exit(1 if rounds.violations or rounds.kills < arguments.kills else 0)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000, help="how many signals to send")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--only", default="", help="only cases whose name has this text")
    parser.add_argument(_UNSHARED, action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def _run(directory: Path, rounds: Rounds, kills: int, seed: int, only: str) -> None:
    stores = directory / "stores"
    stores.mkdir()
    with ExitStack() as stack:
        stack.callback(remove, stores)
        real = stack.enter_context(run_registry(directory / "registry"))
        faulty = stack.enter_context(faults())
        cases = [
            (f"{case.name}, {kind}", case)
            for kind, server in (("distribution", real), ("faulty", faulty))
            for case in _all(directory / kind, server, stores, seed)
            if only in case.name
        ]
        for _, case in cases:
            case.prepare()
        for label, case in itertools.cycle(cases):
            if rounds.kills >= kills:
                break
            rounds.kill(case, label)
        disk = stack.enter_context(_small_disk(directory / "disk"))
        limited = [
            case
            for case in (
                *written(disk, real, seed + 1),
                *prefetched(disk, real, stores, seed + 1),
            )
            if only in case.name
        ]
        _limit(disk, limited, rounds, each=max(1, kills // 100))


def _all(directory: Path, server: Server, stores: Path, seed: int) -> Iterator[Case]:
    directory.mkdir()
    yield from written(directory, server, seed)
    yield from streamed(directory, server, seed)
    yield from prefetched(directory, server, stores, seed)


def _limit(disk: Path, cases: Sequence[Case], rounds: Rounds, *, each: int) -> None:
    """Run `each` rounds of every case on a disk that is full, and with files that are limited."""
    for case in cases:
        case.prepare()
    for case in cases:
        for _ in range(each):
            if disk.is_mount():
                rounds.fill(case, "disk full", disk)
            rounds.limit(case, "file-size limit")


@contextmanager
def _small_disk(path: Path) -> Iterator[Path]:
    """A file system of its own, where this process may mount one; else a directory."""
    path.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={_SMALL_DISK}", "tmpfs", path],
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        print("no file system can be mounted here, so no disk is filled; files are limited instead")
    try:
        yield path
    finally:
        if done.returncode == 0:
            subprocess.run(["umount", "--lazy", path], check=True)
        shutil.rmtree(path, ignore_errors=True)


def _unshare(unshared: bool) -> None:
    """Start this program again in a namespace of mounts, where that is permitted."""
    if unshared:
        return
    namespace = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    if subprocess.run([*namespace, "true"], capture_output=True, check=False).returncode == 0:
        program = [sys.executable, *sys.argv, _UNSHARED]
        os.execvp(namespace[0], [*namespace, *program])  # noqa: S606


def table(rounds: Rounds) -> Sequence[str]:
    """The lines of a Markdown table with a row for each case."""
    rows = [["what", *_COLUMNS]]
    rows += [
        [label, *(str(tally[column]) for column in _COLUMNS)]
        for label, tally in rounds.tallies.items()
    ]
    total = [str(sum(tally[column] for tally in rounds.tallies.values())) for column in _COLUMNS]
    rows.append(["all", *total])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return lines


if __name__ == "__main__":
    main()
