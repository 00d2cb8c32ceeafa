"""Images that are not locked any more, removed from a real podman, dockerd and containerd."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import oci
from support.busybox import printing
from support.command import Project
from support.containerd import Containerd
from support.docker import Docker
from support.nix import REPOSITORY, Nix, remove
from support.podman import Podman
from support.process import output, run
from support.registry import Registry
from support.registry import registry as run_registry

Engine = Podman | Docker

_SECONDS = 60.0


class Machine:
    """A machine that loads the images of a project, and removes those that it wants no more."""

    def __init__(self, registry: Registry, project: Project, nix: Nix, engine: str) -> None:
        self._registry = registry
        self._project = project
        self._nix = nix
        self._engine = engine
        self._directory = Path(tempfile.mkdtemp(prefix="machine-"))
        for name in ("run", "lib"):
            (self._directory / name).mkdir()
        self.repository = f"{registry.host}/acme/web"
        self.env: dict[str, str] = {}

    @property
    def state(self) -> Path:
        """What root's modules know of what they loaded."""
        return self._directory / "lib/nixfetch-docker/loaded"

    def lock(self, image: oci.Image, tag: str = "1.0") -> str:
        """Push and lock an image as `web`; its full name."""
        self._registry.push(f"acme/web:{tag}", image)
        self._project.update(f'[images.web]\nimage = "{self.repository}:{tag}"')
        return f"{self.repository}:{tag}"

    def load(self, image: oci.Image, tag: str = "1.0", *, owner: str | None = "nixos") -> str:
        """Lock an image and load it for an owner; its full name."""
        name = self.lock(image, tag)
        done = self.run(self.loader(owner))
        assert done.returncode == 0, done.stderr
        return name

    def loader(self, owner: str | None = "nixos") -> Path:
        """The script that loads what is locked."""
        owned = "null" if owner is None else f'"{owner}"'
        loader = f"{REPOSITORY}/nix/nixos/{self._engine}-load.nix"
        return self._build(f"pkgs.callPackage {loader} {{ owner = {owned}; }} images.web")

    def sweeper(
        self,
        *,
        wanted: bool = True,
        owner: str = "nixos",
        keep: bool = False,
        user: str = "root",
        engine: str | None = None,
    ) -> Path:
        """The script that removes what is superseded, where the locked image is wanted or not."""
        load = f'{{ engine = "{engine or self._engine}"; user = "{user}"; image = images.web; }}'
        return self._build(
            f"pkgs.callPackage {REPOSITORY}/nix/nixos/remove-superseded.nix {{ }} {{"
            f' owner = "{owner}"; self = "{"root" if owner == "nixos" else user}";'
            f" remove = {'false' if keep else 'true'};"
            f" loads = [ {load if wanted else ''} ]; }}"
        )

    def sweep(self, *, wanted: bool = True, owner: str = "nixos", keep: bool = False) -> str:
        """Run that script; what it says."""
        done = self.run(self.sweeper(wanted=wanted, owner=owner, keep=keep))
        assert done.returncode == 0, done.stderr
        assert done.stdout == ""
        return done.stderr

    def run(self, script: Path) -> subprocess.CompletedProcess[str]:
        """Run a script as a unit of this machine does: with its /run and /var/lib."""
        return run(self.command(script), env=self.env)

    def command(self, script: Path) -> list[str]:
        mount = 'mount --bind "$1/run" /run; mount --bind "$1/lib" /var/lib; shift; exec "$@"'
        within = ["unshare", "--mount", "--net", "sh", "-euc", mount, "sh"]
        return [*within, str(self._directory), str(script)]

    def close(self) -> None:
        """Remove its files."""
        shutil.rmtree(self._directory)

    def _build(self, expression: str) -> Path:
        tests = REPOSITORY / "tests/nix"
        sets = (
            f"let pkgs = import {tests}/host-pkgs.nix;"
            f" images = import {tests}/images.nix {{ file = {self._project.images}; }}; in "
        )
        command = ["nix-build", "--no-out-link", "-E", sets + expression]
        return Path(output(command, env=self._nix.env).strip())


class Tool:
    """The command of an engine, as a person runs it by hand."""

    def __init__(self, engine: Engine) -> None:
        name = "podman" if isinstance(engine, Podman) else "docker"
        self.command = engine.path / name
        self.has_containerd_store = isinstance(engine, Docker) and engine.has_containerd_store

    def __call__(self, *arguments: str | Path) -> str:
        return output([self.command, *arguments])

    def has(self, image: oci.Image) -> bool:
        """Whether the engine has an image, under whatever name."""
        found = (run([self.command, "image", "inspect", one]) for one in (image.id, image.digest))
        return any(done.returncode == 0 for done in found)

    def names(self) -> list[str]:
        listed = self("images", "--format", "{{.Repository}}:{{.Tag}}")
        return sorted(listed.splitlines())


# Most tests have the same images, which one registry and one store need to get only once.
@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with run_registry(tmp_path_factory.mktemp("registry")) as running:
        yield running


@pytest.fixture(scope="module")
def nix(tmp_path_factory: pytest.TempPathFactory) -> Nix:
    return Nix(tmp_path_factory.mktemp("nix") / "nix")


@pytest.fixture(params=["podman", "docker", "docker_with_containerd_store"])
def engine(request: pytest.FixtureRequest) -> Engine:
    made: Engine = request.getfixturevalue(request.param)
    return made


@pytest.fixture
def tool(engine: Engine) -> Tool:
    return Tool(engine)


@pytest.fixture
def machine(registry: Registry, project: Project, nix: Nix, engine: Engine) -> Iterator[Machine]:
    made = Machine(registry, project, nix, "podman" if isinstance(engine, Podman) else "docker")
    made.env = {
        "PATH": f"{engine.path}:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": "/root",
        # podman 5 warns of an old kernel at each call.
        "PODMAN_IGNORE_CGROUPSV1_WARNING": "1",
    }
    yield made
    made.close()


@pytest.mark.parametrize("tag", ["1.0", "1.1"], ids=["the same tag", "another tag"])
def test_an_image_that_is_superseded_goes_and_its_successor_stays(
    tag: str, machine: Machine, tool: Tool
) -> None:
    old, new = printing("old"), printing("new")
    first = machine.load(old)
    assert machine.sweep() == ""
    assert tool.has(old)

    second = machine.load(new, tag)
    said = machine.sweep()
    assert said == "" or said.startswith(f"removed {first}, which is not locked any more (")
    assert not tool.has(old)
    assert tool.names() == [second]
    assert machine.sweep() == ""
    assert not list(machine.state.glob("nixos/*/records/*"))[1:]


def test_the_last_image_goes_where_nothing_is_locked_any_more(machine: Machine, tool: Tool) -> None:
    image = printing("hello")
    machine.load(image)
    machine.sweep(wanted=False)
    assert not tool.has(image)


def test_many_updates_leave_one_image(machine: Machine, tool: Tool) -> None:
    for version in range(4):
        machine.load(printing(str(version)), f"1.{version}")
    said = machine.sweep()
    assert said.count("removed ") == 3
    assert tool.names() == [f"{machine.repository}:1.3"]


def test_images_are_kept_where_the_option_says_so_and_go_once_it_does_not(
    machine: Machine, tool: Tool
) -> None:
    old = printing("old")
    machine.load(old)
    machine.load(printing("new"), "2.0")
    assert machine.sweep(keep=True) == ""
    assert tool.has(old)
    assert ", which is not locked any more (" in machine.sweep()
    assert not tool.has(old)


def test_an_image_that_was_there_before_stays(
    machine: Machine, tool: Tool, nix: Nix, project: Project
) -> None:
    theirs = printing("theirs")
    name = machine.lock(theirs)
    tool("load", "-i", nix.build(project.images, "web", "archive"))
    machine.load(theirs)
    # Under another name, too, which is all that a person gave it.
    tool("tag", name, "localhost/mine:1")
    tool("rmi", name)
    machine.load(theirs)
    machine.load(printing("new"), "2.0")
    machine.sweep()
    assert tool.has(theirs)
    assert "localhost/mine:1" in tool.names()


def test_what_a_program_loads_by_hand_stays(machine: Machine, tool: Tool) -> None:
    image = printing("by hand")
    machine.load(image, owner=None)
    machine.load(printing("new"), "2.0")
    machine.sweep(wanted=False)
    assert tool.has(image)


def test_other_images_of_the_engine_stay(
    machine: Machine, tool: Tool, nix: Nix, project: Project
) -> None:
    other = printing("other")
    machine.lock(other, "9.9")
    tool("load", "-i", nix.build(project.images, "web", "archive"))
    machine.load(printing("old"))
    machine.sweep(wanted=False)
    assert tool.names() == [f"{machine.repository}:9.9"]


def test_a_name_that_a_person_gave_keeps_the_image(machine: Machine, tool: Tool) -> None:
    old = printing("old")
    name = machine.load(old)
    tool("tag", name, "localhost/mine:1")
    machine.load(printing("new"), "2.0")
    said = machine.sweep()
    assert f"{name} is not locked any more" in said
    assert "because it is localhost/mine" in said
    assert tool.names() == [f"{machine.repository}:2.0", "localhost/mine:1"]
    assert machine.sweep() == ""
    # And their image is theirs from now on.
    tool("tag", "localhost/mine:1", name)
    tool("rmi", "localhost/mine:1")
    assert machine.sweep() == ""
    assert tool.has(old)


def test_an_image_goes_whose_names_are_all_superseded_at_once(machine: Machine, tool: Tool) -> None:
    image = printing("hello")
    for tag in ("1", "1.0", "latest"):
        machine.load(image, tag)
    said = machine.sweep(wanted=False)
    assert said.count("removed ") == 1
    assert not tool.has(image)


def test_what_is_wanted_stays_also_before_it_is_loaded_again(machine: Machine, tool: Tool) -> None:
    image = printing("hello")
    name = machine.load(image)
    tool("create", "--name", "stopped", "--network=none", name)
    machine.sweep(wanted=False)
    tool("rm", "stopped")
    assert machine.sweep() == ""
    assert tool.has(image)


@pytest.mark.parametrize("engine", ["podman"], indirect=True)
def test_an_image_goes_though_podman_made_up_its_id(machine: Machine, tool: Tool) -> None:
    image = printing("hello")
    machine.load(image)
    (record,) = machine.state.glob("nixos/podman/records/*")
    # podman makes up an ID where layers came in pieces: the lock then knows another one.
    record.write_text(record.read_text().replace(image.id, f"sha256:{'0' * 64}"))
    assert ", which is not locked any more (" in machine.sweep(wanted=False)
    assert not tool.has(image)


@pytest.mark.parametrize("engine", ["podman"], indirect=True)
def test_an_image_goes_whose_load_was_interrupted(
    machine: Machine, tool: Tool, tmp_path: Path
) -> None:
    image = printing("hello")
    machine.lock(image)
    path = machine.env["PATH"]
    (tmp_path / "podman").write_text(
        f'#!/bin/sh\ncase $1 in untag) kill -9 $PPID; exit ;; esac\nexec {tool.command} "$@"\n'
    )
    (tmp_path / "podman").chmod(0o755)
    machine.env["PATH"] = f"{tmp_path}:{path}"
    assert machine.run(machine.loader()).returncode != 0
    machine.env["PATH"] = path
    machine.sweep(wanted=False)
    assert not tool.has(image)


def test_an_image_of_a_container_stays_until_the_container_is_gone(
    machine: Machine, tool: Tool
) -> None:
    old = printing("old")
    name = machine.load(old)
    tool("create", "--name", "stopped", "--network=none", name)
    machine.load(printing("new"))
    said = machine.sweep()
    if tool.has(old):
        assert "stays while a container uses it" in said
    else:
        # docker 26 and 27 list an image no more whose name another one takes, and keep its content.
        assert tool.has_containerd_store
        assert tool("start", "--attach", "stopped") == "old"
    tool("rm", "stopped")
    machine.sweep()
    assert not tool.has(old)


def test_an_image_that_a_person_removed_and_brought_again_is_theirs(
    machine: Machine, tool: Tool, nix: Nix, project: Project
) -> None:
    image = printing("hello")
    name = machine.load(image)
    archive = nix.build(project.images, "web", "archive")
    tool("rmi", name)
    assert machine.sweep() == ""
    tool("load", "-i", archive)
    machine.load(printing("new"), "2.0")
    machine.sweep()
    assert tool.has(image)


def test_going_back_keeps_what_is_locked_again(machine: Machine, tool: Tool) -> None:
    old, new = printing("old"), printing("new")
    machine.load(old)
    machine.load(new)
    machine.load(old)
    machine.sweep()
    assert tool.has(old)
    assert not tool.has(new)


def test_what_another_module_wants_stays_until_neither_does(machine: Machine, tool: Tool) -> None:
    image = printing("shared")
    machine.load(image, owner="nixos")
    machine.run(machine.loader("home"))
    machine.sweep(owner="nixos", wanted=False)
    machine.sweep(owner="home")
    assert tool.has(image)
    machine.sweep(owner="home", wanted=False)
    machine.sweep(owner="nixos", wanted=False)
    assert not tool.has(image)


def test_an_engine_that_is_down_is_told_and_is_no_failure(
    machine: Machine, tool: Tool, tmp_path: Path
) -> None:
    old = printing("old")
    machine.load(old)
    path = machine.env["PATH"]
    down = tmp_path / "down"
    down.mkdir()
    (down / tool.command.name).write_text("#!/bin/sh\necho it is down >&2\nexit 1\n")
    (down / tool.command.name).chmod(0o755)
    machine.env["PATH"] = f"{down}:{path}"
    assert machine.sweep(wanted=False) == (
        f"it is down\n{tool.command.name} does not answer: "
        "images that are not locked any more stay until it does\n"
    )
    machine.env["PATH"] = path
    machine.sweep(wanted=False)
    assert not tool.has(old)


@pytest.mark.parametrize("moment", ["image rm", "images", "ps"])
def test_a_run_that_is_killed_is_made_good_by_the_next(
    moment: str, machine: Machine, tool: Tool, tmp_path: Path
) -> None:
    images = [printing(str(number)) for number in range(2)]
    for number, image in enumerate(images):
        machine.load(image, f"{number}.0")
    path = machine.env["PATH"]
    slow = tmp_path / "slow"
    slow.mkdir()
    reached = tmp_path / "reached"
    wrapper = slow / tool.command.name
    wrapper.write_text(
        f'#!/bin/sh\ncase "$*" in "{moment}"*) {tool.command} "$@"; touch {reached}; '
        f'sleep 1000 ;; esac\nexec {tool.command} "$@"\n'
    )
    wrapper.chmod(0o755)
    machine.env["PATH"] = f"{slow}:{path}"
    script = machine.sweeper(wanted=False)
    with subprocess.Popen(
        machine.command(script),
        env=machine.env,
        start_new_session=True,
        stderr=subprocess.DEVNULL,
    ) as process:
        deadline = time.monotonic() + _SECONDS
        while not reached.exists():
            assert process.poll() is None, "the run ended too early"
            assert time.monotonic() < deadline
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)
    machine.env["PATH"] = path
    machine.sweep(wanted=False)
    assert not any(map(tool.has, images))
    assert not list(machine.state.glob("nixos/*/records/*"))


def test_two_runs_and_a_load_at_once(machine: Machine, tool: Tool) -> None:
    old, new = printing("old"), printing("new")
    machine.load(old)
    machine.lock(new, "2.0")
    scripts = [machine.sweeper(), machine.loader(), machine.sweeper(), machine.loader()]
    started = [
        subprocess.Popen(machine.command(script), env=machine.env, stderr=subprocess.PIPE)
        for script in scripts
    ]
    said = [process.communicate()[1] for process in started]
    assert [process.returncode for process in started] == [0] * 4, said
    machine.sweep()
    assert not tool.has(old)
    assert tool.names() == [f"{machine.repository}:2.0"]


def test_a_load_that_fails_leaves_no_claim_on_what_a_person_brings(
    machine: Machine, tool: Tool, nix: Nix, project: Project
) -> None:
    image = printing("hello")
    machine.lock(image)
    loader = machine.loader()
    archive = nix.build(project.images, "web", "archive")
    (layer,) = nix.paths(oci.digest(image.layers[0].data).replace(":", "-"))
    layer.rename(layer.with_suffix(".away"))
    assert machine.run(loader).returncode == 1
    layer.with_suffix(".away").rename(layer)
    tool("load", "-i", archive)
    machine.sweep(wanted=False)
    assert tool.has(image)


def test_containerd_forgets_what_is_superseded_and_keeps_what_others_named(
    registry: Registry, project: Project, nix: Nix
) -> None:
    containerd = Containerd()
    machine = Machine(registry, project, nix, "containerd")
    machine.env = containerd.env
    try:
        old, new = printing("old"), printing("new")
        first = machine.load(old)
        second = machine.load(new, "2.0")
        assert ", which is not locked any more (" in machine.sweep()
        assert containerd.images() == {second: new.digest}

        ctr = ["ctr", "--address", containerd.env["CONTAINERD_ADDRESS"]]
        # A registry may be an address, whose brackets mean something to a shell.
        theirs = "[2001:db8::1]:5000/mine:1"
        output([*ctr, "images", "tag", second, theirs])
        machine.load(old, "1.0")
        assert f"because it is {theirs} too" in machine.sweep()
        assert containerd.images() == {first: old.digest, theirs: new.digest}

        output([*ctr, "containers", "create", "--snapshotter", "native", first, "mine"])
        assert "stays while a container uses it" in machine.sweep(wanted=False)
        output([*ctr, "containers", "delete", "mine"])
        # As Kubernetes names it.
        by_digest = f"{machine.repository}@{old.digest}"
        output([*ctr, "images", "tag", first, by_digest])
        output([*ctr, "containers", "create", "--snapshotter", "native", by_digest, "mine"])
        assert "stays while a container uses it" in machine.sweep(wanted=False)
        output([*ctr, "containers", "delete", "mine"])
        machine.sweep(wanted=False)
        assert containerd.images() == {theirs: new.digest}
    finally:
        machine.close()
        containerd.close()


# quadlet-nix names a user by the number, which is all that the configuration may know.
@pytest.mark.parametrize("named", ["name", "number"])
def test_a_user_without_rights_and_one_that_left_the_configuration(
    named: str, registry: Registry, project: Project, tmp_path: Path
) -> None:
    user = pwd.getpwnam("nobody")
    called = user.pw_name if named == "name" else str(user.pw_uid)
    # podman takes the path for a reference, where no part begins or ends with "_".
    with tempfile.TemporaryDirectory(
        prefix="nix-a", suffix="a", ignore_cleanup_errors=True
    ) as directory:
        Path(directory).chmod(0o755)
        nix = Nix(Path(directory) / "nix")
        rootless = Podman(user=user.pw_uid)
        machine = Machine(registry, project, nix, "podman")
        machine.env = {"PATH": f"{rootless.path}:/usr/sbin:/usr/bin:/sbin:/bin"}
        home = rootless.path.parent / "home"
        passwd = tmp_path / "passwd"
        passwd.write_text(f"{user.pw_name}:x:{user.pw_uid}:{user.pw_gid}::{home}:/bin/sh\n")
        try:
            for tag in ("1", "2"):
                name = machine.lock(printing(tag), tag)
                loaded = run([*rootless.as_user, machine.loader()])
                assert loaded.returncode == 0, loaded.stderr

            def sweep(script: Path) -> str:
                """Run a script where the user's home is that of the files."""
                mount = f'mount --bind {passwd} /etc/passwd; exec "$@"'
                command = ["unshare", "--mount", "sh", "-euc", mount, "sh"]
                done = run([*command, *machine.command(script)], env=machine.env)
                assert done.returncode == 0, done.stderr
                return done.stderr

            assert ", which is not locked any more (" in sweep(machine.sweeper(user=called))
            assert rootless.names() == [name]
            assert ", which is not locked any more (" in sweep(machine.sweeper(wanted=False))
            assert rootless.names() == []
        finally:
            machine.close()
            rootless.close()
            remove(Path(directory) / "nix/store")
