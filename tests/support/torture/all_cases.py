"""Every command that writes, with files before it that it changes."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

from .. import oci
from ..command import Project
from ..faults.registry import FaultRegistry
from ..nix import Nix
from ..registry import Registry
from .cases import Adding, Case, Directory, Locking, Streaming, Unverified
from .prefetches import Prefetching

Server = Registry | FaultRegistry

_SIZES = (900_000, 300_000, 2_000)


class Images:
    """Images of random bytes, in a registry."""

    def __init__(self, server: Server, seed: int) -> None:
        self.server = server
        self._random = random.Random(seed)  # noqa: S311 - content, no secret

    def make(self, name: str) -> oci.Image:
        """Put a new image into the registry under this name."""
        layers = [
            oci.layer({f"part-{n}": self._random.randbytes(size)}, "gzip")
            for n, size in enumerate(_SIZES)
        ]
        image = oci.image(*layers)
        if isinstance(self.server, FaultRegistry):
            self.server.add(name, image)
        else:
            self.server.push(name, image)
        return image


def written(directory: Path, server: Server, seed: int) -> Iterator[Case]:
    """The commands that write files; `directory` may be on a small disk."""
    images = Images(server, seed)
    registry = server if isinstance(server, FaultRegistry) else None
    image = images.make("app:1")
    reference = f"{server.host}/app:1"
    large = oci.digest(image.layers[0].data)

    def project(name: str) -> Project:
        made = Project(directory / name)
        made.home.mkdir()
        return made

    def locked(name: str) -> Project:
        """A project with three images of which two have moved since they were locked."""
        made = project(name)
        for one in ("web", "db", "cache"):
            images.make(f"{name}-{one}:1")
        made.images.write_text(_images_toml(server, name, "web", "db", "cache"))
        made.run("update")
        for one in ("web", "db"):
            images.make(f"{name}-{one}:1")
        return made

    yield Locking("update", locked("update"), ["update"], registry=registry)
    four = (["update"], ["update", "web"], ["update", "db"], ["lock"])
    yield Locking("four updates", locked("four"), *four, again=["update"], registry=registry)

    stale = locked("lock")
    stale.images.write_text(_images_toml(server, "lock", "web", "db"))
    with stale.images.open("a") as file:
        file.write(f'[images.app]\nimage = "{reference}"\n')
    yield Locking("lock", stale, ["lock"], registry=registry)
    yield Adding("add", locked("add"), ["add", reference, "--name", "app"], registry=registry)

    commands = {
        "image -o FILE": ["image", reference, "-o", "out"],
        "layer -o FILE": ["layer", reference, "1", "-o", "out"],
        "layer --decompress": ["layer", reference, "1", "--decompress", "-o", "out"],
        "fetch-blob": ["fetch-blob", f"{server.host}/app", large, "-o", "out"],
        "manifest -o FILE": ["manifest", reference, "-o", "out"],
    }
    for number, (name, command) in enumerate(commands.items()):
        made = project(f"out-{number}")
        if name != "fetch-blob":
            (made.directory / "out").write_text("what was there before\n")
        yield Case(name, made, command, registry=registry)
    yield Directory(
        "image -o DIR/", project("new"), ["image", reference, "-o", "out/"], registry=registry
    )
    empty = project("empty")
    (empty.directory / "out").mkdir()
    yield Directory("image -o EMPTY", empty, ["image", reference, "-o", "out"], registry=registry)


def streamed(directory: Path, server: Server, seed: int) -> Iterator[Case]:
    """The commands that write an image or a layer to stdout."""
    Images(server, seed).make("stream:1")
    reference = f"{server.host}/stream:1"
    registry = server if isinstance(server, FaultRegistry) else None
    image = ["image", reference, "-o", "-"]
    yield Streaming("image -o -", Project(directory / "stream"), image, registry=registry)
    layer = ["layer", reference, "1"]
    yield Unverified("layer", Project(directory / "stream-layer"), layer, registry=registry)


def prefetched(directory: Path, server: Server, stores: Path, seed: int) -> Iterator[Case]:
    """`prefetch` into one store, and into two at once; `stores` is a directory for them."""
    images = Images(server, seed)
    registry = server if isinstance(server, FaultRegistry) else None
    for name, count in (("prefetch", 1), ("two stores", 2)):
        project = Project(directory / f"prefetch-{count}")
        image = images.make(f"prefetch-{count}:1")
        text = _images_toml(server, "prefetch", str(count))
        project.images.write_text(text.replace(f"[images.{count}]", "[images.one]"))
        project.run("update")
        made = [Nix(stores / f"{directory.name}-{count}-{n}") for n in range(count)]
        yield Prefetching(name, project, made, image, registry)


def _images_toml(server: Server, repository: str, *names: str) -> str:
    entries = (
        f"[images.{name}]\nimage = {json.dumps(f'{server.host}/{repository}-{name}:1')}\n"
        for name in names
    )
    return "\n".join(entries) + "\n"
