"""`make demo`: an image from a registry by way of the lock and the Nix store into podman.

All files are in a temporary directory.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from support import oci
from support.command import Project
from support.nix import Nix
from support.podman import Podman
from support.registry import registry as run_registry

from nixfetch_docker.base.units import count, size

PLATFORMS = ("linux/amd64", "linux/arm64")
LAYER_SIZES = (12_000_000, 5_000_000, 40_000)

NEXT = """\
.venv/bin/nixfetch-docker inspect redis:7    look at an image of yours
.venv/bin/nixfetch-docker add redis:7        write images.toml, and lock it
README.md, "In a flake"                      build and run what is locked
make test                                    all checks and tests
make undo                                    remove the Debian packages that were installed
"""


def main() -> None:
    """Push, lock, build and load an image; print each step with the bytes that it transferred."""
    with (
        tempfile.TemporaryDirectory(prefix="nixfetch-demo-") as temporary,
        run_registry(Path(temporary) / "registry") as registry,
    ):
        directory = Path(temporary)
        images = {platform: _image(platform) for platform in PLATFORMS}
        registry.push("acme/web:1.0", *images.values())
        total = sum(image.size for image in images.values())
        step(
            "A registry, with an image in it",
            f"docker-registry on {registry.host}; skopeo pushed acme/web:1.0 for "
            f"{' and '.join(PLATFORMS)}: {size(total)}",
        )

        project = Project(directory / "project")
        project.images.write_text(
            f'[defaults]\nplatforms = ["linux/amd64", "linux/arm64"]\n\n'
            f'[images.web]\nimage = "{registry.host}/acme/web:1.0"\n'
        )
        step("images.toml, written by hand", project.images.read_text())

        printed = project.try_run("update")
        check(printed.returncode == 0, printed.stderr)
        step("nixfetch-docker update", printed.stdout + printed.stderr)
        locking = registry.accesses()
        sent = sum(access.sent for access in locking)
        step(
            "The cost of the lock",
            f"{size(sent)} in {count(len(locking), 'request')}, by the registry's log; "
            f"the image has {size(total)}",
        )
        step("images.lock.toml", project.lock.read_text())

        nix = Nix(directory / "nix")
        layout = nix.build(project.images, "web")
        building = registry.accesses()[len(locking) :]
        step(
            "nix-build, in Nix's sandbox",
            f"{layout.name}\nfetched {size(sum(access.sent for access in building))} in "
            f"{count(len(building), 'blob')}, a fixed-output derivation for each",
        )

        podman = Podman()
        try:
            loaded = podman.load_stream(nix.build(project.images, "web", "stream"))
            inspected = podman.inspect(f"{registry.host}/acme/web:1.0")
        finally:
            podman.close()
        ours = next(image for image in images.values() if image.id.endswith(inspected["Id"]))
        check(inspected["Digest"] == ours.digest, f"podman has the manifest {inspected['Digest']}")
        step(
            "The image's stream | podman load",
            f"{loaded}image ID {inspected['Id']},\nmanifest {inspected['Digest']}: "
            "the same as in the registry",
        )
    step("What to do next", NEXT)


def _image(platform: str) -> oci.Image:
    """An image with random layers, which do not compress."""
    import random

    source = random.Random(platform)  # noqa: S311 (content, not secrets)
    layers = [
        oci.layer({f"opt/part-{n}": source.randbytes(length)}, "none")
        for n, length in enumerate(LAYER_SIZES)
    ]
    return oci.image(*layers, platform=platform)


def step(title: str, text: str) -> None:
    """Print a step and its result."""
    print(f"== {title}")
    for line in text.rstrip().splitlines():
        print(f"   {line}".rstrip())
    print(flush=True)


def check(holds: bool, otherwise: str) -> None:
    """End the demo with an error unless a condition `holds`."""
    if not holds:
        sys.exit(f"the demo failed: {otherwise}")


if __name__ == "__main__":
    main()
