"""A machine that runs a configuration of the project's modules, with the images of a lock."""

from __future__ import annotations

import json
from pathlib import Path

from support.command import Project
from support.nix import REPOSITORY, Nix
from support.oci import Image
from support.registry import Registry

from . import UID, USER, Machine
from .units import Units, quadlets, quadlets_of_user, storage, units

# It knows all images of the lock, so that it changes with each.
SWEEP = "remove-superseded-images.service"


class Host:
    """A machine whose units are those of a configuration and of the project's lock."""

    def __init__(self, running: Machine, registry: Registry, project: Project, nix: Nix) -> None:
        self.machine = running
        self.registry = registry
        self._project = project
        self.nix = nix
        self._tables: dict[str, str] = {}

    def push(self, tag: str = "1.0", **images: Image) -> None:
        """Push images, each with its name in images.toml, and lock them under the tag."""
        for name, image in images.items():
            self.registry.push(f"acme/{name}:{tag}", image)
            reference = f"{self.registry.host}/acme/{name}:{tag}"
            table = f'[images.{name}]\nimage = "{reference}"\nplatforms = ["linux/amd64"]\n'
            self._tables[name] = table
        self._project.update("".join(self._tables.values()))

    def containers(self, engine: str = "podman", user: str | None = None) -> dict[str, str]:
        """The IDs of the containers that run, by their names."""
        listed = self.machine.output(
            engine, "ps", "--no-trunc", "--format", "{{.Names}} {{.ID}}", user=user
        )
        return dict(line.split() for line in listed.splitlines())

    def running(self, engine: str = "podman", user: str | None = None) -> dict[str, str]:
        """The IDs of the images of the containers that run, by the containers' names."""
        found = {}
        for name, container in self.containers(engine, user).items():
            command = [engine, "container", "inspect", "--format", "{{.Image}}", container]
            image = self.machine.output(*command, user=user).strip().removeprefix("sha256:")
            found[name] = f"sha256:{image}"
        return found

    def images(self, engine: str, user: str | None = None) -> set[str]:
        """The IDs of the images that the engine has."""
        listed = self.machine.output(engine, "images", "--all", "--no-trunc", "--quiet", user=user)
        return set(listed.split())

    def wait_for_docker(self, *containers: str) -> None:
        """Wait until containers run, of which docker's units tell nothing."""
        for name in containers:
            self.machine.wait_for("docker", "exec", name, "/bin/busybox", "true")

    def wait_for_rootless(self, name: str, image: Image) -> None:
        """Wait until the user has a container that runs an image."""
        listed = "podman ps --no-trunc --format 'sha256:{{.ImageID}} {{.Names}}'"
        one = f"{listed} | grep -x '{image.id} {name}'"
        self.machine.wait_for("sh", "-c", one, user=USER)

    def text(self, container: str) -> str:
        """The text in a container's image."""
        return self.machine.output("podman", "exec", container, "/bin/busybox", "cat", "/text")

    def loads(self, *names: str) -> int:
        """How often images were loaded by these units since the machine booted."""
        lines = [line for name in names for line in self.machine.journal(name).splitlines()]
        return sum(line.startswith("loaded ") for line in lines)

    def units(self, configuration: str) -> Units:
        """The units of a configuration, whose images and scripts are in the store then."""
        arguments = f"{{ file = {self._project.images}; {configuration} }}"
        expression = f"import {REPOSITORY}/tests/nix/machine.nix {arguments}"
        built = self.nix.output(["nix-build", "--no-out-link", "-E", expression])
        found = json.loads(Path(built.strip()).read_text())
        made = units(found["services"]) | quadlets(found["quadlets"]) | storage(found["storage"])
        made |= Units(links={f"/etc/{name}": target for name, target in found["etc"].items()})
        return made | quadlets_of_user(found["homeQuadlets"], USER, UID)

    def switch(self, wanted: Units) -> set[str]:
        """Switch to units; returns the names of those that changed, without that of the sweep."""
        return self.machine.switch(wanted) - {SWEEP}
