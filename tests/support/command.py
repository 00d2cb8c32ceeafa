"""The program `nixfetch-docker`, run in a directory with an images.toml."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from .process import run

PROGRAM = Path(__file__).parents[2] / ".venv/bin/nixfetch-docker"


class Project:
    """A directory with an images.toml and its lock; `env` is the environment of its commands."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir()
        self.directory = directory
        self.images = directory / "images.toml"
        self.lock = directory / "images.lock.toml"

        # Whether what `update` reads goes into the Nix store of `env`. Elsewhere it does not, as
        # Nix may be done with it before or after the next command begins.
        self.deposits = False

        self.home = directory / "home"
        self.env = {"PATH": os.environ["PATH"], "HOME": str(self.home)}

    def log_in(self, host: str, username: str, password: str) -> Path:
        """Write a login as `docker login` does; returns the path of the file."""
        file = self.home / ".docker/config.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        pair = base64.b64encode(f"{username}:{password}".encode()).decode()
        file.write_text(json.dumps({"auths": {host: {"auth": pair}}}))
        return file

    def try_run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `nixfetch-docker ARGUMENTS` in this directory, whatever its exit status."""
        return run([PROGRAM, *arguments], env=self._environment(arguments), cwd=self.directory)

    def run(self, *arguments: str) -> str:
        """The stdout of `nixfetch-docker ARGUMENTS`, which must succeed."""
        done = self.try_run(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def raw(self, *arguments: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Like `try_run`, with `data` on stdin, and the output as bytes."""
        return subprocess.run(
            [PROGRAM, *arguments],
            env=self._environment(arguments),
            cwd=self.directory,
            input=data,
            capture_output=True,
            check=False,
        )

    def read(self, *arguments: str, data: bytes = b"") -> bytes:
        """The stdout, as bytes, of a command that must succeed and write nothing to stderr."""
        done = self.raw(*arguments, data=data)
        assert (done.returncode, done.stderr) == (0, b"")
        return done.stdout

    def update(self, images: str) -> str:
        """Write images.toml and run `update`; returns the text of the lock."""
        self.images.write_text(images)
        self.run("update")
        return self.lock.read_text()

    def _environment(self, arguments: Sequence[str]) -> Mapping[str, str]:
        if (
            self.deposits
            or "--prefetch" in arguments
            or not {"add", "lock", "update"} & {*arguments}
        ):
            return self.env
        return {**self.env, "NIX_REMOTE": "unix:///nowhere/socket"}
