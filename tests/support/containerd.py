"""A containerd for one test: its storage, state and socket are in one directory."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from .process import output, run

_START_SECONDS = 30.0
_CPU = {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine]


class Containerd:
    """A running containerd, and its client `ctr`."""

    def __init__(self) -> None:
        # A socket's path may have about 100 characters; pytest's directories are longer.
        self._directory = directory = Path(tempfile.mkdtemp(prefix="containerd-"))
        socket = directory / "socket"
        self._ctr = ["ctr", "--address", str(socket)]
        # What programs need that run `ctr` without arguments for the daemon.
        self.env = {
            "PATH": os.environ["PATH"],
            "CONTAINERD_ADDRESS": str(socket),
            "CONTAINERD_SNAPSHOTTER": "native",
        }
        config = directory / "config.toml"
        config.write_text(
            "version = 2\n"
            f"root = '{directory}/root'\n"
            f"state = '{directory}/state'\n"
            "disabled_plugins = ['io.containerd.grpc.v1.cri']\n"
            f"[grpc]\naddress = '{socket}'\n"
            f"[ttrpc]\naddress = '{socket}.ttrpc'\n"
            # containerd 2 unpacks with overlayfs alone, unless it is told otherwise.
            "[[plugins.'io.containerd.transfer.v1.local'.unpack_config]]\n"
            f"platform = 'linux/{_CPU}'\nsnapshotter = 'native'\n"
        )
        log = directory / "log"
        with log.open("wb") as file:
            self._daemon = subprocess.Popen(
                ["containerd", "--config", str(config)], stdout=file, stderr=file
            )
        deadline = time.monotonic() + _START_SECONDS
        while run([*self._ctr, "version"]).returncode != 0:
            assert self._daemon.poll() is None, f"containerd ended:\n{log.read_text()}"
            assert time.monotonic() < deadline, f"containerd does not answer:\n{log.read_text()}"
            time.sleep(0.05)

    def load(self, archive: Path) -> None:
        """`ctr images import FILE`."""
        command = [*self._ctr, "images", "import", "--snapshotter", "native", str(archive)]
        # Where another image had the name, containerd may collect a layer meanwhile that both have.
        if run(command).returncode != 0:
            output(command)

    def load_stream(self, stream: Path) -> None:
        """`STREAM | ctr images import -`."""
        with subprocess.Popen([str(stream)], stdout=subprocess.PIPE) as writer:
            done = subprocess.run(
                [*self._ctr, "images", "import", "--snapshotter", "native", "-"],
                stdin=writer.stdout,
                capture_output=True,
                check=False,
            )
        assert done.returncode == 0, done.stderr.decode()
        assert writer.returncode == 0

    def images(self, namespace: str = "default") -> dict[str, str]:
        """The digests of all images by their names."""
        listed = output([*self._ctr, "--namespace", namespace, "images", "list"])
        lines = listed.splitlines()[1:]
        return {fields[0]: fields[2] for fields in map(str.split, lines)}

    def run(self, name: str) -> str:
        """The stdout of a container of the image."""
        # runc needs IDs that are unique on this machine, also between daemons.
        container = self._directory.name.replace("_", "x")
        return output([*self._ctr, "run", "--rm", "--snapshotter", "native", name, container])

    def forget(self, digest: str) -> None:
        """Remove a blob, though an image has it."""
        output([*self._ctr, "content", "rm", digest])

    def size(self) -> int:
        """How many bytes of blobs there are, also of those that are on their way."""
        root = self._directory / "root/io.containerd.content.v1.content"
        return sum(_size(file) for file in root.rglob("*"))

    def close(self) -> None:
        """Stop the daemon and remove its directory."""
        self._daemon.terminate()
        self._daemon.wait()
        shutil.rmtree(self._directory, ignore_errors=True)


def _size(file: Path) -> int:
    try:
        return file.lstat().st_size
    except FileNotFoundError:
        return 0
