"""Measures ours and theirs in turn, and prints the tables of docs/explanation/speed.md."""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from support.command import PROGRAM
from support.nix import Nix
from support.registry import registry as run_registry

from . import images, measure
from .blobs import Blobs
from .builds import Builds
from .commands import Commands

_IMPORTTIME = re.compile(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)")
_SLOWEST = 8


def main() -> None:
    """Print the machine, the ratios, how cost grows, and what a start imports."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9, help="how often each is run (default: 9)")
    parser.add_argument(
        "--only", default="", help="the rows whose group has this in its name (default: all)"
    )
    arguments = parser.parse_args()
    # Where Python may not keep compiled modules, every start compiles them.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory(prefix="nixfetch-bench-") as temporary:
        directory = Path(temporary)
        # No Nix is found by the rows of `update`, as its start is not what they measure.
        programs = directory / "bin"
        programs.mkdir()
        for name in ("curl", "sh", "skopeo"):
            (programs / name).symlink_to(shutil.which(name) or name)
        env = {"PATH": str(programs), "HOME": temporary}
        nix = Nix(directory / "nix")
        with run_registry(directory / "registry") as registry:
            commands = Commands(registry, directory, env, arguments.runs)
            blobs = Blobs(registry, directory, nix, arguments.runs)
            builds = Builds(registry, directory, nix, arguments.runs)
            of_commands = (commands.start, commands.one_image, commands.fleets, commands.grow)
            if any(arguments.only in rows.__qualname__ for rows in of_commands):
                commands.prepare()
            print(f"{_machine()}; medians of {arguments.runs} runs or more, in turn.\n")
            measure.heading()
            for rows in (
                *(commands.start, commands.one_image, commands.fleets),
                *(blobs.small, blobs.large, blobs.prefetch, builds.layers, builds.stream),
            ):
                if arguments.only in rows.__qualname__:
                    rows()
            print("\nHow cost grows: wall, cpu, the largest process.\n")
            for rows in (commands.grow, blobs.grow, builds.grow, builds.evaluation):
                if arguments.only in rows.__qualname__:
                    rows()
            if arguments.only:
                return
            print("\nWhat a start imports, in milliseconds of `-X importtime`.\n")
            digest = images.blob(registry, "blobs", 2000)
            place = f"{registry.host}/blobs"
            for words in (
                ["--version"],
                ["digest", f"{registry.host}/fleet:0"],
                ["fetch-blob", place, digest, "--output", str(directory / "blob")],
                ["update", "--file", str(commands.update(10).cwd / "images.toml")],
            ):
                _print_imports(words, env)


def _machine() -> str:
    info = Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*: (.*)", info)
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} × {model[1] if model else platform.machine()}, Linux "
        f"{platform.release()}, Python {platform.python_version()}, a load of {load:.1f} at first"
    )


def _print_imports(words: list[str], env: dict[str, str]) -> None:
    command = [sys.executable, "-X", "importtime", str(PROGRAM), *words]
    done = subprocess.run(command, env=env, capture_output=True, check=True, text=True)
    print(f"- `{words[0]}`: {imports(done.stderr)}", flush=True)


def imports(told: str) -> str:
    """The sum of all imports that Python told of, and the modules that take longest themselves."""
    found = [(int(own), name) for own, name in _IMPORTTIME.findall(told)]
    slowest = ", ".join(
        f"{name} {own / 1000:.1f}" for own, name in sorted(found, reverse=True)[:_SLOWEST]
    )
    return f"{sum(own for own, _ in found) / 1000:.0f}; {slowest}"


if __name__ == "__main__":
    main()
