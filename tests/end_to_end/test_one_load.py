"""Several loads at once: one at a time, and none that is not needed; with real engines."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import oci
from support.busybox import busybox
from support.command import Project
from support.containerd import Containerd
from support.nix import Nix
from support.podman import Podman
from support.process import run
from support.registry import Registry

_SECONDS = 60.0
# What loads: the argument of the engine's command.
_LOADS = {"podman": "pull", "docker": "load", "containerd": "import"}


@pytest.fixture(params=_LOADS)
def engine(request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of an engine that runs; see `_environment`."""
    if request.param != "containerd":
        started = request.getfixturevalue(request.param)
        request.node.engine_environment = {
            "PATH": f"{started.path}:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "/root",
        }
        yield request.param
        return
    containerd = Containerd()
    request.node.engine_environment = containerd.env
    yield request.param
    containerd.close()


class Loads:
    """The program that loads one image into an engine, with a lock of this test's own."""

    def __init__(
        self, registry: Registry, project: Project, nix: Nix, engine: str, env: dict[str, str]
    ) -> None:
        name = f"{registry.host}/acme/web:1.0"
        registry.push(
            "acme/web:1.0", oci.image(busybox(), oci.layer({"big": os.urandom(3_000_000)}, "none"))
        )
        project.update(f'[images.web]\nimage = "{name}"')
        built = nix.build(project.images, "web", "load", engine)
        self._program = built / "bin" / f"{engine}-load"
        self._engine = engine
        self._env = env
        self._directory = Path(tempfile.mkdtemp(prefix="loads-"))
        self._log = self._directory / "loads"
        self.run_directory().mkdir()
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self, then: str = 'exec "$@"') -> subprocess.Popen[bytes]:
        """Start the program; `then` is what the engine's command does in place of a load."""
        command = "ctr" if self._engine == "containerd" else self._engine
        path = Path(tempfile.mkdtemp(dir=self._directory))
        wrapper = path / command
        wrapper.write_text(
            f"#!/bin/sh\nPATH={self._env['PATH']}\n"
            f'case " $* " in *" {_LOADS[self._engine]} "*)\n'
            f'echo load >> {self._log}; set -- {command} "$@"; {then} ;; esac\n'
            f'exec {command} "$@"\n'
        )
        wrapper.chmod(0o755)
        mount = 'mount --bind "$1" /run; shift; exec "$@"'
        within = ["unshare", "--mount", "sh", "-euc", mount, "sh", self.run_directory()]
        process = subprocess.Popen(
            list(map(str, [*within, self._program])),
            env={**self._env, "PATH": f"{path}:{self._env['PATH']}"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self._started.append(process)
        return process

    def count(self) -> int:
        """How often the engine was told to load."""
        return len(self._log.read_text().splitlines()) if self._log.exists() else 0

    def run_directory(self) -> Path:
        """The directory that the programs have as /run."""
        return self._directory / "run"

    def close(self) -> None:
        """End what runs still."""
        for process in self._started:
            if process.returncode is None:
                _kill(process)
        shutil.rmtree(self._directory)


@pytest.fixture
def loads(
    request: pytest.FixtureRequest, registry: Registry, project: Project, nix: Nix, engine: str
) -> Iterator[Loads]:
    made = Loads(registry, project, nix, engine, request.node.engine_environment)
    yield made
    made.close()


def test_six_units_at_once_load_an_image_once(loads: Loads) -> None:
    started = [loads.start() for _ in range(6)]
    said = [process.communicate()[1].decode() for process in started]
    assert [process.returncode for process in started] == [0] * 6, said
    assert loads.count() == 1
    assert sum("loaded " in one for one in said) == 1


def test_whoever_waits_says_so(loads: Loads, engine: str) -> None:
    first = loads.start("sleep 1000")
    _wait_for_a_load(loads, first)
    second = loads.start()
    assert second.stderr is not None
    assert second.stderr.readline().decode() == (
        f"waiting for {engine}, which loads another image\n"
    )
    _kill(first)
    _, said = second.communicate()
    assert second.returncode == 0, said
    assert loads.count() == 2


def test_the_lock_goes_with_the_script_though_the_engine_goes_on(loads: Loads) -> None:
    first = loads.start("sleep 1000")
    _wait_for_a_load(loads, first)
    os.kill(first.pid, signal.SIGKILL)
    second = loads.start()
    _, said = second.communicate()
    assert second.returncode == 0, said
    assert b"waiting" not in said


def test_no_other_user_can_open_the_lock(loads: Loads) -> None:
    done = loads.start()
    assert done.communicate()[0] is None
    # Newer engines have directories of their own beside it.
    directory = loads.run_directory() / "nixfetch-docker"
    (file,) = directory.iterdir()
    assert [path.stat().st_mode & 0o777 for path in (directory, file)] == [0o700, 0o600]


def test_a_lock_that_cannot_be_made_keeps_no_image_from_being_loaded(loads: Loads) -> None:
    (loads.run_directory() / "nixfetch-docker").write_text("")
    done = loads.start()
    _, said = done.communicate()
    assert done.returncode == 0, said
    assert loads.count() == 1


def test_what_podman_leaves_running_for_a_user_has_no_lock(
    registry: Registry, project: Project
) -> None:
    # podman takes the path for a reference, where no part begins or ends with "_".
    with tempfile.TemporaryDirectory(
        prefix="nix-a", suffix="a", ignore_cleanup_errors=True
    ) as directory:
        Path(directory).chmod(0o755)
        nix = Nix(Path(directory) / "nix")
        for tag in ("1", "2"):
            registry.push(f"acme/web:{tag}", oci.image(busybox(), oci.layer({tag: b""})))
        rootless = Podman(user=65534)
        try:
            for tag in ("1", "2"):
                project.update(f'[images.web]\nimage = "{registry.host}/acme/web:{tag}"')
                built = nix.build(project.images, "web", "load", "podman")
                done = run([*rootless.as_user, built / "bin/podman-load"])
                assert done.returncode == 0, done.stderr
                assert "waiting" not in done.stderr
        finally:
            rootless.close()


def _wait_for_a_load(loads: Loads, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _SECONDS
    while loads.count() == 0:
        assert process.poll() is None, "the load ended too early"
        assert time.monotonic() < deadline, "nothing is loaded"
        time.sleep(0.01)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill all of a load."""
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
