"""Programs of the newer Debian, such as a skopeo that signs, over this machine's registries.

Where the tests run in that Debian already, they are its programs. Elsewhere they run in its root,
where what they write outside of their directory is in memory and ends with them.
"""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from support import machine
from support.process import output, run

# Why they cannot be run here, or None.
REASON = machine.REASON
_NEWER = 13
_SCRIPT = """
mount -t tmpfs tmpfs /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay -o "lowerdir=$1,upperdir=/mnt/upper,workdir=/mnt/work" overlay /mnt/root
mkdir -p "/mnt/root$2"
mount --bind "$2" "/mnt/root$2"
mount --rbind /proc /mnt/root/proc
mount --rbind /dev /mnt/root/dev
mount --rbind /sys /mnt/root/sys
directory=$2
shift 2
exec chroot /mnt/root env -C "$directory" "$@"
"""


class NewerDebian:
    """Its programs, which see and write `directory`, and have a home there."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory

    def run(
        self, *command: str | Path, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, whatever its exit status."""
        return run(self._command(command, env or {}), cwd=self.directory)

    def output(self, *command: str | Path, env: Mapping[str, str] | None = None) -> str:
        """The stdout of a command that must succeed."""
        return output(self._command(command, env or {}), cwd=self.directory)

    def _command(self, command: tuple[str | Path, ...], env: Mapping[str, str]) -> list[str]:
        variables = {
            "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "HOME": str(self.directory),
            "TMPDIR": str(self.directory),
            **env,
        }
        inside = [*(f"{name}={value}" for name, value in variables.items()), *map(str, command)]
        if _is_here():
            return ["env", "-i", *inside]
        script = ["unshare", "--mount", "sh", "-euc", _SCRIPT, "sh"]
        return [*script, str(machine.debian()), str(self.directory), "-i", *inside]


@cache
def _is_here() -> bool:
    """Whether this is the newer Debian itself; sid has no number."""
    number = platform.freedesktop_os_release().get("VERSION_ID", str(_NEWER))
    return int(number) >= _NEWER
