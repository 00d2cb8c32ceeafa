"""`make bench`: the time that common commands take, as the best of several runs."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from support import oci
from support.command import PROGRAM, Project
from support.registry import Registry
from support.registry import registry as run_registry

from nixfetch_docker.base.units import size

LARGE = 600_000_000
FLEET = 500


def main() -> None:
    """Print a row of a Markdown table for each command."""
    with tempfile.TemporaryDirectory(prefix="nixfetch-bench-") as temporary:
        directory = Path(temporary)
        with run_registry(directory / "registry") as registry:
            row("`nixfetch-docker --help`, the whole process", lambda: call("--help"))
            _large(registry, Project(directory / "large"))
            _fleet(registry, Project(directory / "fleet"))


def _large(registry: Registry, project: Project) -> None:
    layer = oci.layer({"large": os.urandom(LARGE)}, "none")
    registry.push("large:1", oci.image(layer))
    project.images.write_text(f'[images.large]\nimage = "{registry.host}/large:1"\n')

    def lock() -> None:
        project.lock.unlink(missing_ok=True)
        project.run("update")

    before = len(registry.accesses())
    lock()
    sent = sum(access.sent for access in registry.accesses()[before:])
    row(f"locking an image of {size(LARGE)} ({size(sent)} received)", lock)
    row("`update --check` of it", lambda: project.run("update", "--check"))
    image = f"{registry.host}/large:1"
    row("`digest` of it", lambda: project.run("digest", image))
    row("`manifest` of it", lambda: project.run("manifest", image))
    row("`config` of it", lambda: project.run("config", image))
    row(f"`image` of {size(LARGE)} into a file", lambda: project.run("image", image, "-o", "tar"))
    fetch = ["fetch-blob", f"{registry.host}/large", oci.digest(layer.data)]
    fetch += ["--size", str(len(layer.data)), "--output", "blob"]
    row(f"`fetch-blob` of its layer of {size(LARGE)}, verified", lambda: project.run(*fetch))


def _fleet(registry: Registry, project: Project) -> None:
    registry.push("fleet:1", oci.image(oci.layer({"a": b"a"}), platform="linux/amd64"))
    project.images.write_text(
        "[images]\n"
        + "".join(f'image-{n}.image = "{registry.host}/fleet:1"\n' for n in range(FLEET))
    )
    project.run("update")
    row(f"`update --check` of {FLEET} images", lambda: project.run("update", "--check"))


def call(*arguments: str) -> None:
    """Run the program without its output."""
    subprocess.run([PROGRAM, *arguments], stdout=subprocess.DEVNULL, check=True)


def row(name: str, action: Callable[[], object], runs: int = 5) -> None:
    """Time an action and print its row."""
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - start)
    print(f"| {name} | {min(seconds):.2f} s |", flush=True)


if __name__ == "__main__":
    main()
