"""A podman of its own: storage and state in one directory."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from .process import output


class Podman:
    """podman with everything that it keeps in one directory."""

    def __init__(self) -> None:
        # podman takes no runroot of more than 50 characters, and pytest's directories have more.
        self._directory = directory = Path(tempfile.mkdtemp(prefix="podman-"))
        self._command = [
            *["podman", "--root", str(directory / "root"), "--runroot", str(directory / "run")],
            *["--tmpdir", str(directory / "tmp"), "--storage-driver=vfs"],
        ]

    def load(self, archive: Path) -> str:
        """`podman load -i`."""
        return output([*self._command, "load", "--quiet", "-i", archive])

    def load_stream(self, stream: Path) -> str:
        """`STREAM | podman load`, as oci-containers' imageStream does it."""
        with subprocess.Popen([str(stream)], stdout=subprocess.PIPE) as writer:
            done = subprocess.run(
                [*self._command, "load", "--quiet"],
                stdin=writer.stdout,
                capture_output=True,
                check=False,
            )
        assert done.returncode == 0, done.stderr.decode()
        assert writer.returncode == 0
        return done.stdout.decode()

    def inspect(self, name: str) -> dict[str, Any]:
        """What podman knows of an image."""
        found: list[dict[str, Any]] = json.loads(output([*self._command, "image", "inspect", name]))
        return found[0]

    def close(self) -> None:
        """Remove all that there was."""
        output([*self._command, "rmi", "--all", "--force"])
        shutil.rmtree(self._directory, ignore_errors=True)
