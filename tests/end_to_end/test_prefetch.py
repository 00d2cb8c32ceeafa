"""`prefetch`: locked images in the Nix store, so that builds need no registry."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from support import oci
from support.command import PROGRAM, Project
from support.faults.answers import chain, reset_after, stall_after, status
from support.faults.registry import FaultRegistry, faults
from support.faults.server import Exchange
from support.nix import REPOSITORY, Nix
from support.podman import Podman
from support.private import assert_no_secret, private_registry
from support.process import output
from support.registry import Registry
from support.registry import registry as run_registry

from nixfetch_docker.base.units import size

PKGS = REPOSITORY / "tests/nix/host-pkgs.nix"

HOST = {"x86_64": "linux/amd64", "aarch64": "linux/arm64"}[os.uname().machine]
LAYERS = [oci.layer({"etc/a": os.urandom(5000)}, kind) for kind in ("gzip", "zstd", "none")]
IMAGE = oci.image(*LAYERS, platform=HOST)
BLOBS = 5


@pytest.fixture
def project(project: Project, nix: Nix) -> Project:
    """A project whose commands use the Nix store of the test."""
    project.env |= {**nix.env, "HOME": str(project.home)}
    return project


@pytest.fixture
def cache(project: Project) -> Path:
    """The directory of interrupted downloads."""
    return project.home / ".cache/nixfetch-docker/prefetch"


def write(project: Project, host: str, name: str = "acme/web:1") -> None:
    project.images.write_text(f'[images.web]\nimage = "{host}/{name}"\n')


def weight(*images: oci.Image) -> str:
    """The size of the images' blobs, each once, as the program prints it."""
    return size(sum(map(len, {data for image in images for data in contents(image)})))


def contents(image: oci.Image) -> list[bytes]:
    return [image.manifest, image.config, *(layer.data for layer in image.layers)]


def verify(nix: Nix) -> None:
    output(["nix-store", "--verify", "--check-contents"], env=nix.env)


@pytest.mark.parametrize("kind", ["htpasswd", "tokens"])
def test_a_private_image_builds_without_its_registry(
    kind: str, tmp_path: Path, project: Project, nix: Nix, cache: Path
) -> None:
    with private_registry(kind, tmp_path) as private:
        private.push("acme/web:1", IMAGE)
        project.log_in(private.host, "someone", "secret")
        write(project, private.host)
        updated = project.try_run("update")
        done = project.try_run("prefetch")
    assert done.stdout == f"web: {HOST} fetched {BLOBS} blobs, {weight(IMAGE)}\n", done.stderr
    layout = nix.build(project.images, "web")
    for data in contents(IMAGE):
        encoded = oci.digest(data).removeprefix("sha256:")
        assert (layout / "blobs/sha256" / encoded).read_bytes() == data
    assert list(cache.iterdir()) == []
    assert project.run("prefetch") == f"web: {HOST} is there\n"
    assert_no_secret(nix, updated.stdout, updated.stderr, done.stdout, done.stderr)
    assert "secret" not in project.lock.read_text()


def test_a_layer_that_contains_a_store_path_is_added(
    registry: Registry, project: Project, nix: Nix
) -> None:
    """A build of it fails before Nix 2.18, which takes the text for a reference."""
    builder = json.loads(nix.evaluate(f"(import {PKGS}).nixfetch-docker.outPath"))
    layer = oci.layer({"bin/hello": f"#!{builder}/bin/x".encode()}, "none")
    image = oci.image(layer, platform=HOST)
    registry.push("acme/web:1", image)
    write(project, registry.host)
    project.run("update", "--prefetch")
    (path,) = nix.paths(f"sha256-{oci.digest(layer.data).removeprefix('sha256:')}")
    assert path.read_bytes() == layer.data
    asked = registry.asked()
    layout = nix.build(project.images, "web")
    assert os.path.realpath(next(layout.glob(f"blobs/sha256/{path.name[-64:]}"))) == str(path)
    assert registry.asked() == asked


def test_blobs_in_the_store_are_not_fetched_again(registry: Registry, project: Project) -> None:
    registry.push("acme/web:1", IMAGE)
    more = oci.layer({"etc/more": b"more"})
    changed = oci.image(*LAYERS, more, platform=HOST)
    write(project, registry.host)
    project.run("update", "--prefetch")
    registry.push("acme/web:1", changed)
    project.run("update")
    before = len(registry.asked())
    dry = project.run("prefetch", "--dry-run")
    assert registry.asked()[before:] == []
    new = size(len(changed.manifest) + len(changed.config) + len(more.data))
    there = size(sum(len(layer.data) for layer in LAYERS))
    assert dry == (
        f"web: {HOST} would fetch 3 blobs, {new}\n"
        f"total: 3 blobs, {new} to fetch, each once; 3 blobs, {there} in the store\n"
    )
    assert project.run("prefetch") == f"web: {HOST} fetched 3 blobs, {new}\n"
    assert sorted(registry.asked()[before:]) == sorted(
        [
            f"GET acme/web/manifests/{changed.digest}",
            f"GET acme/web/blobs/{changed.id}",
            f"GET acme/web/blobs/{oci.digest(more.data)}",
        ]
    )


def test_a_prefetch_is_for_the_platforms_asked_for(
    registry: Registry, project: Project, nix: Nix
) -> None:
    # No zstd: newer versions of skopeo note that in the index, whose bytes are to stay.
    layers = [oci.layer({"etc/a": os.urandom(n)}) for n in (1000, 2000, 3000)]
    one, other = (oci.image(*layers, platform=name) for name in ("linux/amd64", "linux/arm64/v8"))
    registry.push("acme/web:1", one, other)
    write(project, registry.host)
    project.run("update")
    assert project.run("prefetch", "--platform", "linux/arm64/v8") == (
        f"web: linux/arm64/v8 fetched {BLOBS} blobs, {weight(other)}\n"
    )
    assert project.run("prefetch", "--all-platforms") == (
        f"web: linux/amd64 fetched 2 blobs, {size(len(one.manifest) + len(one.config))}\n"
        "web: linux/arm64 is there\n"
    )
    done = project.try_run("prefetch", "--platform", "linux/s390x")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "nixfetch-docker: web: it is not locked for linux/s390x, only for linux/amd64, "
        "linux/arm64; fetch one of these with `--platform`, or write platforms = "
        '["linux/amd64", "linux/arm64", "linux/s390x"] for it in images.toml and run '
        "`nixfetch-docker update` (or `nix run .#update-images`)\n"
    )
    verify(nix)


def test_an_image_that_is_not_locked_is_an_error(registry: Registry, project: Project) -> None:
    registry.push("acme/web:1", IMAGE)
    write(project, registry.host)
    done = project.try_run("prefetch")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "nixfetch-docker: images.lock.toml does not exist; run `nixfetch-docker update` "
        "(or `nix run .#update-images`) to write it\n"
    )


def test_without_nix_the_error_says_what_to_do(
    registry: Registry, project: Project, tmp_path: Path
) -> None:
    registry.push("acme/web:1", IMAGE)
    write(project, registry.host)
    project.run("update")
    project.env["PATH"] = str(tmp_path)
    done = project.try_run("prefetch")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "nixfetch-docker: nix-instantiate cannot be run (No such file or directory); "
        "install Nix, or run this on a machine that has it\n"
    )


def test_blobs_go_into_the_store_that_an_option_names(
    registry: Registry, project: Project, nix: Nix, tmp_path: Path
) -> None:
    registry.push("acme/web:1", IMAGE)
    write(project, registry.host)
    project.run("update")
    project.env = {key: project.env[key] for key in ("PATH", "HOME", "NIX_CONFIG")}
    project.env |= {"NIX_CONF_DIR": str(tmp_path)}
    project.run("prefetch", "--store", str(tmp_path / "other"))
    found = {file.name[33:] for file in (tmp_path / "other/nix/store").glob("*-sha256-*")}
    assert found == {f"sha256-{oci.digest(data)[7:]}" for data in contents(IMAGE)}
    assert not list(nix.store.glob("*-sha256-*"))


def test_blobs_go_through_the_daemon_of_nix(
    registry: Registry, project: Project, nix: Nix, tmp_path: Path
) -> None:
    registry.push("acme/web:1", IMAGE)
    write(project, registry.host)
    project.run("update")
    socket = tmp_path / "nix/socket"
    project.env |= {"NIX_DAEMON_SOCKET_PATH": str(socket), "NIX_REMOTE": "daemon"}
    # By default it would ask the daemon too, as there is no state yet: itself.
    env = {**project.env, "NIX_REMOTE": "local"}
    with subprocess.Popen(["nix-daemon"], env=env, stderr=subprocess.DEVNULL) as daemon:
        wait_until(socket.exists)
        assert project.run("prefetch") == f"web: {HOST} fetched {BLOBS} blobs, {weight(IMAGE)}\n"
        assert project.run("prefetch") == f"web: {HOST} is there\n"
        daemon.terminate()
    verify(nix)
    assert nix.build(project.images, "web").is_dir()


def test_a_terminal_shows_progress_bars(registry: Registry, project: Project) -> None:
    registry.push("acme/web:1", IMAGE)
    write(project, registry.host)
    project.run("update")
    leader, follower = os.openpty()
    with subprocess.Popen(
        [PROGRAM, "prefetch"],
        env={**project.env, "TERM": "xterm"},
        cwd=project.directory,
        stdout=subprocess.PIPE,
        stderr=follower,
    ) as process:
        os.close(follower)
        shown = ""
        # Linux raises an error at the end of what a terminal shows.
        with suppress(OSError), os.fdopen(leader, "rb", buffering=0) as terminal:
            while data := terminal.read(4096):
                shown += data.decode()
        stdout, _ = process.communicate()
    assert process.returncode == 0, shown
    assert stdout.decode() == f"web: {HOST} fetched {BLOBS} blobs, {weight(IMAGE)}\n"
    # What this small an image brings is too quick for a bar.
    assert "asking Nix's substituters for" in shown
    assert f"{BLOBS} blobs fetched; {BLOBS} requests, " in shown


def test_substituters_are_asked_before_registries(
    registry: Registry, project: Project, tmp_path: Path, nix: Nix
) -> None:
    registry.push("acme/web:1", IMAGE)
    write(project, registry.host)
    project.run("update", "--prefetch")
    store = f"file://{tmp_path}/cache"
    output(["nix", "copy", "--to", store, *nix.store.glob("*-sha256-*")], env=nix.env)
    before = registry.asked()
    there = nix.on_another_machine(substituter=store)
    project.env["NIX_CONFIG"] = there.env["NIX_CONFIG"]
    assert project.run("prefetch") == f"web: {HOST} fetched {BLOBS} blobs, {weight(IMAGE)}\n"
    assert registry.asked() == before
    verify(there)


def test_a_binary_cache_brings_an_image_to_a_machine_that_can_build_nothing(
    tmp_path: Path, project: Project, nix: Nix, podman: Podman
) -> None:
    with run_registry(tmp_path / "registry") as registry:
        registry.push("acme/web:1", IMAGE)
        write(project, registry.host)
        project.run("update", "--prefetch")
    forms: list[list[str]] = [[], ["stream"], ["archive"]]
    built = [nix.build(project.images, "web", *form) for form in forms]
    cache = f"file://{tmp_path}/cache"
    output(["nix", "copy", "--to", cache, *built], env=nix.env)

    there = nix.on_another_machine(substituter=cache, can_build=False)
    for form, path in zip(forms, built, strict=True):
        done = there.try_build(project.images, "web", *form)
        assert (done.returncode, done.stdout.strip()) == (0, str(path)), done.stderr
        assert "building '" not in done.stderr
    assert f"{registry.host}/acme/web:1" in podman.load_stream(built[1])


class TestInterrupted:
    """After an interruption the next run resumes the download, and the store is whole."""

    LAYER = oci.layer({"large": os.urandom(3_000_000)}, "none")
    IMAGE = oci.image(LAYER, platform=HOST)
    PATH = f"/blobs/{oci.digest(LAYER.data)}"
    REACHED = 2_000_000

    @pytest.fixture
    def faulty(self, project: Project) -> Iterator[FaultRegistry]:
        with faults() as running:
            running.add("acme/web:1", self.IMAGE)
            write(project, running.host)
            project.run("update")
            yield running

    @pytest.fixture
    def part(self, cache: Path) -> Path:
        return cache / f"sha256-{oci.digest(self.LAYER.data)[7:]}.part"

    @pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
    def test_by_a_signal(
        self,
        how: signal.Signals,
        faulty: FaultRegistry,
        project: Project,
        nix: Nix,
        part: Path,
    ) -> None:
        faulty.script("GET", self.PATH, stall_after(self.REACHED))
        process = subprocess.Popen(
            # Tests that run in the background ignore SIGINT, and so would this process.
            ["env", "--default-signal=INT", PROGRAM, "prefetch"],
            env=project.env,
            cwd=project.directory,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        # The rest is still in a buffer.
        wait_until(lambda: part.exists() and part.stat().st_size > self.REACHED - 100_000)
        os.killpg(process.pid, how)
        _, stderr = process.communicate()
        assert process.returncode == -how
        if how is signal.SIGINT:
            assert stderr.decode().splitlines()[-1] == (
                "nixfetch-docker: interrupted; no file was left half-written"
            )
        self._assert_goes_on(faulty, project, nix, part.stat().st_size)

    def test_by_a_connection_that_breaks(
        self, faulty: FaultRegistry, project: Project, nix: Nix, part: Path
    ) -> None:
        faulty.script("GET", self.PATH, chain(reset_after(self.REACHED)))
        faulty.script("GET", self.PATH, status(401))
        done = project.try_run("prefetch")
        assert done.returncode == 1
        missing = size(len(self.LAYER.data))
        assert done.stdout == f"web: {HOST} failed (1 blob, {missing} not fetched)\n"
        assert f": {faulty.host} answered 401; " in done.stderr
        assert part.stat().st_size == self.REACHED
        self._assert_goes_on(faulty, project, nix, self.REACHED)

    def test_wrong_bytes_in_the_directory_are_fetched_again(
        self, faulty: FaultRegistry, project: Project, nix: Nix, part: Path
    ) -> None:
        part.parent.mkdir(parents=True)
        part.write_bytes(b"x" * self.REACHED)
        project.run("prefetch")
        ranges = [one.headers.get("Range") for one in faulty.requests if "blobs" in one.path]
        assert f"bytes={self.REACHED}-" in ranges
        assert not part.exists()
        verify(nix)

    def _assert_goes_on(
        self, faulty: FaultRegistry, project: Project, nix: Nix, reached: int
    ) -> None:
        before = len(faulty.requests)
        project.run("prefetch")
        (resumed,) = [one for one in faulty.requests[before:] if one.path.endswith(self.PATH)]
        assert resumed.headers["Range"] == f"bytes={reached}-"
        verify(nix)
        assert nix.build(project.images, "web").is_dir()


def test_two_at_once_fetch_every_blob_once(registry: Registry, project: Project, nix: Nix) -> None:
    registry.push("acme/web:1", IMAGE)
    write(project, registry.host)
    project.run("update")
    before = len(registry.asked())
    with ThreadPoolExecutor(3) as pool:
        runs = [pool.submit(project.try_run, "prefetch") for _ in range(3)]
        assert [run.result().returncode for run in runs] == [0, 0, 0]
    assert len(registry.asked()) - before == BLOBS
    verify(nix)


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


class TestMemory:
    """Two thousand small blobs, and one of 2 GiB, in less than 100 MiB of memory."""

    LIMIT = 100 * 1024 * 1024
    SMALL = 2000
    LARGE = 2 * 1024**3

    # The peak of a process includes that of its parent at the fork, and pytest is large.
    MEASURE = (
        "import resource, subprocess, sys\n"
        "done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
        "sys.exit(done.returncode)"
    )

    def peak(self, project: Project) -> int:
        """The peak memory in bytes of a prefetch and of the programs that it starts."""
        command: list[str | Path] = [sys.executable, "-c", self.MEASURE, PROGRAM, "prefetch"]
        return int(output(command, env=project.env, cwd=project.directory)) * 1024

    def test_many_small_blobs(self, project: Project, nix: Nix) -> None:
        layers = [oci.layer({"n": str(n).encode()}, "none") for n in range(self.SMALL)]
        with faults() as registry:
            registry.add("acme/web:1", oci.image(*layers, platform=HOST))
            write(project, registry.host)
            project.run("update")
            before = len(registry.requests)
            assert self.peak(project) < self.LIMIT
            assert len(registry.requests) - before == self.SMALL + 2
        assert len(list(nix.store.glob("*-sha256-*"))) == self.SMALL + 2

    def test_one_large_blob(self, project: Project, nix: Nix, cache: Path) -> None:
        piece = bytes(1024 * 1024)
        hasher = hashlib.sha256()
        for _ in range(self.LARGE // len(piece)):
            hasher.update(piece)
        name = f"sha256:{hasher.hexdigest()}"
        layer = {"mediaType": oci.LAYER, "digest": name, "size": self.LARGE}
        of_one_layer = oci.image(LAYERS[0], platform=HOST)
        document = json.loads(of_one_layer.manifest)
        document["layers"] = [layer]

        def zeros(exchange: Exchange) -> None:
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {self.LARGE}\r\n\r\n"
            exchange.connection.send(head.encode())
            for _ in range(self.LARGE // len(piece)):
                exchange.connection.send(piece)

        with faults() as registry:
            registry.add_blob(of_one_layer.config)
            registry.add_manifest("acme/web:1", oci.encode(document), oci.MANIFEST)
            registry.script("GET", f"/blobs/{name}", zeros)
            write(project, registry.host)
            project.run("update")
            assert self.peak(project) < self.LIMIT
        (path,) = nix.paths(name.replace(":", "-"))
        assert path.stat().st_size == self.LARGE
        assert list(cache.iterdir()) == []
