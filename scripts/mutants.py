"""Change the code in every small way, and count the changes that no test notices: `make mutants`.

mutmut makes the mutants and runs the tests that reach each (https://mutmut.readthedocs.io). This
script gives it the rooms without I/O, each with its own tests, and compares what survives with
tests/mutants.toml, which has a reason for each. It fails where fewer than 95 % of a room are
killed, where a survivor is not listed, and where one that is listed is killed.

A mutant without end is killed by the seconds that it computes, so that a busy machine kills none.

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
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

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
                *("challenge", "download", "exchange", "failures", "images", "links", "missing"),
                *("offers", "retry", "tags", "traffic", "url", "urls"),
            )
        ],
        # Tests with connections that wait would take an hour, and notice hardly more.
        ["tests/unit/registry", "tests/registry/test_refusals.py", "tests/registry/test_tags.py"],
    ),
}
# The test of memory takes seconds for each mutant, and notices no more than the others.
_SLOW = "tests/registry/test_tags.py::TestLarge::test_a_manifest_map_is_read_without_much_memory"
_OPTIONS = ["-p", "no:cacheprovider", "--hypothesis-profile=mutants", f"--deselect={_SLOW}"]
# Else pytest removes directories of other runs, whose tests then fail without a reason.
_OPTIONS += ["-o", "tmp_path_retention_count=1000000"]
_KILLED = {"killed", "timeout"}
# The most seconds that a test computes for a mutant, and the most bytes that it takes. mutmut's own
# limit is for a test that waits for ever: (the time of all tests + 1 second) * patience.
_SECONDS = 5
_MEMORY = 4 * 2**30
_PATIENCE = 60
_LIMIT = f"""

@pytest.fixture(autouse=True)
def _ends() -> None:
    import resource, time

    if "__mutmut_" in os.environ.get("MUTANT_UNDER_TEST", ""):
        used, (_, most) = int(time.process_time()), resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (min(used + {_SECONDS}, most), most))
        resource.setrlimit(resource.RLIMIT_AS, ({_MEMORY}, {_MEMORY}))
"""
_DIFFS = """
import json, sys
from mutmut.mutation.diff_apply import get_diff_for_mutant
json.dump({name: get_diff_for_mutant(name) for name in json.load(sys.stdin)}, sys.stdout)
"""


@dataclass(frozen=True, kw_only=True, order=True)
class Survivor:
    """A mutant that no test notices: its function, as room/module.name, and the changed lines."""

    function: str
    change: str


def main() -> int:
    """The command; returns its exit status."""
    options = _parse()
    if stale := [one for one in _listed(options.rooms or ROOMS) if not _is_of_code(one)]:
        _print("the code has no such line, but", stale)
        return 1
    results = [_Room(name).judge(options) for name in options.rooms or ROOMS]
    return 0 if all(results) else 1


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rooms", nargs="*", metavar="ROOM", help=f"of {', '.join(ROOMS)}")
    parser.add_argument(
        "--sample", type=int, default=0, help="so many of each room; by default all"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    if unknown := set(options.rooms) - set(ROOMS):
        parser.error(f"there is no room {', '.join(sorted(unknown))}")
    return options


@dataclass(frozen=True)
class _Room:
    """One room, in a copy of the tree of its own."""

    name: str
    _environment: dict[str, str] = field(default_factory=lambda: dict(os.environ))

    @property
    def place(self) -> Path:
        return WORK / self.name

    def judge(self, options: argparse.Namespace) -> bool:
        """Try its mutants, and print the result; returns whether it is right."""
        with TemporaryDirectory(prefix="mutants-") as temporary:
            self._environment["PYTEST_DEBUG_TEMPROOT"] = temporary
            return self._try(options)

    def _try(self, options: argparse.Namespace) -> bool:
        self._prepare()
        arguments = ["run", "--max-children", str(options.jobs)]
        chosen: list[str] = []
        if options.sample:
            # Naming one mutant makes them all, and finds out which tests reach which.
            self._mutmut(*arguments, "*__mutmut_1")
            names = sorted(self._statuses())
            # The sample is to be the same again, and guards no secret.
            chosen = random.Random(options.seed).sample(names, min(options.sample, len(names)))  # noqa: S311
        self._mutmut(*arguments, *chosen)
        statuses = self._statuses()
        if chosen:
            statuses = {name: statuses[name] for name in chosen}
        return self._compare(statuses, is_whole=not chosen)

    def _prepare(self) -> None:
        shutil.rmtree(self.place, ignore_errors=True)
        self.place.mkdir(parents=True)
        for name in ("nixfetch_docker", "tests"):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(TOP / name, self.place / name, ignore=ignored)
        with (self.place / "tests" / "conftest.py").open("a") as file:
            file.write(_LIMIT)
        modules, tests = ROOMS[self.name]
        text = (TOP / "pyproject.toml").read_text("utf-8")
        paths = [f"nixfetch_docker/{path}" for path in modules]
        (self.place / "pyproject.toml").write_text(
            f"{text}\n[tool.mutmut]\n"
            'source_paths = ["nixfetch_docker"]\n'
            f"only_mutate = {json.dumps(paths)}\n"
            f"pytest_add_cli_args_test_selection = {json.dumps(tests)}\n"
            f"pytest_add_cli_args = {json.dumps(_OPTIONS)}\n"
            f"timeout_multiplier = {_PATIENCE}\n",
            "utf-8",
        )

    def _mutmut(self, *arguments: str) -> str:
        """Run mutmut; its progress goes to the terminal, other output is returned."""
        is_run = arguments[0] == "run"
        done = subprocess.run(
            [sys.executable, "-m", "mutmut", *arguments],
            cwd=self.place,
            env=self._environment,
            stdout=None if is_run and sys.stdout.isatty() else subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            sys.exit(f"mutmut failed:\n{(done.stdout or '')[-3000:]}")
        return done.stdout or ""

    def _statuses(self) -> dict[str, str]:
        """Every mutant with what became of it."""
        lines = self._mutmut("results", "--all", "True").splitlines()
        pairs = (line.strip().rpartition(": ") for line in lines if "__mutmut_" in line)
        return {name: status for name, _, status in pairs}

    def _compare(self, statuses: dict[str, str], *, is_whole: bool) -> bool:
        survivors = self._survivors([name for name in statuses if statuses[name] not in _KILLED])
        listed = _listed([self.name])
        unknown, gone = set(survivors) - listed, (listed - set(survivors) if is_whole else set())
        _print("not listed in", unknown)
        _print("killed, and listed in", gone)
        killed = len(statuses) - len(survivors)
        print(
            f"{self.name}: {killed} of {len(statuses)} mutants killed, "
            f"{killed / max(len(statuses), 1):.1%}; {len(survivors) - len(unknown)} survivors "
            f"listed, {len(unknown)} not listed",
            flush=True,
        )
        return not unknown and not gone and killed >= LEAST * len(statuses)

    def _survivors(self, names: Sequence[str]) -> Sequence[Survivor]:
        done = subprocess.run(
            [sys.executable, "-c", _DIFFS],
            cwd=self.place,
            input=json.dumps(names),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return [
            Survivor(function=_function(name), change=_change(diff))
            for name, diff in json.loads(done.stdout).items()
        ]


def _print(what: str, some: Iterable[Survivor]) -> None:
    for one in sorted(some):
        print(f"{what} {LISTED.name}: {one.function}\n{one.change}\n")


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


def _listed(rooms: Iterable[str]) -> set[Survivor]:
    """The survivors of these rooms that have a reason."""
    document = tomllib.loads(LISTED.read_text("utf-8"))
    return {
        Survivor(function=entry["function"], change=change.strip())
        for entry in document["survivor"]
        for change in entry["changes"]
        if entry["reason"] and entry["function"].partition("/")[0] in rooms
    }


def _is_of_code(one: Survivor) -> bool:
    """Whether the module of a survivor has the lines that it changes."""
    module = TOP / "nixfetch_docker" / f"{one.function.partition('.')[0]}.py"
    text = module.read_text("utf-8") if module.exists() else ""
    lines = {line.strip() for line in text.splitlines()}
    return all(line[2:] in lines for line in one.change.splitlines() if line.startswith("-"))


if __name__ == "__main__":
    sys.exit(main())
