"""A Nix for one test: its store, state and configuration are in one directory.

It builds in Nix's sandbox.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from .process import output, run

REPOSITORY = Path(__file__).parents[2]


class Nix:
    """The programs of Nix, with a store below a directory."""

    def __init__(self, directory: Path, config: str = "") -> None:
        """Make the store below `directory`; `config` has more lines of nix.conf."""
        self.store = directory / "store"
        self.images = REPOSITORY / "tests/nix/images.nix"
        home = directory / "home"
        home.mkdir(parents=True)
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "NIX_STORE_DIR": str(self.store),
            "NIX_STATE_DIR": str(directory / "state"),
            "NIX_LOCALSTATE_DIR": str(directory / "localstate"),
            "NIX_LOG_DIR": str(directory / "log"),
            "NIX_CONF_DIR": str(directory / "conf"),
            "NIX_CONFIG": output([REPOSITORY / "tests/nix/nix-config"]) + config,
        }
        # Of two programs of Nix that make one store at the same time, one may fail.
        output(["nix-store", "--init"], env=self.env)

    def on_another_machine(self, substituter: str) -> Nix:
        """Put this store aside; returns a Nix with an empty store under the same path.

        It uses the binary cache at the URL `substituter`, and needs no signatures.
        """
        directory = self.store.parent
        directory.rename(directory.with_name(f"{directory.name}-here"))
        return Nix(directory, f"substituters = {substituter}\nrequire-sigs = false\n")

    def try_build(
        self, images: Path, *attribute: str, platform: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Build an attribute of an images.toml; stdout is the store path."""
        expression = REPOSITORY / "tests/nix/images.nix"
        command: list[str | Path] = ["nix-build", expression, "--no-out-link"]
        command += ["--arg", "file", images]
        if platform is not None:
            command += ["--argstr", "platform", platform]
        return run([*command, "-A", ".".join(attribute)], env=self.env)

    def build(self, images: Path, *attribute: str, platform: str | None = None) -> Path:
        """The store path of an attribute of an images.toml, whose build must succeed."""
        done = self.try_build(images, *attribute, platform=platform)
        assert done.returncode == 0, done.stderr
        return Path(done.stdout.strip())

    def evaluate(self, expression: str) -> str:
        """The value of an expression, as JSON."""
        return output(
            ["nix-instantiate", "--eval", "--strict", "--json", "-E", expression], env=self.env
        )

    def paths(self, name: str) -> list[Path]:
        """The store paths with this name."""
        return list(self.store.glob(f"*-{name}"))


def try_evaluate(expression: str) -> subprocess.CompletedProcess[str]:
    """Evaluate an expression without a store: in milliseconds, with paths in /nix/store.

    It can build nothing and writes nothing. Stdout is the value as JSON.
    """
    options = ["--eval", "--strict", "--json", "--readonly-mode", "--store", "dummy://"]
    env = {"PATH": os.environ["PATH"], "HOME": "/homeless", "NIX_CONF_DIR": "/homeless"}
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


def remove(directory: Path) -> None:
    """Remove a store, whose directories are read-only."""
    for root, _, _ in os.walk(directory):
        Path(root).chmod(0o755)
    shutil.rmtree(directory)
