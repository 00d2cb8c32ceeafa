"""podman with the driver overlay, for one script: its storage is in memory, and gone with it.

The driver `vfs` of other tests copies files, and mounts nothing.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from .podman import RUN_OPTIONS
from .process import output, run

_LISTING = Path(__file__).with_name("listing.py")

_SCRIPT = """
set -euo pipefail
mount -t tmpfs tmpfs "$1"
cd "$1"
cat > storage.conf <<END
[storage]
driver = "overlay"
runroot = "$1/run"
graphroot = "$1/root"
[storage.options]
additionalimagestores = [ $2 ]
END
export CONTAINERS_STORAGE_CONF=$1/storage.conf PODMAN_IGNORE_CGROUPSV1_WARNING=1
podman=(/usr/bin/podman "--tmpdir=$1/tmp" --cgroup-manager=cgroupfs --events-backend=file)
podman+=(--runtime=runc)
p() { "${podman[@]}" "$@"; }
container() { unshare --net "${podman[@]}" RUN "$@"; }
list() {
  p create --quiet --pull=never --name listed "$1" > /dev/null
  python3 -I LISTING "$(p mount listed)"
  p rm --force listed > /dev/null
}
"""


@cache
def missing() -> str | None:
    """What this machine lacks to mount layers from a store, or None."""
    if shutil.which("mkfs.erofs") is None:
        return "needs erofs-utils 1.8"
    # Not by the command `version`, which opens podman's storage.
    version = output(["podman", "--version"]).split()[-1]
    if int(version.partition(".")[0]) < 5:
        return f"needs podman 5, and podman here is {version}"
    if "erofs" not in Path("/proc/filesystems").read_text():
        return "needs a kernel with EROFS"
    return None


def script(
    directory: Path, lines: str, *arguments: str | Path, stores: list[Path] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run lines of bash with podman as `p`.

    `list IMAGE` prints the files of a container of it, `container IMAGE` runs one.
    `arguments` are $1 and so on; `stores` are podman's additional image stores.
    """
    storage = directory / "storage"
    storage.mkdir(exist_ok=True)
    names = ", ".join(f'"{store}"' for store in stores or [])
    start = _SCRIPT.replace("LISTING", str(_LISTING)).replace("RUN", " ".join(RUN_OPTIONS))
    command = ["unshare", "--mount", "bash", "-c", f"{start}\nshift 2\n{lines}", "-"]
    return run([*command, storage, names, *arguments])


def listed(
    directory: Path, lines: str, *arguments: str | Path, stores: list[Path] | None = None
) -> dict[str, Any]:
    """The listing that such lines print."""
    done = script(directory, lines, *arguments, stores=stores)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found
