"""Runs of the program whose messages docs/answers quotes: what a run finds, and what it prints."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from nixfetch_docker.cli.main import main
from nixfetch_docker.lockfile.lock import Lock

from .. import oci
from ..builders import locked_image, request
from ..faults.registry import FaultRegistry, faults

# Without compression: the bytes of gzip are not the same everywhere.
LAYER = oci.layer({"etc/one": b"1"}, "none")
DIGEST = oci.digest(LAYER.data)
IMAGE = oci.image(LAYER)
OTHER = oci.image(oci.layer({"etc/one": b"2"}, "none"))
ARM = oci.image(LAYER, platform="linux/arm64")
HOST = "registry.lab:5000"
SETTINGS = '[registries."{host}"]\n'


@dataclass(kw_only=True)
class Scene:
    """An empty directory with registries, and what the program printed in it."""

    directory: Path
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]
    at_end: ExitStack
    names: dict[str, str] = field(default_factory=dict)
    printed: str = ""

    def registry(self, **arguments: object) -> FaultRegistry:
        """A registry, which pages call registry.lab:5000; it has web:1 for linux/amd64."""
        found = self.at_end.enter_context(faults(**arguments))  # type: ignore[arg-type]
        found.add("web:1", IMAGE)
        self.names[found.host] = HOST
        return found

    def free_host(self, name: str) -> str:
        """A host where nothing listens, which pages call so."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            host = f"127.0.0.1:{free.getsockname()[1]}"
        self.names[host] = name
        return host

    def ask(self, image: str, *lines: str) -> None:
        """Write an images.toml with one image, `web`."""
        text = "\n".join([f'image = "{image}"', *lines])
        Path("images.toml").write_text(f"[images.web]\n{text}\n")

    def lock(self, image: str = "redis:7", *platforms: str) -> None:
        """Write a lock for the image `web` that is asked for so."""
        locked = locked_image(request(image, *platforms))
        Path("images.lock.toml").write_text(Lock(images={"web": locked}).to_toml())

    def run(self, *words: str) -> None:
        """Run the program, and add what it prints to `printed`."""
        status = main(list(words))
        shown = self.capsys.readouterr()
        text = shown.out + shown.err
        for host, name in self.names.items():
            text = text.replace(host, name)
        text = text.replace(f"{self.directory}/", "/home/ann/project/")
        self.printed += re.sub("^nixfetch-docker: ", "", text, flags=re.MULTILINE)
        self.printed += f"exit status {status}\n"


Case = Callable[[Scene], None]
CASES: dict[str, Case] = {}


def case(function: Case) -> Case:
    CASES[function.__name__.replace("_", " ")] = function
    return function
