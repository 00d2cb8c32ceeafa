"""The scripts that load an image from the store, with a real podman, dockerd and containerd."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support import oci
from support.busybox import busybox, printing
from support.command import Project
from support.containerd import Containerd
from support.docker import Docker
from support.nix import REPOSITORY, Nix, remove
from support.podman import Podman
from support.process import output, run
from support.registry import Registry

Engine = Podman | Docker

_SECONDS = 60.0
NOBODY = 65534


class Machine:
    """A project whose image `web` is built and loaded into an engine, offline."""

    def __init__(self, registry: Registry, project: Project, nix: Nix, engine: Engine) -> None:
        self._registry = registry
        self._project = project
        self._nix = nix
        self._engine = engine
        self.repository = f"{registry.host}/acme/web"

    def lock(self, image: oci.Image, tag: str = "1.0") -> Path:
        """Push an image under the tag, lock it, and build its loader."""
        self._registry.push(f"acme/web:{tag}", image)
        self._project.update(f'[images.web]\nimage = "{self.repository}:{tag}"')
        return build_loader(self._nix, self._project, self._engine)

    def load(self, loader: Path) -> subprocess.CompletedProcess[str]:
        """Run a loader where there is no network."""
        return run(["unshare", "--net", loader], env=environment(self._engine))

    @contextmanager
    def without(self, *layers: oci.Layer) -> Iterator[None]:
        """Take layers out of the store, so that whoever reads them fails."""
        names = [oci.digest(layer.data).replace(":", "-") for layer in layers]
        files = [file for name in names for file in self._nix.paths(name)]
        assert len(files) == len(layers)
        for file in files:
            file.rename(file.with_suffix(".away"))
        yield
        for file in files:
            file.with_suffix(".away").rename(file)


@pytest.fixture(params=["podman", "docker", "docker_with_containerd_store"])
def engine(request: pytest.FixtureRequest) -> Engine:
    made: Engine = request.getfixturevalue(request.param)
    return made


@pytest.fixture
def machine(registry: Registry, project: Project, nix: Nix, engine: Engine) -> Machine:
    return Machine(registry, project, nix, engine)


def test_the_first_start_loads_and_the_second_reads_no_layer(
    machine: Machine, engine: Engine
) -> None:
    top = oci.layer({"etc/top": b"top"})
    image = oci.image(busybox(), top)
    loader = machine.lock(image)
    first = machine.load(loader)
    assert first.returncode == 0, first.stderr
    _assert_loaded(engine, f"{machine.repository}:1.0", image)

    with machine.without(busybox(), top):
        second = machine.load(loader)
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")


def test_a_container_of_the_loaded_image_says_what_its_image_says(
    machine: Machine, engine: Engine
) -> None:
    image = printing("hello from the store\n")
    _load(machine, machine.lock(image))
    assert engine.run(f"{machine.repository}:1.0") == "hello from the store\n"


def test_a_tag_that_moved_is_pointed_at_the_new_image(machine: Machine, engine: Engine) -> None:
    old, new = printing("old"), printing("new")
    first = machine.lock(old)
    _load(machine, first)
    second = machine.lock(new)
    assert first != second

    _load(machine, second)

    name = f"{machine.repository}:1.0"
    _assert_loaded(engine, name, new)
    assert engine.run(name) == "new"

    # And back, as after a rollback.
    _load(machine, first)
    _assert_loaded(engine, name, old)


def test_an_image_that_was_removed_is_loaded_again(machine: Machine, engine: Engine) -> None:
    image = printing("hello")
    loader = machine.lock(image)
    _load(machine, loader)
    engine.remove(f"{machine.repository}:1.0")
    _load(machine, loader)
    _assert_loaded(engine, f"{machine.repository}:1.0", image)


def test_an_interrupted_load_is_repaired_by_the_next(machine: Machine, engine: Engine) -> None:
    content = os.urandom(150_000_000)
    big = oci.layer({"big": content}, "none")
    image = oci.image(busybox(), big, command=["/bin/busybox", "sha256sum", "/big"])
    loader = machine.lock(image)
    name = f"{machine.repository}:1.0"
    _kill_in_the_middle(loader, engine)
    with pytest.raises(AssertionError, match=r"(?i)image not known|no such image"):
        engine.inspect(name)

    _load(machine, loader)

    _assert_loaded(engine, name, image)
    assert engine.run(name) == f"{hashlib.sha256(content).hexdigest()}  /big\n"


@pytest.mark.parametrize(
    "engine",
    ["docker", "docker_with_containerd_store"],
    indirect=True,
)
def test_a_daemon_that_dies_in_the_middle_of_a_load_loads_again(
    machine: Machine, engine: Docker
) -> None:
    content = os.urandom(150_000_000)
    image = oci.image(
        busybox(),
        oci.layer({"big": content}, "none"),
        command=["/bin/busybox", "sha256sum", "/big"],
    )
    loader = machine.lock(image)
    _kill_in_the_middle(loader, engine, also=engine.restart_after_kill)
    _load(machine, loader)
    assert engine.run(f"{machine.repository}:1.0").startswith(hashlib.sha256(content).hexdigest())


@pytest.mark.parametrize("engine", ["podman"], indirect=True)
def test_an_update_of_one_layer_costs_that_layer(
    machine: Machine, nix: Nix, engine: Engine
) -> None:
    big = oci.layer({"big": os.urandom(200_000_000)}, "none")
    old, new = (printing(text * 1000, big) for text in ("old", "new"))
    _load(machine, machine.lock(old))
    before = set(nix.store.iterdir())

    loader = machine.lock(new)
    gained = set(nix.store.iterdir()) - before
    assert sum(map(_size, gained)) < len(new.layers[-1].data) + 40_000

    with machine.without(*old.layers):
        _load(machine, loader)
    name = f"{machine.repository}:1.0"
    _assert_loaded(engine, name, new)
    assert engine.run(name) == "new" * 1000


@pytest.mark.parametrize("engine", ["podman"], indirect=True)
@pytest.mark.parametrize("tag", ["1.0-RC1", "a..b-"])
def test_podman_is_left_with_the_name_alone(tag: str, machine: Machine, podman: Podman) -> None:
    image = printing("hello")
    _load(machine, machine.lock(image, tag))
    assert podman.names() == [f"{machine.repository}:{tag}"]


@pytest.mark.parametrize("engine", ["podman"], indirect=True)
def test_an_image_that_podman_has_under_another_name_gets_ours(
    machine: Machine, podman: Podman, nix: Nix, project: Project
) -> None:
    image = printing("hello")
    loader = machine.lock(image)
    podman.load(nix.build(project.images, "web", "archive"))
    output([podman.path / "podman", "tag", f"{machine.repository}:1.0", "localhost/other:1"])
    output(
        [podman.path / "podman", "untag", f"{machine.repository}:1.0", f"{machine.repository}:1.0"]
    )
    with machine.without(*image.layers):
        _load(machine, loader)
    assert podman.names() == [f"{machine.repository}:1.0", "localhost/other:1"]


def test_a_load_that_fails_says_so_and_the_next_makes_it_good(
    machine: Machine, engine: Engine, nix: Nix, project: Project
) -> None:
    image = printing("hello")
    loader = machine.lock(image)
    with machine.without(image.layers[0]):
        failed = machine.load(loader)
    command = _command(engine)
    assert failed.returncode == 1
    assert failed.stderr.splitlines()[-1] == (
        f"{command} did not load {machine.repository}:1.0 from {nix.build(project.images, 'web')}; "
        f"{command}'s message above tells why, and the next start tries again"
    )
    assert re.search(r"(?i)no such file|removed before we read it", failed.stderr)

    _load(machine, loader)
    assert engine.run(f"{machine.repository}:1.0") == "hello"


def test_dockers_containerd_store_tells_the_digest_of_the_manifest(
    registry: Registry, project: Project, nix: Nix, tmp_path: Path
) -> None:
    # For a docker that has no such store: this is what `docker image inspect` says in a newer one.
    image = printing("hello")
    registry.push("acme/web:1.0", image)
    project.update(f'[images.web]\nimage = "{registry.host}/acme/web:1.0"')
    fake = tmp_path / "docker"
    fake.write_text(f"#!/bin/sh\n[ $2 = inspect ] && echo {image.digest}\n")
    fake.chmod(0o755)
    loader = nix_build(nix, _loader(project, "docker"))
    done = run([loader], env={"PATH": f"{tmp_path}:/usr/bin:/bin"})
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_docker_loads_the_archive_under_a_name_of_ones_own(
    registry: Registry, project: Project, nix: Nix, docker: Docker
) -> None:
    image = printing("hello")
    registry.push("acme/web:1.0", image)
    project.update(f'[images.web]\nimage = "{registry.host}/acme/web:1.0"')
    tests = REPOSITORY / "tests/nix"
    archive = nix_build(
        nix,
        f"((import {tests}/images.nix {{ file = {project.images}; }}).web"
        '.override { name = "localhost/mine"; tag = "local"; }).archive',
    )
    digest = image.digest.replace(":", "-")
    assert archive.name.endswith(f"-localhost+mine++local+{digest}.tar")
    listed = json.loads(output(["skopeo", "list-tags", f"docker-archive:{archive}"]))
    assert listed["Tags"] == ["localhost/mine:local"]
    assert "localhost/mine:local" in docker.load(archive)
    _assert_loaded(docker, "localhost/mine:local", image)
    assert docker.run("localhost/mine:local") == "hello"


@pytest.fixture
def public_nix() -> Iterator[Nix]:
    """A Nix whose store every user can read, which pytest's directories do not let them."""
    # podman takes the path for a reference, where no part begins or ends with "_".
    with tempfile.TemporaryDirectory(
        prefix="nix-a", suffix="a", ignore_cleanup_errors=True
    ) as name:
        Path(name).chmod(0o755)
        yield Nix(Path(name) / "nix")
        remove(Path(name) / "nix/store")


def test_a_user_without_rights_loads_and_runs(
    registry: Registry, project: Project, public_nix: Nix
) -> None:
    image = printing("hello")
    registry.push("acme/web:1.0", image)
    project.update(f'[images.web]\nimage = "{registry.host}/acme/web:1.0"')
    loader = nix_build(public_nix, _loader(project, "podman"))
    name = f"{registry.host}/acme/web:1.0"
    rootless = Podman(user=NOBODY)
    try:
        first = run([*rootless.as_user, loader])
        assert first.returncode == 0, first.stderr
        assert first.stderr.splitlines()[-1].startswith(f"loaded {name}")
        _assert_loaded(rootless, name, image)
        assert rootless.run(name) == "hello"
        second = run([*rootless.as_user, loader])
        assert second.returncode == 0, second.stderr
        assert f"loaded {name}" not in second.stderr
    finally:
        rootless.close()


@pytest.mark.parametrize("form", ["archive", "stream"])
def test_containerd_imports_the_archive_and_the_stream(
    form: str, registry: Registry, project: Project, nix: Nix
) -> None:
    image = printing("hello from containerd")
    registry.push("acme/web:1.0", image)
    project.update(f'[images.web]\nimage = "{registry.host}/acme/web:1.0"')
    built = nix.build(project.images, "web", form)
    containerd = Containerd()
    try:
        (containerd.load if form == "archive" else containerd.load_stream)(built)
        name = f"{registry.host}/acme/web:1.0"
        assert containerd.images() == {name: image.digest}
        assert containerd.run(name) == "hello from containerd"
    finally:
        containerd.close()


def build_loader(nix: Nix, project: Project, engine: Engine) -> Path:
    """The script that loads the project's image `web` into an engine."""
    return nix_build(nix, _loader(project, _command(engine)))


def nix_build(nix: Nix, expression: str) -> Path:
    return Path(output(["nix-build", "--no-out-link", "-E", expression], env=nix.env).strip())


def environment(engine: Engine) -> dict[str, str]:
    """What a unit's scripts find: the engine in the PATH."""
    return {
        "PATH": f"{engine.path}:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": "/root",
        # A podman that is killed leaves what it was unpacking.
        "TMPDIR": str(engine.path),
    }


def _loader(project: Project, command: str) -> str:
    tests = REPOSITORY / "tests/nix"
    return (
        f"(import {tests}/host-pkgs.nix).callPackage "
        f"{REPOSITORY}/nix/nixos/{command}-load.nix {{ }} "
        f"(import {tests}/images.nix {{ file = {project.images}; }}).web"
    )


def _command(engine: Engine) -> str:
    return "podman" if isinstance(engine, Podman) else "docker"


def _load(machine: Machine, loader: Path) -> None:
    done = machine.load(loader)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1].startswith(f"loaded {machine.repository}:")


def _assert_loaded(engine: Engine, name: str, image: oci.Image) -> None:
    found = engine.inspect(name)
    by_manifest = isinstance(engine, Docker) and engine.has_containerd_store
    expected = image.digest if by_manifest else image.id
    assert found["Id"].removeprefix("sha256:") == expected.removeprefix("sha256:")
    assert found["RepoTags"] == [name]
    if isinstance(engine, Podman):
        assert found["Digest"] == image.digest


def _kill_in_the_middle(
    loader: Path, engine: Engine, also: Callable[[], None] | None = None
) -> None:
    """Start a load, and kill all of it once the engine has written a part of the image."""
    storage = engine.storage
    before = _size(storage)
    deadline = time.monotonic() + _SECONDS
    with subprocess.Popen(
        [str(loader)], env=environment(engine), start_new_session=True, stderr=subprocess.PIPE
    ) as process:
        while _size(storage) < before + 20_000_000:
            assert process.poll() is None, "the load ended too early"
            assert time.monotonic() < deadline, "the load writes nothing"
            time.sleep(0.01)
        if also is not None:
            os.killpg(process.pid, signal.SIGSTOP)
            also()
        os.killpg(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL


def _size(path: Path) -> int:
    """What a file, or all below a directory, has in bytes; it may change meanwhile."""
    if path.is_file() or path.is_symlink():
        return path.lstat().st_size
    total = 0
    for root, _, names in os.walk(path):
        for name in names:
            try:
                total += Path(root, name).lstat().st_size
            except FileNotFoundError:
                continue
    return total
