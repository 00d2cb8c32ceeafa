"""The programs `image.load.ENGINE`, with the engines that they load into."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from support import oci
from support.busybox import busybox, printing
from support.command import Project
from support.containerd import Containerd
from support.docker import Docker
from support.nix import REPOSITORY, Nix, evaluate
from support.podman import Podman
from support.process import run
from support.registry import Registry

ENGINES = ("containerd", "docker", "podman")
_SECONDS = 60.0


@pytest.fixture
def containerd() -> Iterator[Containerd]:
    made = Containerd()
    yield made
    made.close()


class Loads:
    """A project with the image `web`, and the programs that load it."""

    def __init__(self, registry: Registry, project: Project, nix: Nix) -> None:
        self._registry = registry
        self._project = project
        self._nix = nix
        self.name = f"{registry.host}/acme/web:1.0"

    def program(self, image: oci.Image, engine: str) -> Path:
        """Push and lock an image as `web`, and build its program for an engine."""
        self._registry.push("acme/web:1.0", image)
        self._project.update(f'[images.web]\nimage = "{self.name}"')
        built = self._nix.build(self._project.images, "web", "load", engine)
        return built / "bin" / f"{engine}-load"

    def take_away(self, layer: oci.Layer) -> None:
        """Remove a layer from the store, so that whoever reads it fails."""
        for file in self._nix.paths(oci.digest(layer.data).replace(":", "-")):
            file.rename(file.with_suffix(".away"))


@pytest.fixture
def loads(registry: Registry, project: Project, nix: Nix) -> Loads:
    return Loads(registry, project, nix)


@pytest.mark.parametrize("change", ["image", "image.overrideAttrs { more = 1; }"])
def test_each_program_is_found_by_lib_get_exe(change: str) -> None:
    programs = _evaluate(f"builtins.mapAttrs (_: lib.getExe) ({change}).load")
    assert list(programs) == list(ENGINES)
    for engine, program in programs.items():
        assert program.startswith("/nix/store/")
        assert program.endswith(f"-{engine}-load/bin/{engine}-load")


def test_the_program_of_an_image_under_another_name_is_another() -> None:
    programs = (
        '[ image.load.podman.outPath (image.override { tag = "mine"; }).load.podman.outPath ]'
    )
    one, other = _evaluate(programs)
    assert one != other


def test_no_program_is_evaluated_for_an_image_alone() -> None:
    broken = '{ runtimeShell = throw "a program was evaluated"; }'
    fetch = f"pkgs.callPackage {REPOSITORY}/nix/fetchers/fetch-docker.nix {broken}"
    entry = '{ repository = "docker.io/library/redis"; manifest = blob // { media-type = "x"; }; '
    entry += "config = blob; layers = [ blob ]; }"
    blob = '{ sha256 = builtins.hashString "sha256" ""; size = 1; }'
    value = f"let blob = {blob}; in (({fetch}) {entry}).drvPath"
    assert _evaluate(value).endswith(".drv")


@pytest.mark.parametrize("engine", ["podman", "docker", "docker_with_containerd_store"])
def test_the_program_loads_once(engine: str, loads: Loads, request: pytest.FixtureRequest) -> None:
    started: Podman | Docker = request.getfixturevalue(engine)
    image = printing("out of the store")
    program = loads.program(image, engine.partition("_")[0])
    env = {"PATH": f"{started.path}:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}
    first = _run(program, env)
    assert first.returncode == 0, first.stderr
    assert first.stderr.splitlines()[-1].startswith(f"loaded {loads.name}")
    assert started.run(loads.name) == "out of the store"

    loads.take_away(image.layers[0])
    second = _run(program, env)
    assert (second.returncode, second.stdout) == (0, "")
    assert "loaded" not in second.stderr


def test_containerd_loads_once_and_follows_the_lock(loads: Loads, containerd: Containerd) -> None:
    old, new = printing("old"), printing("new")
    first = loads.program(old, "containerd")
    _load(first, containerd, loads.name)
    assert containerd.images() == {loads.name: old.digest}
    assert containerd.run(loads.name) == "old"

    again = _run(first, containerd.env)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")

    # The tag has moved, and moves back, as after a rollback.
    second = loads.program(new, "containerd")
    assert first != second
    _load(second, containerd, loads.name)
    assert containerd.images() == {loads.name: new.digest}
    assert containerd.run(loads.name) == "new"
    _load(first, containerd, loads.name)
    assert containerd.run(loads.name) == "old"


def test_containerd_reads_no_layer_of_an_image_that_it_has(
    loads: Loads, containerd: Containerd
) -> None:
    image = printing("hello")
    program = loads.program(image, "containerd")
    _load(program, containerd, loads.name)
    loads.take_away(image.layers[0])
    again = _run(program, containerd.env)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


def test_containerd_loads_into_the_namespace_that_the_environment_names(
    loads: Loads, containerd: Containerd
) -> None:
    image = printing("hello")
    program = loads.program(image, "containerd")
    env = containerd.env | {"CONTAINERD_NAMESPACE": "k8s.io"}
    done = _run(program, env)
    assert done.returncode == 0, done.stderr
    assert containerd.images() == {}
    assert containerd.images("k8s.io") == {loads.name: image.digest}


def test_containerd_loads_again_what_it_lost(loads: Loads, containerd: Containerd) -> None:
    image = printing("hello")
    program = loads.program(image, "containerd")
    _load(program, containerd, loads.name)
    containerd.forget(oci.digest(image.layers[0].data))
    _load(program, containerd, loads.name)
    assert containerd.run(loads.name) == "hello"


def test_a_load_into_containerd_that_is_killed_is_made_good(
    loads: Loads, containerd: Containerd
) -> None:
    big = oci.layer({"big": os.urandom(150_000_000)}, "none")
    image = oci.image(busybox(), big, command=["/bin/busybox", "wc", "-c", "/big"])
    program = loads.program(image, "containerd")
    deadline = time.monotonic() + _SECONDS
    with subprocess.Popen(
        [str(program)], env=containerd.env, start_new_session=True, stderr=subprocess.PIPE
    ) as process:
        while containerd.size() < 20_000_000:
            assert process.poll() is None, "the load ended too early"
            assert time.monotonic() < deadline, "the load writes nothing"
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)
    _load(program, containerd, loads.name)
    assert containerd.run(loads.name) == "150000000 /big\n"


@pytest.mark.parametrize("engine", ENGINES)
def test_a_load_that_fails_says_so(engine: str, loads: Loads, tmp_path: Path) -> None:
    program = loads.program(printing("hello"), engine)
    command = "ctr" if engine == "containerd" else engine
    broken = tmp_path / command
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    done = _run(program, {"PATH": f"{tmp_path}:/usr/bin:/bin"})
    assert done.returncode == 1
    said = done.stderr.splitlines()[-1]
    assert said.startswith(f"{engine} did not load {loads.name} from /")
    assert said.endswith("above tells why, and the next start tries again")


@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_that_is_not_there_is_told_once(
    engine: str, loads: Loads, tmp_path: Path
) -> None:
    program = loads.program(printing("hello"), engine)
    for name in ("unshare", "env"):
        (tmp_path / name).symlink_to(f"/usr/bin/{name}")
    done = _run(program, {"PATH": str(tmp_path)})
    command = "ctr" if engine == "containerd" else engine
    assert done.stderr == (
        f"{engine}-load: there is no {command} on the PATH; install it, or run this where it is\n"
    )
    assert done.returncode == 127


def _load(program: Path, containerd: Containerd, name: str) -> None:
    done = _run(program, containerd.env)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == f"loaded {name}"


def _run(program: Path, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a program where there is no network."""
    return run(["unshare", "--net", program], env=env)


def _evaluate(value: str) -> Any:
    return evaluate(f"""
      let
        pkgs = import {REPOSITORY}/tests/nix/host-pkgs.nix;
        inherit (pkgs) lib;
        image = (pkgs.fetchDockerImages {{
          file = {REPOSITORY}/tests/nix/locked/images.toml;
          platform = "linux/amd64";
        }}).redis;
      in {value}
    """)
