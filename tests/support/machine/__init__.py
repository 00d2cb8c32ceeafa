"""A machine that boots: Debian's systemd as process 1 of namespaces of its own, without a network.

All its processes, mounts and cgroups end with the block that has it, and also where the test is
killed. What it writes is in memory.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from support.process import output

from .units import Units

_HERE = Path(__file__).parent
_REPOSITORY = _HERE.parents[2]
_ENV = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/root"}
_SECONDS = 120.0
# The user that a machine may have.
USER = "ann"
UID = 1000
# With one unit that failed, a machine is "degraded".
_BOOTED = ("running", "degraded")
# What of a machine's start has no meaning here, or would act on this machine's kernel.
_MASKED = (
    *("getty.target", "ldconfig.service", "systemd-firstboot.service", "dev-hugepages.mount"),
    *("sys-kernel-config.mount", "sys-kernel-debug.mount", "sys-kernel-tracing.mount"),
    # The store may be below /tmp.
    *("tmp.mount", "systemd-tmpfiles-clean.timer"),
    *("sys-fs-fuse-connections.mount", "modprobe@.service", "systemd-modules-load.service"),
)
_DOCKERD = {"bridge": "none", "iptables": False, "ip6tables": False, "ip-forward": False}

# Why there can be no machine here, or None.
REASON = "needs root, who alone can start a machine" if os.geteuid() != 0 else None


class Machine:
    """A machine that is off at first; its root file system is written to as long as it exists.

    `work` is the directory of all that is this machine's.
    """

    def __init__(self, holder: int, work: Path) -> None:
        self._holder = holder
        self.work = work
        self._init: int | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._units = Units()
        self.root = Path(f"/proc/{holder}/root{work}/root")
        self._prepare()

    def boot(self, *, wait: bool = True) -> None:
        """Start systemd, and wait until all units of the boot have started, or failed.

        Without `wait`, only until systemd answers.
        """
        assert self._init is None
        command = [
            *["nsenter", "-t", str(self._holder), "-m", "-p"],
            *[str(_HERE / "boot.sh"), "cgroup", str(self.work)],
        ]
        self._process = process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=_ENV
        )
        assert process.stdout is not None
        with process.stdout as lines:
            line = lines.readline()
        assert line, "the machine did not start"
        self._init = int(line)
        deadline = time.monotonic() + _SECONDS
        states = _BOOTED if wait else (*_BOOTED, "starting")
        while self.run("systemctl", "is-system-running").stdout.strip() not in states:
            assert process.poll() is None, "systemd ended"
            assert time.monotonic() < deadline, (
                self.run("systemctl", "list-jobs").stdout + self.journal()
            )
            time.sleep(0.05)

    def power_off(self) -> None:
        """Shut the machine down as `systemctl poweroff` does."""
        self.run("systemctl", "poweroff")
        self.wait()

    def cut_power(self) -> None:
        """Kill all processes of the machine at once."""
        os.kill(self.init, signal.SIGKILL)
        self.wait()

    def wait(self) -> None:
        """Wait until the machine is off."""
        if self._process is not None:
            self._process.wait(_SECONDS)
        self._process = self._init = None

    @property
    def init(self) -> int:
        """The process ID of the machine's systemd."""
        assert self._init is not None, "the machine is off"
        return self._init

    def run(self, *command: str, user: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command on the machine, whatever its exit status."""
        enter = ["nsenter", "-t", str(self.init), "-m", "-p", "-u", "-i", "-n", "-C", "-r", "-w"]
        if user is not None:
            enter += ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"]
            enter += ["env", f"HOME=/home/{user}"]
        # Not pipes: what the command leaves running may keep them open.
        with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
            done = subprocess.run(
                [*enter, *command],
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                env=_ENV,
                timeout=_SECONDS,
                check=False,
            )
            said = []
            for file in (stdout, stderr):
                file.seek(0)
                said.append(file.read().decode(errors="replace"))
        return subprocess.CompletedProcess(command, done.returncode, *said)

    def output(self, *command: str, user: str | None = None) -> str:
        """The stdout of a command that must succeed."""
        done = self.run(*command, user=user)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}\n{self.journal()}"
        return done.stdout

    def wait_for(self, *command: str, user: str | None = None) -> None:
        """Wait until a command succeeds."""
        deadline = time.monotonic() + _SECONDS
        while self.run(*command, user=user).returncode != 0:
            assert time.monotonic() < deadline, f"{command} fails\n{self.journal()}"
            time.sleep(0.02)

    def wait_for_message(self, unit: str, text: str) -> str:
        """Wait until a unit says a text; returns all that it has said."""
        deadline = time.monotonic() + _SECONDS
        while text not in (said := self.journal(unit)):
            assert time.monotonic() < deadline, said
            time.sleep(0.05)
        return said

    def limit(self, disk: str, size: str) -> None:
        """Set the size of a disk, such as `10m`: /var/lib/containers, /var/lib/docker or /home."""
        target = f"{self.work}/root{disk}"
        mount = ["mount", "-o", f"remount,size={size}", target]
        output(["nsenter", "-t", str(self._holder), "-m", *mount])

    def journal(self, unit: str | None = None) -> str:
        """The messages of this boot, or those of one unit."""
        return self.run("journalctl", "-b", "-o", "cat", *(["-u", unit] if unit else [])).stdout

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        """Write a file of the machine, whether it is on or off."""
        file = self._place(path)
        file.write_text(text)
        file.chmod(mode)

    def _place(self, path: str) -> Path:
        """A path below the root, whose directory is there and belongs to whose home it is in."""
        file = self.root / path.removeprefix("/")
        home = self.root / "home" / USER
        for parent in reversed(file.parents):
            if parent.is_relative_to(self.root) and not parent.exists():
                parent.mkdir()
                if parent.is_relative_to(home):
                    os.chown(parent, UID, UID)
        return file

    def enable(self, *names: str) -> None:
        """Let units of Debian's packages start at boot."""
        for name in names:
            wants = self._place(f"/etc/systemd/system/multi-user.target.wants/{name}")
            wants.symlink_to(f"/usr/lib/systemd/system/{name}")

    def add_user(self, *, linger: bool) -> None:
        """Add a user with a home and IDs for containers.

        With `linger`, the user's own systemd runs from boot on, without a login.
        """
        for file, line in {
            "passwd": f"{USER}:x:{UID}:{UID}::/home/{USER}:/bin/bash",
            "group": f"{USER}:x:{UID}:",
            "shadow": f"{USER}:*:20000:0:99999:7:::",
            "subuid": f"{USER}:100000:65536",
            "subgid": f"{USER}:100000:65536",
        }.items():
            with (self.root / "etc" / file).open("a") as text:
                text.write(f"{line}\n")
        home = self._place(f"/home/{USER}")
        home.mkdir(mode=0o700)
        os.chown(home, UID, UID)
        if linger:
            self.write(f"/var/lib/systemd/linger/{USER}", "")

    def install(self, units: Units) -> None:
        """Write the units that the machine is to have, and remove those that it had."""
        for path in (*self._units.files, *self._units.links):
            (self.root / path.removeprefix("/")).unlink()
        for path, text in units.scripts.items():
            self.write(path, text, 0o755)
        for path, text in units.files.items():
            self.write(path, text)
        for path, target in units.links.items():
            self._place(path).symlink_to(target)
        self._units = units

    def switch(self, units: Units) -> set[str]:
        """What `nixos-rebuild switch` does: the units that changed stop, and start as they are now.

        So does what the boot would start and does not run. Returns the names of the units that
        changed, are new or left.
        """
        old, new = self._units.texts, units.texts
        stopped = {name for name, texts in old.items() if new.get(name) != texts}
        started = {name for name, texts in new.items() if old.get(name) != texts}
        if stopped:
            self.run("systemctl", "stop", *sorted(stopped))
        self.install(units)
        self.output("systemctl", "daemon-reload")
        # One of the machine's units may fail.
        self.run("systemctl", "start", "multi-user.target", *sorted(started & units.wanted))
        return stopped | started

    def _prepare(self) -> None:
        """Let nothing of Debian's start but what a machine must have."""
        system = self.root / "etc/systemd/system"
        for directory in (system, self.root / "etc/systemd/user"):
            for path in directory.glob("*.wants/*"):
                path.unlink()
        for name in _MASKED:
            (system / name).unlink(missing_ok=True)
            (system / name).symlink_to("/dev/null")
        self.write("/etc/machine-id", "0123456789abcdef0123456789abcdef\n")
        self.write("/etc/fstab", "")
        self.write("/etc/systemd/journald.conf", "[Journal]\nStorage=volatile\n")
        # This kernel may not let a machine limit the number of processes.
        self.write("/etc/containers/containers.conf", "[containers]\npids_limit = 0\n")
        # dockerd would change the firewall, for which this kernel may lack modules.
        self.write("/etc/docker/daemon.json", json.dumps(_DOCKERD))


@contextmanager
def machine(store: Path) -> Iterator[Machine]:
    """A machine with a Nix store."""
    assert REASON is None, REASON
    with tempfile.TemporaryDirectory(prefix="machine-") as work:
        hold = [str(one) for one in (_HERE / "hold.sh", "hold", debian(), work, store)]
        command = ["unshare", "--mount", *hold]
        # A session of its own: Ctrl-C must not end it before it has removed its cgroup.
        holder = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_ENV,
            start_new_session=True,
        )
        assert holder.stdin is not None
        assert holder.stdout is not None
        made = None
        try:
            with holder.stdin, holder.stdout as lines:
                line = lines.readline()
                assert line, "the machine's file system could not be made"
                made = Machine(int(line), Path(work))
                yield made
        finally:
            holder.wait(_SECONDS)
            if made is not None:
                made.wait()


@cache
def debian() -> Path:
    """The file system of the newer Debian, which is made where there is none."""
    script = _REPOSITORY / "scripts/current-nix"
    return Path(
        output([script, "--suite", os.environ.get("SUITE", "trixie"), "--make-root"]).strip()
    )
