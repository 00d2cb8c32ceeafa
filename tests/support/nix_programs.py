"""Scripts in place of Nix's programs, for tests that need no Nix."""

from __future__ import annotations

from pathlib import Path


class Programs:
    """A directory of scripts, the only one in `PATH` of `environment`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir()
        self.environment = {"PATH": str(directory)}

    def write(self, name: str, script: str) -> None:
        """Write a program that runs `script`, a script for sh that has only sh's builtins.

        The script gets the arguments of the program. `$calls` names a file with a line for each
        call.
        """
        program = self._directory / name
        calls = self._calls(name)
        calls.touch()
        program.write_text(f'#!/bin/sh\ncalls={calls}\necho "$*" >> $calls\n{script}\n')
        program.chmod(0o755)

    def calls(self, name: str) -> list[str]:
        """The arguments of each call so far."""
        return self._calls(name).read_text().splitlines()

    def _calls(self, name: str) -> Path:
        return self._directory / f"{name}.calls"
