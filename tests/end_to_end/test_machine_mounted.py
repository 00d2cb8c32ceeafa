"""Machines whose podman mounts images from the Nix store: `virtualisation.dockerImages.mount`."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from support import hard_layers, oci
from support.busybox import busybox, lasting
from support.machine import REASON, debian
from support.machine.host import SWEEP, Host
from support.machine.units import SYSTEM
from support.process import output

pytestmark = pytest.mark.skipif(REASON is not None, reason=str(REASON))

NO_BLOBS = 'mount = "none"; mountFallback = false;'
WEB = 'containers.web.locked = "web"; dockerImages.mount = %s;'
CONTAINERS = 'containers = { web.locked = "web"; other.locked = "other"; };'
WEB_AND_OTHER = f"{CONTAINERS} dockerImages = {{ {NO_BLOBS} }};"
# What a kernel without EROFS says.
LACKING = "[Service]\nSystemCallFilter=~fsopen\nSystemCallErrorNumber=ENODEV\n"
DROP_IN = f"{SYSTEM}podman-web.service.d/kernel.conf"
LISTING = Path(oci.__file__).with_name("listing.py").read_text()
STORAGE = "/var/lib/containers/storage"


def kept(host: Host) -> set[str]:
    """The images of which podman has a copy."""
    images = ["podman", "images", "--all", "--no-trunc", "--filter", "readonly=false"]
    return set(host.machine.output(*images, "--format", "sha256:{{.Id}}").split())


def started(host: Host) -> dict[str, str]:
    """The images of containers by their names, also of one that podman cannot inspect.

    It cannot where the image is in no store any more.
    """
    listed = host.machine.output(
        "podman", "ps", "--no-trunc", "--format", "{{.Names}} {{.ImageID}}"
    )
    return {name: f"sha256:{image}" for name, image in map(str.split, listed.splitlines())}


def stored(host: Host) -> int:
    """The bytes that podman's storage takes of the disk."""
    return int(host.machine.output("du", "--summarize", "--block-size=1", STORAGE).split()[0])


def mounted_file(host: Host, layer: oci.Layer) -> Path:
    """The file that podman mounts for a layer, on this machine's side."""
    digest = oci.digest(layer.data).removeprefix("sha256:")
    (file,) = host.nix.store.glob(f"*-erofs-sha256-{digest}/layer.erofs")
    return file


def files(host: Host, image: str, start: float) -> dict[str, Any]:
    """All files that a container of an image would see.

    The time of a directory that podman made for want of an entry is left out.
    """
    run = host.machine.output
    run("podman", "create", "--quiet", "--pull=never", "--name=listed", image)
    directory = run("podman", "mount", "listed").strip()
    found: dict[str, Any] = json.loads(run("python3", "-I", "/listing.py", directory))
    run("podman", "rm", "listed")
    for one in found.values():
        if one["mode"].startswith("0o40") and (one["time"] == 0 or one["time"] >= start * 10**9):
            del one["time"]
    # podman makes the directory of the container itself.
    del found["."]
    return found


def debian_layer(directory: Path) -> oci.Layer:
    """A part of Debian as mmdebstrap made it, with programs that are setuid."""
    file = directory / "debian.tar"
    parts = ["etc", "usr/share/zoneinfo"]
    parts += [f"usr/bin/{name}" for name in ("chage", "mount", "newuidmap", "passwd", "su")]
    options = ["--create", "--numeric-owner", "--xattrs", "--format=pax", f"--file={file}"]
    output(["tar", *options, f"--directory={debian()}", *parts])
    return oci.packed(file.read_bytes(), "none")


def test_what_was_loaded_is_mounted_with_the_same_files(host: Host, tmp_path: Path) -> None:
    start = time.time()
    web = lasting("web", *hard_layers.layers(tmp_path), debian_layer(tmp_path))
    name = f"{host.registry.host}/acme/web:1.0"
    host.push(web=web)
    host.machine.write("/listing.py", LISTING)
    host.machine.install(host.units(WEB % "false"))
    host.machine.boot()
    assert kept(host) == {web.id}
    loaded = files(host, name, start)
    assert len(loaded) > 1000

    # Those of "none" are compared by test_erofs.py.
    for compression in ("zstd", "lz4"):
        assert host.switch(host.units(WEB % f'"{compression}"')) <= {"podman-web.service"}
        assert host.running() == {"web": web.id}
        assert kept(host) == set()
        mounted = files(host, name, start)
        assert mounted.keys() == loaded.keys()
        for path, file in mounted.items():
            assert file == loaded[path], f"{path} ({compression})"

    # A kernel that does not mount it.
    host.machine.write(DROP_IN, LACKING)
    host.machine.power_off()
    host.machine.boot()
    assert host.running() == {"web": web.id}
    assert kept(host) == {web.id}
    said = host.machine.journal("podman-web")
    assert "failed to open erofs filesystem: no such device" in said
    assert f"podman does not mount {name}, which is loaded instead" in said
    # Not at each start anew.
    host.machine.output("systemctl", "restart", "podman-web")
    assert host.loads("podman-web") == 1

    # Somebody gives the name to another image in podman's storage, where podman looks first.
    host.machine.write(DROP_IN, "")
    host.machine.run("systemctl", "daemon-reload")
    other = host.machine.output("podman", "commit", "--quiet", "web", name).strip()
    host.machine.output("systemctl", "restart", "podman-web")
    assert host.running() == {"web": web.id}
    assert kept(host) == {f"sha256:{other}"}


def test_switches_garbage_and_a_file_that_changed(host: Host) -> None:
    base = oci.layer({"base": os.urandom(100_000)}, "none")
    old, new, other = lasting("old", base), lasting("new", base), lasting("other", base)
    host.push(web=old, other=other)
    before = host.units(WEB_AND_OTHER)
    host.machine.install(before)
    host.machine.boot()
    assert host.running() == {"web": old.id, "other": other.id}
    assert host.text("web") == "old"
    # A layer of several images is one file.
    shared = mounted_file(host, base)
    mine = ["podman", "run", "--detach", "--pull=never", "--network=none", "--name=mine"]
    host.machine.output(*mine, f"{host.registry.host}/acme/web:1.0")
    containers = host.containers()

    host.push(web=new)
    after = host.units(WEB_AND_OTHER)
    for wanted, image in ((after, new), (before, old), (after, new)):
        assert host.switch(wanted) == {"podman-web.service"}
        assert started(host) == {"web": image.id, "other": other.id, "mine": old.id}
        assert host.text("web") == ("new" if image is new else "old")
        assert host.containers()["other"] == containers["other"]
    assert host.switch(after) == set()

    # What an old generation had goes, while a container runs that has it.
    gone = mounted_file(host, old.layers[-1])
    referring = ["nix-store", "--query", "--referrers-closure", str(gone.parent)]
    host.nix.output(["nix-store", "--delete", *host.nix.output(referring).split()])
    assert not gone.exists()
    assert host.text("mine") == "old"
    host.machine.output("podman", "rm", "--force", "--time=0", "mine")

    host.machine.power_off()
    whole = shared.read_bytes()
    at = whole.index(base.data[512:1512])
    shared.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    host.machine.boot()
    assert host.running() == {}
    said = host.machine.wait_for_message("podman-web", "are not as they were built")
    assert f"{shared}: FAILED" in said
    host.machine.run("systemctl", "stop", "podman-web", "podman-other")
    shared.write_bytes(whole)
    host.machine.output("systemctl", "start", "podman-web", "podman-other")
    assert host.running() == {"web": new.id, "other": other.id}
    assert host.loads("podman-web", "podman-other") == 0
    assert kept(host) == set()
    assert "is not locked any more" not in host.machine.journal(SWEEP)


def test_updates_leave_the_disk_as_it_was(host: Host) -> None:
    layers = busybox(), oci.layer({"base": os.urandom(3_000_000)}, "none")

    def push(number: int) -> None:
        host.push(web=oci.image(*layers, labels={"number": str(number)}))

    configuration = f'dockerImages = {{ preload = [ "web" ]; {NO_BLOBS} }};'
    push(0)
    host.machine.install(host.units(configuration))
    host.machine.boot()
    before = stored(host)
    for number in range(1, 11):
        push(number)
        host.switch(host.units(configuration))
    assert kept(host) == set()
    # podman's database, and nothing of the images.
    assert stored(host) - before < 100_000
