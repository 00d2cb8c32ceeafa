"""A docker daemon for one test: its storage, state and socket are in one directory."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Any

from .process import output, run

# By its path: on some machines, PATH finds another program of this name first.
_DOCKER = "/usr/bin/docker"
_START_SECONDS = 60.0
_OPTIONS = (
    *("--iptables=false", "--ip6tables=false", "--ip-forward=false"),
    *("--ip-masq=false", "--bridge=none"),
)


@cache
def has_containerd_store() -> bool:
    """Whether this machine's docker can keep images in containerd's store, as version 24 can."""
    version = re.search(r"version (\d+)", output(["dockerd", "--version"]))
    return version is not None and int(version[1]) >= 24


class Docker:
    """A running dockerd; `path` is a directory for PATH with a `docker` that is its client."""

    def __init__(self, *, offline: bool = False, containerd_store: bool = False) -> None:
        """Start the daemon.

        With `offline`, it has no network at all; with `containerd_store`, it keeps images in
        containerd's store.
        """
        self._prefix = ["unshare", "--net"] if offline else []
        self.has_containerd_store = containerd_store
        # A socket's path may have about 100 characters; pytest's directories are longer.
        self._directory = Path(tempfile.mkdtemp(prefix="docker-"))
        self._socket = self._directory / "socket"
        self.storage = self._directory / "data"
        self.path = self._directory / "bin"
        self.path.mkdir()
        client = self.path / "docker"
        client.write_text(f'#!/bin/sh\nexec {_DOCKER} -H unix://{self._socket} "$@"\n')
        client.chmod(0o755)
        self._client = client
        self._start()

    def load(self, archive: Path) -> str:
        """`docker load -i`."""
        return output([self._client, "load", "--quiet", "-i", archive])

    def run(self, name: str) -> str:
        """The stdout of a container of the image, which must be there: docker pulls nothing."""
        return output([self._client, "run", "--rm", "--pull=never", "--network=none", name])

    def inspect(self, name: str) -> dict[str, Any]:
        """The result of `docker image inspect` for an image."""
        found: list[dict[str, Any]] = json.loads(output([self._client, "image", "inspect", name]))
        return found[0]

    def remove(self, name: str) -> None:
        """`docker rmi`."""
        output([self._client, "rmi", name])

    def restart_after_kill(self) -> None:
        """Kill the daemon without a warning, and start another on the same storage."""
        self._kill()
        self._start()

    def close(self) -> None:
        """Stop the daemon and remove its directory."""
        self._daemon.terminate()
        try:
            self._daemon.wait(timeout=30)
        finally:
            self._kill()
            shutil.rmtree(self._directory, ignore_errors=True)

    def _start(self) -> None:
        directory = self._directory
        config = directory / "daemon.json"
        features = {"containerd-snapshotter": True} if self.has_containerd_store else {}
        config.write_text(json.dumps({"features": features}))
        driver = "native" if self.has_containerd_store else "vfs"
        command = [
            *[*self._prefix, "dockerd", *_OPTIONS, "-H", f"unix://{self._socket}"],
            *["--data-root", str(self.storage), "--exec-root", str(directory / "run")],
            *["--pidfile", str(directory / "pid"), "--config-file", str(config)],
            f"--storage-driver={driver}",
        ]
        log = directory / "log"
        with log.open("ab") as file:
            self._daemon = subprocess.Popen(
                command, stdout=file, stderr=file, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
            )
        deadline = time.monotonic() + _START_SECONDS
        while run([self._client, "version"]).returncode != 0:
            assert self._daemon.poll() is None, f"dockerd ended:\n{log.read_text()}"
            assert time.monotonic() < deadline, f"dockerd does not answer:\n{log.read_text()}"
            time.sleep(0.05)

    def _kill(self) -> None:
        self._daemon.kill()
        self._daemon.wait()
        # dockerd starts a containerd, which outlives it.
        pid = self._directory / "run/containerd/containerd.pid"
        if pid.exists():
            _kill_and_wait(int(pid.read_text()))
            pid.unlink(missing_ok=True)
        (self._directory / "pid").unlink(missing_ok=True)
        # A daemon that was killed leaves its mounts, and the next one mounts once more.
        for mount in ("run/netns/default", "data"):
            while run(["umount", self._directory / mount]).returncode == 0:
                pass


def _kill_and_wait(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
        while True:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
                return
            time.sleep(0.02)
    except (ProcessLookupError, FileNotFoundError):
        return
