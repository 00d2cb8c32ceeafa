"""Machines that boot: the module's units under systemd, with a Nix store and without a network."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support import oci
from support.busybox import lasting
from support.command import Project
from support.machine import REASON, USER, machine
from support.machine.host import SWEEP, Host
from support.machine.units import SYSTEM, units
from support.nix import REPOSITORY, Nix
from support.registry import Registry

pytestmark = pytest.mark.skipif(REASON is not None, reason=str(REASON))


WEB_AND_OTHER = """containers = { web.locked = "web"; other.locked = "other"; };"""


def test_it_boots_into_the_locked_images_and_nothing_pulls(host: Host) -> None:
    web, other = lasting("web"), lasting("other")
    host.push(web=web, other=other)
    port = host.registry.host.partition(":")[2]
    listener = units(
        {
            "listener": {
                "wantedBy": ["multi-user.target"],
                "serviceConfig": {"ExecStart": f"/usr/bin/python3 -um http.server {port}"},
            }
        }
    )
    host.machine.install(listener | host.units(WEB_AND_OTHER))
    host.machine.boot()
    assert host.running() == {"web": web.id, "other": other.id}
    assert host.text("web") == "web"
    # The listener names who asks.
    assert "127.0.0.1 - -" not in host.machine.journal("listener")
    host.machine.run("podman", "pull", f"{host.registry.host}/acme/none:1.0")
    assert "127.0.0.1 - -" in host.machine.journal("listener")


@pytest.mark.parametrize("end", ["power_off", "cut_power"])
def test_the_second_boot_loads_nothing(end: str, host: Host) -> None:
    web = lasting("web")
    host.push(web=web)
    host.machine.install(
        host.units('containers.web.locked = "web"; dockerImages.preload = [ "web" ];')
    )
    host.machine.boot()
    assert host.loads("podman-web", "preload-docker-images") >= 1
    getattr(host.machine, end)()
    host.machine.boot()
    assert host.running() == {"web": web.id}
    assert host.loads("podman-web", "preload-docker-images") == 0


def test_a_switch_restarts_the_container_whose_image_changed_and_going_back_does(
    host: Host,
) -> None:
    old, new, other = lasting("old"), lasting("new"), lasting("other")
    host.push(web=old, other=other)
    before = host.units(WEB_AND_OTHER)
    host.machine.install(before)
    host.machine.boot()
    containers = host.containers()
    host.push(web=new)
    after = host.units(WEB_AND_OTHER)
    for wanted, image in ((after, new), (before, old), (after, new)):
        assert host.switch(wanted) == {"podman-web.service"}
        assert host.running() == {"web": image.id, "other": other.id}
        assert host.containers()["other"] == containers["other"]
    assert host.switch(after) == set()


@pytest.mark.parametrize("kill", ["the unit", "the machine"])
def test_a_load_that_is_killed_is_made_good(kill: str, host: Host) -> None:
    data = os.urandom(40_000_000)
    layer = oci.layer({"data": data}, "none")
    web = lasting("web", layer)
    host.push(web=web)
    host.machine.boot()
    units = host.units('containers.web.locked = "web";')
    host.machine.install(units)
    host.machine.run("systemctl", "daemon-reload")
    host.machine.run("systemctl", "start", "--no-block", "podman-web")
    host.machine.wait_for("pgrep", "-f", "podman pull")
    if kill == "the unit":
        host.machine.output("systemctl", "kill", "--signal=KILL", "podman-web")
    else:
        host.machine.cut_power()
        host.machine.boot()
    host.machine.wait_for("systemctl", "is-active", "podman-web")
    assert host.running() == {"web": web.id}
    found = host.machine.output("podman", "exec", "web", "/bin/busybox", "sha256sum", "/data")
    assert found.split()[0] == hashlib.sha256(data).hexdigest()


# systemd does not hear a rootless podman that ends right after its message: then the unit starts
# again, or never ends to start, while the container runs.
AGAIN = "[Unit]\nStartLimitIntervalSec=0\n"


# nixpkgs warns of the other two combinations.
@pytest.mark.parametrize(("sdnotify", "linger"), [("conmon", False), ("healthy", True)])
def test_rootless(sdnotify: str, linger: bool, host: Host) -> None:
    web = lasting("web")
    host.push(web=web)
    host.machine.add_user(linger=linger)
    options = {
        "conmon": "[ ]",
        "healthy": """[ ''--health-cmd=["/bin/busybox", "true"]'' "--health-interval=1s" ]""",
    }
    host.machine.install(
        host.units(
            f'''containers.web = {{
                locked = "web";
                podman = {{ user = "{USER}"; sdnotify = "{sdnotify}"; }};
                extraOptions = {options[sdnotify]};
            }};'''
        )
    )
    host.machine.write(f"{SYSTEM}podman-web.service.d/again.conf", AGAIN)
    host.machine.boot(wait=False)
    host.wait_for_rootless("web", web)
    assert host.loads("podman-web") == 1
    # Root's storage is another.
    assert host.machine.output("podman", "images", "--quiet") == ""


def test_docker(host: Host) -> None:
    old, new, other = lasting("old"), lasting("new"), lasting("other")
    configuration = f'backend = "docker"; {WEB_AND_OTHER}'
    host.push(web=old, other=other)
    host.machine.enable("docker.service")
    host.machine.install(host.units(configuration))
    host.machine.boot()
    host.wait_for_docker("web", "other")
    assert host.running("docker") == {"web": old.id, "other": other.id}
    containers = host.containers("docker")
    host.push(web=new)
    assert host.switch(host.units(configuration)) == {"docker-web.service"}
    host.wait_for_docker("web")
    assert host.running("docker") == {"web": new.id, "other": other.id}
    assert host.containers("docker")["other"] == containers["other"]
    host.machine.power_off()
    host.machine.boot()
    host.wait_for_docker("web", "other")
    assert host.running("docker") == {"web": new.id, "other": other.id}
    assert host.loads("docker-web", "docker-other") == 0


QUADLETS = """quadlets = { web.locked = "web"; other.locked = "other"; };"""


def test_quadlets(host: Host) -> None:
    old, new, other = lasting("old"), lasting("new"), lasting("other")
    host.push(web=old, other=other)
    before = host.units(QUADLETS)
    host.machine.install(before)
    host.machine.boot()
    assert host.running() == {"web": old.id, "other": other.id}
    containers = host.containers()
    host.push(web=new)
    after = host.units(QUADLETS)
    for wanted, image in ((after, new), (before, old), (after, new)):
        assert host.switch(wanted) == {"web.service"}
        assert host.running() == {"web": image.id, "other": other.id}
        assert host.containers()["other"] == containers["other"]
    host.machine.power_off()
    host.machine.boot()
    assert host.running() == {"web": new.id, "other": other.id}
    assert host.loads("web", "other") == 0


def test_a_quadlet_of_home_manager(host: Host) -> None:
    web = lasting("web")
    host.push(web=web)
    host.machine.add_user(linger=True)
    config = f"/home/{USER}/.config/systemd/user/web.service.d"
    host.machine.write(f"{config}/again.conf", AGAIN)
    # For this, podman's user units wait.
    host.machine.enable("network-online.target")
    host.machine.install(host.units('homeQuadlets.web.locked = "web";'))
    host.machine.boot()
    host.wait_for_rootless("web", web)
    assert host.machine.output("podman", "images", "--quiet") == ""


@pytest.mark.parametrize("backend", ["podman", "docker"])
def test_six_containers_of_one_image_load_it_once(backend: str, host: Host) -> None:
    web = lasting("web", oci.layer({"data": os.urandom(20_000_000)}, "none"))
    host.push(web=web)
    names = [f"web{number}" for number in range(6)]
    containers = "".join(f'{name}.locked = "web"; ' for name in names)
    if backend == "docker":
        host.machine.enable("docker.service")
    host.machine.install(host.units(f'backend = "{backend}"; containers = {{ {containers}}};'))
    host.machine.boot()
    if backend == "docker":
        host.wait_for_docker(*names)
    assert host.running(backend) == dict.fromkeys(names, web.id)
    assert host.loads(*[f"{backend}-{name}" for name in names]) == 1


@pytest.mark.parametrize("backend", ["podman", "docker"])
@pytest.mark.parametrize("tag", ["1.0", "1.1"])
def test_superseded_images_are_gone_and_others_are_not(tag: str, backend: str, host: Host) -> None:
    old, new, other = lasting("old"), lasting("new"), lasting("other")
    web = f"{backend}-web.service"
    host.push(web=old, other=other)
    if backend == "docker":
        host.machine.enable("docker.service")
    host.machine.install(host.units(f'backend = "{backend}"; {WEB_AND_OTHER}'))
    host.machine.boot()
    host.machine.wait_for(backend, "exec", "other", "/bin/busybox", "true")
    # What a person makes, here of a container, is the person's.
    mine = host.machine.output(backend, "commit", "other", "localhost/mine:1").split()[-1]
    mine = f"sha256:{mine.removeprefix('sha256:')}"
    assert host.images(backend) == {old.id, other.id, mine}

    host.push(tag, web=new)
    assert host.switch(host.units(f'backend = "{backend}"; {WEB_AND_OTHER}')) == {web}
    host.machine.wait_for(backend, "exec", "web", "/bin/busybox", "true")
    assert host.images(backend) == {new.id, other.id, mine}
    assert f"removed {host.registry.host}/acme/web:1.0" in host.machine.journal(SWEEP)

    # A container that leaves the configuration.
    alone = f'backend = "{backend}"; containers.other.locked = "other";'
    assert host.switch(host.units(alone)) == {web}
    assert host.images(backend) == {other.id, mine}
    assert host.machine.output(backend, "image", "ls", "--quiet", "localhost/mine:1")


def test_superseded_images_of_a_user_are_gone(host: Host) -> None:
    old, new = lasting("old"), lasting("new")
    configuration = f'containers.web = {{ locked = "web"; podman.user = "{USER}"; }};'
    host.push(web=old)
    host.machine.add_user(linger=False)
    # Not "notify": systemd would wait for a message that it did not hear, also before it stops.
    kind = "[Service]\nType=oneshot\nNotifyAccess=none\nRemainAfterExit=yes\nRestart=no\n"
    host.machine.write(f"{SYSTEM}podman-web.service.d/kind.conf", kind)
    host.machine.install(host.units(configuration))
    host.machine.boot()
    assert host.running(user=USER) == {"web": old.id}
    host.push(web=new)
    assert host.switch(host.units(configuration)) == {"podman-web.service"}
    assert host.running(user=USER) == {"web": new.id}
    assert host.images("podman", USER) == {new.id}


@pytest.mark.parametrize(
    ("backend", "disk", "others"),
    [("podman", "/var/lib/containers", []), ("docker", "/var/lib/docker", ["docker.service"])],
)
def test_a_full_disk_says_so_and_room_makes_it_good(
    backend: str, disk: str, others: list[str], host: Host
) -> None:
    web = lasting("web", oci.layer({"data": os.urandom(20_000_000)}, "none"))
    host.push(web=web)
    host.machine.enable(*others)
    host.machine.install(host.units(f'backend = "{backend}"; containers.web.locked = "web";'))
    host.machine.limit(disk, "10m")
    host.machine.boot()
    unit = f"{backend}-web"
    said = host.machine.wait_for_message(unit, f"{backend} did not load")
    assert "no space left on device" in said
    assert host.running(backend) == {}
    host.machine.limit(disk, "1g")
    host.machine.run("systemctl", "reset-failed", unit)
    host.machine.output("systemctl", "start", unit)
    host.machine.wait_for(backend, "exec", "web", "/bin/busybox", "true")
    assert host.running(backend) == {"web": web.id}


class Driven:
    """A machine as the driver of NixOS' tests has it, with what our test asks of one."""

    def __init__(self, host: Host) -> None:
        self._machine = host.machine

    def start(self) -> None:
        self._machine.boot(wait=False)

    def shutdown(self) -> None:
        self._machine.power_off()

    def wait_for_unit(self, name: str) -> None:
        self._machine.wait_for("systemctl", "is-active", name)

    def succeed(self, command: str) -> str:
        return self._machine.output("sh", "-c", command)

    def wait_until_succeeds(self, command: str) -> None:
        self._machine.wait_for("sh", "-c", command)


def test_the_test_for_nixpkgs_passes(machines: tuple[Registry, Nix], tmp_path: Path) -> None:
    """The script of docs/nixpkgs/nixos-test, on machines of its nodes, with an image of ours."""
    registry, nix = machines
    applet = Path("/bin/busybox").read_bytes()
    registry.push("acme/hello:1.0", oci.image(oci.layer({"bin/sleep": applet}), command=["/"]))
    test = tmp_path / "nixos-test"
    locking = Project(test)
    shutil.copytree(REPOSITORY / "docs/nixpkgs/nixos-test", test, dirs_exist_ok=True)
    locking.update(
        f'[images.hello]\nimage = "{registry.host}/acme/hello:1.0"\nplatforms = ["linux/amd64"]'
    )
    script = nix.evaluate(f"""
      (import {REPOSITORY}/tests/nix/host-test.nix (import {REPOSITORY}/tests/nix/host-pkgs.nix) {{
        imports = [ {test} ];
        defaults.imports = [ {REPOSITORY}/nix/nixos/module.nix ];
      }}).script
    """)
    asked: list[str] = []

    @contextmanager
    def subtest(name: str) -> Iterator[None]:
        asked.append(name)
        yield

    with machine(nix.store) as podman, machine(nix.store) as docker:
        nodes = {}
        for engine, running in (("podman", podman), ("docker", docker)):
            host = Host(running, registry, locking, nix)
            node = (
                f"(import {test} {{ inherit (import {REPOSITORY}/tests/nix/host-pkgs.nix) lib; }})"
            )
            containers = f"{node}.nodes.{engine}.virtualisation.oci-containers"
            running.install(host.units(f"inherit ({containers}) backend containers;"))
            nodes[engine] = Driven(host)
        docker.enable("docker.service")

        def start_all() -> None:
            for one in nodes.values():
                one.start()

        names = {**nodes, "subtest": subtest, "start_all": start_all}
        exec(compile(json.loads(script), "testScript", "exec"), names)  # noqa: S102 - it is ours
    assert len(asked) == 8


HELD = """
import sys
from pathlib import Path
from support.machine import machine
with machine(Path(sys.argv[1])) as made:
    made.boot()
    print(made.work, made.init, flush=True)
    sys.stdin.read()
"""


def test_a_test_that_is_killed_leaves_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HELD, str(tmp_path)]
    env = {**os.environ, "PYTHONPATH": f"{REPOSITORY}/tests"}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env
    ) as process:
        assert process.stdout is not None
        work, init = process.stdout.readline().split()
        assert _processes_of(work)
        process.kill()
    deadline = time.monotonic() + 60
    while Path(work).exists():
        assert time.monotonic() < deadline, f"{work} is there still"
        time.sleep(0.05)
    # It is removed last, after the machine's cgroup, which must be empty for that.
    assert not Path("/proc", init).exists()
    assert _processes_of(work) == []


def _processes_of(work: str) -> list[str]:
    """The processes in the cgroup of a machine."""
    found = []
    for cgroup in Path("/proc").glob("[0-9]*/cgroup"):
        try:
            if f"/machine-{Path(work).name}" in cgroup.read_text():
                found.append(cgroup.parent.name)
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found
