"""k3s and rke2 import the archive of a new lock, though its tag is the same.

They themselves are not here. `Agent` tells a changed file as they do, and imports into containerd.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import oci
from support.busybox import printing
from support.command import Project
from support.containerd import Containerd
from support.declared import expression
from support.nix import REPOSITORY, Nix, evaluate
from support.process import output
from support.registry import Registry


@pytest.fixture
def containerd() -> Iterator[Containerd]:
    made = Containerd()
    yield made
    made.close()


class Machine:
    """A machine with k3s or rke2, and the directory that this imports the image `web` from."""

    def __init__(self, service: str, project: Project, nix: Nix) -> None:
        self._service = service
        self._project = project
        self._nix = nix
        self.directory = project.directory / "imported"
        self.directory.mkdir()

    def _expression(self, value: str) -> str:
        image = "config.virtualisation.dockerImages.images.web.archive"
        machine = f"""{{ config, ... }}: {{
          virtualisation.dockerImages.file = {self._project.images};
          services.{self._service} = {{ enable = true; images = [ {image} ]; }};
        }}"""
        return expression(value, REPOSITORY / "nix/nixos/module.nix", machine)

    def evaluate(self, value: str) -> Any:
        return evaluate(self._expression(value))

    def switch(self) -> str:
        """Do what systemd-tmpfiles does at a switch; returns the name of the link."""
        (rule,) = self.evaluate("config.systemd.tmpfiles.rules")
        kind, pattern = rule.split()
        assert kind == "r"
        assert Path(pattern).parent == Path(f"/var/lib/rancher/{self._service}/agent/images")
        for link in list(self.directory.iterdir()):
            if fnmatch.fnmatchcase(link.name, Path(pattern).name):
                link.unlink()
        # nixpkgs links each image under its name, and leaves other links as they are.
        images = f"config.services.{self._service}.images"
        name: str = self.evaluate(f"(builtins.head {images}).name")
        archive = self._expression(f"builtins.head {images}")
        built = output(["nix-build", "--no-out-link", "-E", archive], env=self._nix.env).strip()
        link = self.directory / name
        link.unlink(missing_ok=True)
        link.symlink_to(built)
        return name


class Agent:
    """What imports each file of a directory that it has not seen with this path, size and time."""

    def __init__(self, directory: Path, containerd: Containerd) -> None:
        self._directory = directory
        self._containerd = containerd
        self._seen: set[tuple[Path, int, int]] = set()

    def look(self) -> int:
        """Import what is new; how many files that were."""
        found = {
            (file, file.stat().st_size, file.stat().st_mtime_ns): file
            for file in self._directory.iterdir()
        }
        new = [file for key, file in found.items() if key not in self._seen]
        for file in new:
            self._containerd.load(file)
        # A file that left is new when it comes back.
        self._seen = set(found)
        return len(new)


@pytest.mark.parametrize("service", ["k3s", "rke2"])
def test_a_new_lock_is_imported_and_the_old_one_on_going_back(
    service: str,
    registry: Registry,
    project: Project,
    nix: Nix,
    containerd: Containerd,
) -> None:
    machine = Machine(service, project, nix)
    agent = Agent(machine.directory, containerd)
    name = f"{registry.host}/acme/web:1.0"
    # Of one size: what differs is padded, and the name alone tells the two apart.
    old, new = printing("old"), printing("new")
    project.images.write_text(f'[images.web]\nimage = "{name}"\n')

    def switched_to(image: oci.Image) -> str:
        registry.push("acme/web:1.0", image)
        project.run("update")
        return machine.switch()

    first = switched_to(old)
    assert agent.look() == 1
    assert containerd.images() == {name: old.digest}
    assert (machine.switch(), agent.look()) == (first, 0)

    second = switched_to(new)
    assert second != first
    assert agent.look() == 1
    assert containerd.images() == {name: new.digest}
    assert containerd.run(name) == "new"

    assert switched_to(old) == first
    assert agent.look() == 1
    assert containerd.images() == {name: old.digest}


def test_the_archives_of_both_have_one_size_and_one_time(
    registry: Registry, project: Project, nix: Nix
) -> None:
    found = set()
    for text in ("old", "new"):
        registry.push("acme/web:1.0", printing(text))
        project.update(f'[images.web]\nimage = "{registry.host}/acme/web:1.0"')
        archive = nix.build(project.images, "web", "archive")
        found.add((archive.stat().st_size, archive.stat().st_mtime_ns))
    assert len(found) == 1
