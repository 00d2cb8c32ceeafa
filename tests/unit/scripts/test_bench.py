"""The benchmark: what it takes for the cost of a command, and how it compares two."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from bench.__main__ import imports
from bench.measure import Cost, Work, compare, growth, in_turn, median

BURN = "import time\nend = time.process_time() + 0.05\nwhile time.process_time() < end: pass"
CHILD = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {BURN!r}])"


def work(directory: Path, *words: str, told: list[str] | None = None, name: str = "") -> Work:
    """A command of Python; each run adds its name to `told`."""

    def before() -> None:
        if told is not None:
            told.append(name)

    return Work(command=[sys.executable, *words], env={}, cwd=directory, before=before)


def test_the_figures_are_medians_and_the_largest_peak() -> None:
    costs = [Cost(wall=w, cpu=c, peak=p) for w, c, p in ((1, 9, 5), (2, 1, 7), (9, 2, 6))]
    assert median(costs) == Cost(wall=2, cpu=2, peak=7)


@pytest.mark.parametrize("words", [BURN, CHILD], ids=["its own", "of a process that it waits for"])
def test_the_cpu_of_a_command_is_counted(words: str, tmp_path: Path) -> None:
    cost = work(tmp_path, "-c", words).run()
    assert cost.cpu >= 0.05
    assert cost.peak > 1_000_000


def test_works_run_in_turn_after_a_run_that_does_not_count(tmp_path: Path) -> None:
    told: list[str] = []
    works = [work(tmp_path, "-c", "pass", told=told, name=name) for name in "ab"]
    assert len(in_turn(works, 2)) == 2
    assert told == [*"ababab"]


def test_a_command_that_fails_ends_the_benchmark_with_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no such thing"):
        work(tmp_path, "-c", "raise SystemExit('no such thing')").run()


def test_a_row_has_the_ratios_and_the_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    works = [work(tmp_path, "-c", BURN), work(tmp_path, "-c", "pass")]
    compare("ours", "theirs", "≤ 3", works, 1)
    growth("more", {"1": works[1], "2": works[0]}, 1)
    first, second = capsys.readouterr().out.splitlines()
    cells = [cell.strip() for cell in first.strip("|").split("|")]
    assert cells[:3] == ["ours", "theirs", "≤ 3"]
    assert float(cells[4].removeprefix("× ")) > 0
    assert second.startswith("| more | 1: ")
    assert second.count(" MB ") == 2


def test_of_the_imports_of_a_start_the_eight_slowest_are_named() -> None:
    told = "import time: self [us] | cumulative | imported package\n" + "".join(
        f"import time: {1000 * n:9} | {9000 * n:10} |   {'m' * n}\n" for n in range(1, 11)
    )
    slowest = ", ".join(f"{'m' * n} {n}.0" for n in range(10, 2, -1))
    assert imports(told) == f"55; {slowest}"
