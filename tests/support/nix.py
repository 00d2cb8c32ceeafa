"""A Nix for one test: its store, state and configuration are in one directory.

It builds in Nix's sandbox.
"""

from __future__ import annotations

import copy
import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import nixpkgs
from .process import output, run

REPOSITORY = Path(__file__).parents[2]


class Nix:
    """The programs of Nix, with a store below a directory."""

    def __init__(
        self,
        directory: Path,
        config: str = "",
        *,
        machine: Path | None = None,
        offline: bool = False,
    ) -> None:
        """Make the store below `directory`; `config` has more lines of nix.conf.

        With `machine`, another directory, this Nix is on another machine: its files are in there,
        and its programs alone see them at `directory`, where they see those of no other Nix. So its
        store paths are the same. With `offline`, they have no network, not even loopback.
        """
        self.store = directory / "store"
        # Where the store is for programs that are not of that machine.
        self.real_store = (machine or directory) / "store"
        # Arguments before a command that is to run on this machine.
        self.within = () if machine is None else _namespaces(machine, directory, offline=offline)
        self.images = REPOSITORY / "tests/nix/images.nix"
        home = (machine or directory) / "home"
        home.mkdir(parents=True)
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(directory / "home"),
            "NIX_STORE_DIR": str(self.store),
            "NIX_STATE_DIR": str(directory / "state"),
            "NIX_LOCALSTATE_DIR": str(directory / "localstate"),
            "NIX_LOG_DIR": str(directory / "log"),
            "NIX_CONF_DIR": str(directory / "conf"),
            "NIX_CONFIG": output([REPOSITORY / "tests/nix/nix-config"]) + config,
            **nixpkgs.LIB,
        }
        # Of two programs of Nix that make one store at the same time, one may fail.
        self.output(["nix-store", "--init"])

    def run(self, command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
        """Run a command on the machine of this Nix, whatever its exit status."""
        return run([*self.within, *command], env=self.env)

    def output(self, command: Sequence[str | Path]) -> str:
        """The stdout of such a command, which must succeed."""
        return output([*self.within, *command], env=self.env)

    def with_settings(self, config: str, **env: str) -> Nix:
        """The same Nix with more lines of nix.conf, and more in its environment."""
        changed = copy.copy(self)
        changed.env = {**self.env, **env, "NIX_CONFIG": self.env["NIX_CONFIG"] + config}
        return changed

    def on_another_machine(self, substituter: str, *, can_build: bool = True) -> Nix:
        """Put this store aside; returns a Nix with an empty store under the same path.

        It uses the binary cache at the URL `substituter`, and needs no signatures. Where it cannot
        build, its sandbox has no program: a machine that has a cache and no compiler.
        """
        directory = self.store.parent
        directory.rename(directory.with_name(f"{directory.name}-here"))
        config = f"substituters = {substituter}\nrequire-sigs = false\n"
        return Nix(directory, config if can_build else f"{config}sandbox-paths =\n")

    def try_build(
        self, images: Path, *attribute: str, platform: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Build an attribute of an images.toml; stdout is the store path."""
        expression = REPOSITORY / "tests/nix/images.nix"
        command: list[str | Path] = ["nix-build", expression, "--no-out-link"]
        command += ["--arg", "file", images]
        if platform is not None:
            command += ["--argstr", "platform", platform]
        return self.run([*command, "-A", ".".join(attribute)])

    def build(self, images: Path, *attribute: str, platform: str | None = None) -> Path:
        """The store path of an attribute of an images.toml, whose build must succeed."""
        done = self.try_build(images, *attribute, platform=platform)
        assert done.returncode == 0, done.stderr
        return Path(done.stdout.strip())

    def evaluate(self, expression: str) -> str:
        """The value of an expression, as JSON."""
        return self.output(["nix-instantiate", "--eval", "--strict", "--json", "-E", expression])

    def paths(self, name: str) -> list[Path]:
        """The store paths with this name."""
        return list(self.store.glob(f"*-{name}"))


def _namespaces(own: Path, shown: Path, *, offline: bool) -> Sequence[str]:
    """The start of a command to which the directory `own` is at `shown`, and to no other."""
    net = ["--net"] if offline else []
    mount = 'mount --bind "$1" "$2"; shift 2; exec "$@"'
    return ["unshare", "--mount", *net, "sh", "-euc", mount, "sh", str(own), str(shown)]


def try_evaluate(expression: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Evaluate an expression without a store: in milliseconds, with paths in /nix/store.

    It can build nothing and writes nothing. Stdout is the value as JSON. `variables` are further
    variables of its environment.
    """
    options = ["--eval", "--strict", "--json", "--readonly-mode", "--store", "dummy://"]
    env = {"PATH": os.environ["PATH"], "HOME": "/homeless", "NIX_CONF_DIR": "/homeless"}
    env |= nixpkgs.LIB | variables
    return run(["nix-instantiate", *options, "-E", expression], env=env)


def evaluate(expression: str) -> Any:
    """The value of an expression that must evaluate, without a store."""
    done = try_evaluate(expression)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def error(stderr: str) -> str:
    """The text of Nix's last error; newer versions print it indented, below a trace."""
    lines = [line.strip() for line in stderr.splitlines()]
    return [line for line in lines if line.startswith("error: ")][-1].removeprefix("error: ")


def without_source(stderr: str) -> str:
    """The text of Nix's errors, without the lines of source that it shows."""
    lines = stderr.splitlines()
    return "\n".join(line for line in lines if re.match(r" *[0-9]*\| ", line) is None)


def update_command(images: Path) -> str:
    """The command that messages of Nix name for an images.toml outside of the store."""
    option = f"--file {shlex.quote(str(images))}"
    return f"`nixfetch-docker update {option}` (or `nix run .#update-images -- {option}`)"


def remove(directory: Path) -> None:
    """Remove a store, whose directories are read-only."""
    for root, _, _ in os.walk(directory):
        Path(root).chmod(0o755)
    shutil.rmtree(directory)
