"""A podman for one test: its storage and state are in one directory."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from .process import output

# These limits let containers start on machines without systemd, as CI's are.
RUN_OPTIONS = (
    *("run", "--rm", "--pull=never", "--network=none"),
    *("--ulimit=nofile=1024:1024", "--ulimit=nproc=1024:1024"),
)


class Podman:
    """podman with its own storage, of root or of another user.

    `path` is a directory for PATH with this `podman`. `as_user` is a command prefix that runs a
    command as the user whose podman this is.
    """

    def __init__(self, user: int | None = None) -> None:
        """Make the storage; `user` is the ID of an unprivileged user, by default root."""
        # podman refuses a runroot of more than 50 characters; pytest's directories are longer.
        self._directory = directory = Path(tempfile.mkdtemp(prefix="podman-"))
        self._user = user
        self.as_user: list[str] = []
        if user is not None:
            home = directory / "home"
            home.mkdir()
            self.as_user = [
                *["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"],
                *["env", "-i", f"HOME={home}", f"XDG_RUNTIME_DIR={home}"],
                f"PATH={directory}/bin:/usr/bin:/bin",
            ]
        options = [
            *["--root", str(directory / "root"), "--runroot", str(directory / "run")],
            *["--tmpdir", str(directory / "tmp"), "--storage-driver=vfs"],
            *["--cgroup-manager=cgroupfs", "--events-backend=file", "--runtime=runc"],
        ]
        self.storage = directory / "root"
        self.path = directory / "bin"
        self.path.mkdir()
        wrapper = self.path / "podman"
        lines = ["#!/bin/sh"]
        if user is not None:
            # Without it podman has its pause process in /tmp/storage-run-UID, and does not make
            # that directory where it is given another one by --tmpdir.
            lines.append(f"export XDG_RUNTIME_DIR=${{XDG_RUNTIME_DIR:-{directory}/home}}")
        lines.append(f'exec /usr/bin/podman {shlex.join(options)} "$@"')
        wrapper.write_text("".join(f"{line}\n" for line in lines))
        wrapper.chmod(0o755)
        self._command = [*self.as_user, str(wrapper)]
        if user is not None:
            for path in [directory, *directory.iterdir()]:
                os.chown(path, user, user)

    def load(self, archive: Path) -> str:
        """`podman load -i`."""
        return output([*self._command, "load", "--quiet", "-i", archive])

    def load_stream(self, *stream: str | Path) -> str:
        """`STREAM | podman load`, as nixpkgs' oci-containers does it; `stream` is a command."""
        with subprocess.Popen(list(map(str, stream)), stdout=subprocess.PIPE) as writer:
            done = subprocess.run(
                [*self._command, "load", "--quiet"],
                stdin=writer.stdout,
                capture_output=True,
                check=False,
            )
        assert done.returncode == 0, done.stderr.decode()
        assert writer.returncode == 0
        return done.stdout.decode()

    def run(self, name: str) -> str:
        """The stdout of a container of the image, without a network."""
        return output(["unshare", "--net", *self._command, *RUN_OPTIONS, name])

    def names(self) -> list[str]:
        """The names of all images; `<none>:<none>` stands for an image without a name."""
        template = "{{.Repository}}:{{.Tag}}"
        listed = output([*self._command, "images", "--all", "--format", template])
        return sorted(listed.splitlines())

    def remove(self, name: str) -> None:
        """`podman rmi`."""
        output([*self._command, "rmi", name])

    def inspect(self, name: str) -> dict[str, Any]:
        """The result of `podman image inspect` for an image."""
        found: list[dict[str, Any]] = json.loads(output([*self._command, "image", "inspect", name]))
        return found[0]

    def close(self) -> None:
        """Remove all images and the storage."""
        output([*self._command, "rmi", "--all", "--force"])
        if self._user is not None:
            # This ends the process that holds the user's namespace.
            output([*self._command, "system", "migrate"])
        shutil.rmtree(self._directory, ignore_errors=True)
