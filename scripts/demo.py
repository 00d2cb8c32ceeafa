"""`make demo`: an image from a registry by way of the lock and the Nix store into podman.

All files are in a temporary directory. `--pictures DIRECTORY` draws the run as demo-light.svg and
demo-dark.svg there, with the registry's address, whose port is another one each time, as
`localhost:5000`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from picture import Picture
from support import oci
from support.command import Project
from support.nix import Nix
from support.podman import Podman
from support.registry import Registry
from support.registry import registry as run_registry

from nixfetch_docker.base.units import count, size

PLATFORMS = ("linux/amd64", "linux/arm64")
LAYER_SIZES = (12_000_000, 5_000_000, 40_000)
PICTURED_HOST = "localhost:5000"
# The length of the hash in a name of the Nix store: it changes with every change of the program.
_HASH = 32

NEXT = """\
.venv/bin/nixfetch-docker inspect redis:7    look at an image of yours
.venv/bin/nixfetch-docker add redis:7        write images.toml, and lock it
README.md, "In a flake"                      build and run what is locked
make test                                    all checks and tests
make undo                                    remove the Debian packages that were installed
"""


def main() -> None:
    """Run the demo, and draw it where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=Path, metavar="DIRECTORY", help="draw the run here")
    directory = parser.parse_args().pictures
    demo = Demo()
    demo.run()
    if directory is not None:
        demo.picture.write(directory, "demo")
    print_step("What to do next", NEXT)


class Demo:
    """The steps, printed as they are done, and drawn."""

    def __init__(self) -> None:
        self.picture = Picture("make demo")
        self._pictured: dict[str, str] = {}

    def step(self, title: str, text: str) -> None:
        """Print and draw a step and its result."""
        print_step(title, text)
        for shown, pictured in self._pictured.items():
            text = text.replace(shown, pictured)
        self.picture.step(title, text)

    def run(self) -> None:
        """Push, lock, build and load an image; tell each step and the bytes that it transferred."""
        with (
            tempfile.TemporaryDirectory(prefix="nixfetch-demo-") as temporary,
            run_registry(Path(temporary) / "registry") as registry,
        ):
            # Names in the Nix store have "++" for ":".
            self._pictured = {
                registry.host: PICTURED_HOST,
                registry.host.replace(":", "++"): PICTURED_HOST.replace(":", "++"),
            }
            self._steps(Path(temporary), registry)

    def _steps(self, directory: Path, registry: Registry) -> None:
        images = {platform: _image(platform) for platform in PLATFORMS}
        registry.push("acme/web:1.0", *images.values())
        total = sum(image.size for image in images.values())
        self.step(
            "A registry, with an image in it",
            f"docker-registry on {registry.host}\nskopeo pushed acme/web:1.0 for "
            f"{' and '.join(PLATFORMS)}: {size(total)}",
        )

        project = Project(directory / "project")
        project.images.write_text(
            f'[defaults]\nplatforms = ["linux/amd64", "linux/arm64"]\n\n'
            f'[images.web]\nimage = "{registry.host}/acme/web:1.0"\n'
        )
        self.step("images.toml, written by hand", project.images.read_text())

        printed = project.try_run("update")
        check(printed.returncode == 0, printed.stderr)
        self.step("nixfetch-docker update", printed.stdout + printed.stderr)
        locking = registry.accesses()
        sent = sum(access.sent for access in locking)
        self.step(
            "The cost of the lock",
            f"{size(sent)} in {count(len(locking), 'request')}, by the registry's log; "
            f"the image has {size(total)}",
        )
        self.step("images.lock.toml", project.lock.read_text())

        nix = Nix(directory / "nix")
        layout = nix.build(project.images, "web")
        building = registry.accesses()[len(locking) :]
        self.step(
            "nix-build, in Nix's sandbox",
            f"…{layout.name[_HASH:]}\nfetched {size(sum(access.sent for access in building))} in "
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
        self.step(
            "The image's stream | podman load",
            f"{loaded}image ID {inspected['Id']},\nmanifest {inspected['Digest']},\n"
            "the same as in the registry",
        )


def _image(platform: str) -> oci.Image:
    """An image with random layers, which do not compress."""
    import random

    source = random.Random(platform)  # noqa: S311 (content, not secrets)
    layers = [
        oci.layer({f"opt/part-{n}": source.randbytes(length)}, "none")
        for n, length in enumerate(LAYER_SIZES)
    ]
    return oci.image(*layers, platform=platform)


def print_step(title: str, text: str) -> None:
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
