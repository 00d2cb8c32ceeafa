"""Change the code in every small way, and count the changes that no test notices: `make mutants`.

mutmut makes the mutants and runs the tests that reach each (https://mutmut.readthedocs.io). This
script gives it the rooms without I/O, and compares what survives with tests/mutants.toml, which has
a reason for each. It fails where fewer than 95 % are killed, and where a survivor is not listed.

    scripts/mutants.py [--sample NUMBER] [--seed NUMBER] [--jobs NUMBER] [ROOM…]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

TOP = Path(__file__).parent.parent
LISTED = TOP / "tests" / "mutants.toml"
WORK = TOP / ".mutants"
LEAST = 0.95

# The modules of each room that are mutated, and the tests that may notice.
ROOMS = {
    "oci": (["oci/*.py"], ["tests/unit/oci"]),
    "versions": (["versions/*.py"], ["tests/unit/versions"]),
    "base": (
        ["base/*.py"],
        [
            "tests/unit/base",
            *(f"tests/unit/lockfile/test_images_{name}.py" for name in ("faults", "text")),
        ],
    ),
    # What is left out opens connections, or passes requests on to what does.
    "registry": (
        [
            f"registry/{name}.py"
            for name in (
                *("challenge", "download", "failures", "images", "offers", "retry"),
                *("tags", "traffic", "urls"),
            )
        ],
        # Tests with connections that wait would take an hour, and notice hardly more.
        ["tests/unit/registry", "tests/registry/test_refusals.py", "tests/registry/test_tags.py"],
    ),
}
# The test of memory takes seconds for each mutant, and notices no more than the others.
_SLOW = "tests/registry/test_tags.py::TestLarge::test_a_manifest_map_is_read_without_much_memory"
_OPTIONS = ["-p", "no:cacheprovider", "--hypothesis-profile=mutants", f"--deselect={_SLOW}"]
_KILLED = {"killed", "timeout", "segfault", "suspicious"}
_DIFFS = """
import json, sys
from mutmut.mutation.diff_apply import get_diff_for_mutant
json.dump({name: get_diff_for_mutant(name) for name in json.load(sys.stdin)}, sys.stdout)
"""


@dataclass(frozen=True, kw_only=True)
class Survivor:
    """A mutant that no test notices: its function, as room/module.name, and the changed lines."""

    function: str
    change: str


def main() -> int:
    """The command; returns its exit status."""
    options = _parse()
    rooms = options.rooms or list(ROOMS)
    _prepare(rooms)
    patterns = ["nixfetch_docker.*"]
    if options.sample:
        # Naming one mutant makes them all, and finds out which tests reach which.
        patterns = _sample(options.sample, options.seed, options.jobs)
    _mutmut("run", "--max-children", str(options.jobs), *(patterns if options.sample else ()))
    statuses = _statuses()
    if options.sample:
        statuses = {name: statuses[name] for name in patterns}
    return _judge(statuses, is_whole=not options.sample, rooms=rooms)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rooms", nargs="*", metavar="ROOM", help=f"of {', '.join(ROOMS)}")
    parser.add_argument("--sample", type=int, default=0, help="so many mutants; by default all")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    if unknown := set(options.rooms) - set(ROOMS):
        parser.error(f"there is no room {', '.join(sorted(unknown))}")
    return options


def _prepare(rooms: Collection[str]) -> None:
    """A copy of the tree with the settings of mutmut for these rooms."""
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir()
    for name in ("nixfetch_docker", "tests"):
        shutil.copytree(TOP / name, WORK / name, ignore=shutil.ignore_patterns("__pycache__"))
    chosen = [ROOMS[room] for room in rooms]
    modules = [f"nixfetch_docker/{path}" for paths, _ in chosen for path in paths]
    tests = [path for _, paths in chosen for path in paths]
    text = (TOP / "pyproject.toml").read_text("utf-8")
    (WORK / "pyproject.toml").write_text(
        f"{text}\n[tool.mutmut]\n"
        'source_paths = ["nixfetch_docker"]\n'
        f"only_mutate = {json.dumps(modules)}\n"
        f"pytest_add_cli_args_test_selection = {json.dumps(tests)}\n"
        f"pytest_add_cli_args = {json.dumps(_OPTIONS)}\n",
        "utf-8",
    )


def _mutmut(*arguments: str) -> str:
    """Run mutmut; its progress goes to the terminal, other output is returned."""
    is_run = arguments[0] == "run"
    done = subprocess.run(
        [sys.executable, "-m", "mutmut", *arguments],
        cwd=WORK,
        stdout=None if is_run and sys.stdout.isatty() else subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        sys.exit(f"mutmut failed:\n{(done.stdout or '')[-3000:]}")
    return done.stdout or ""


def _sample(number: int, seed: int, jobs: int) -> list[str]:
    _mutmut("run", "--max-children", str(jobs), "*__mutmut_1")
    names = sorted(_statuses())
    # The sample is to be the same again, and guards no secret.
    return random.Random(seed).sample(names, min(number, len(names)))  # noqa: S311


def _statuses() -> dict[str, str]:
    """Every mutant with what became of it."""
    lines = _mutmut("results", "--all", "True").splitlines()
    pairs = (line.strip().rpartition(": ") for line in lines if "__mutmut_" in line)
    return {name: status for name, _, status in pairs}


def _judge(statuses: dict[str, str], *, is_whole: bool, rooms: Collection[str]) -> int:
    """Print the result; returns the exit status."""
    survivors = _survivors(name for name, status in statuses.items() if status not in _KILLED)
    by_room = Counter(name.split(".")[1] for name in statuses)
    lost = Counter(one.function.partition("/")[0] for one in survivors)
    for room, count in sorted(by_room.items()):
        print(f"{room:10} {count:5} mutants, {count - lost[room]:5} killed")
    listed = _listed()
    unknown = sorted(set(survivors) - listed, key=lambda one: (one.function, one.change))
    for one in unknown:
        print(f"\nnot listed in {LISTED.name}: {one.function}\n{one.change}")
    if is_whole:
        gone = {one for one in listed - set(survivors) if one.function.partition("/")[0] in rooms}
        for one in sorted(gone, key=lambda one: (one.function, one.change)):
            print(f"\nlisted in {LISTED.name}, and killed: {one.function}\n{one.change}")
    share = 1 - len(survivors) / max(len(statuses), 1)
    print(f"\n{len(statuses)} mutants, {share:.1%} killed; {len(unknown)} survivors are not listed")
    return 1 if unknown or share < LEAST else 0


def _survivors(names: Iterable[str]) -> Sequence[Survivor]:
    done = subprocess.run(
        [sys.executable, "-c", _DIFFS],
        cwd=WORK,
        input=json.dumps(list(names)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return [
        Survivor(function=_function(name), change=_change(diff))
        for name, diff in json.loads(done.stdout).items()
    ]


def _function(name: str) -> str:
    """`oci/digest.Digest.parse` for `nixfetch_docker.oci.digest.xǁDigestǁparse__mutmut_1`."""
    module, _, mangled = name.rpartition(".")
    room = module.removeprefix("nixfetch_docker.").replace(".", "/")
    function = mangled.rpartition("__mutmut_")[0].removeprefix("x").removeprefix("_")
    return f"{room}.{function.strip('ǁ').replace('ǁ', '.')}"


def _change(diff: str) -> str:
    """The lines of a diff that are removed and added."""
    lines = [line for line in diff.splitlines() if not line.startswith(("---", "+++"))]
    return "\n".join(
        f"{line[0]} {line[1:].strip()}" for line in lines if line.startswith(("-", "+"))
    )


def _listed() -> set[Survivor]:
    document = tomllib.loads(LISTED.read_text("utf-8"))
    return {
        Survivor(function=entry["function"], change=change.strip())
        for entry in document["survivor"]
        for change in entry["changes"]
        if entry["reason"]
    }


if __name__ == "__main__":
    sys.exit(main())
