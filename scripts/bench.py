"""`make bench`: the time that common commands and evaluations take, as the best of several runs."""

from __future__ import annotations

import hashlib
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from support import oci
from support.command import PROGRAM, Project
from support.nix import REPOSITORY, evaluate
from support.registry import Registry
from support.registry import registry as run_registry

from nixfetch_docker.base.units import size

LARGE = 600_000_000
FLEET = 500
IMAGES = 1000
LAYERS = 20


def main() -> None:
    """Print a row of a Markdown table for each command."""
    with tempfile.TemporaryDirectory(prefix="nixfetch-bench-") as temporary:
        directory = Path(temporary)
        with run_registry(directory / "registry") as registry:
            row("`nixfetch-docker --help`, the whole process", lambda: call("--help"))
            _large(registry, Project(directory / "large"))
            _fleet(registry, Project(directory / "fleet"))
        _evaluation(Project(directory / "evaluation"))


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


def _evaluation(project: Project) -> None:
    """Evaluate images of the stand-in for nixpkgs: what a lock costs beside Nix's reading of it."""

    def sha256(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    images = ["[images]"]
    lock = ["version = 1"]
    for n in range(IMAGES):
        name = f"registry.example.org/acme/web-{n}"
        request = f'image = "{name}:1"'
        images.append(f"web-{n}.{request}")
        layers = (
            f'{{ sha256 = "{sha256(f"{n} {k}")}", size = {1000 + k} }},' for k in range(LAYERS)
        )
        lock += [
            f"[images.web-{n}]",
            f"request = {{ {request} }}",
            f'repository = "{name}"',
            'tag = "1"',
            f'digest = "sha256:{sha256(f"index {n}")}"',
            f'[images.web-{n}.platforms."linux/amd64"]',
            f'manifest = {{ sha256 = "{sha256(f"manifest {n}")}", size = 1500, '
            'media-type = "application/vnd.oci.image.manifest.v1+json" }',
            f'config = {{ sha256 = "{sha256(f"config {n}")}", size = 6000 }}',
            "layers = [",
            *layers,
            "]",
        ]
    project.images.write_text("\n".join(images))
    project.lock.write_text("\n".join(lock))

    read = f"builtins.deepSeq (builtins.fromTOML (builtins.readFile {project.lock})) 1"
    locked = f"""((import {REPOSITORY}/tests/nix/host-pkgs.nix).fetchDockerImages {{
        file = {project.images}; platform = "linux/amd64"; }})"""
    every = f"map (image: image.drvPath) (builtins.attrValues {locked})"
    row(f"`fromTOML` of a lock of {IMAGES:,} images of {LAYERS} layers", lambda: evaluate(read))
    row("evaluation of one of these images", lambda: evaluate(f"{locked}.web-1.drvPath"))
    row("evaluation of all of them", lambda: evaluate(every))


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
