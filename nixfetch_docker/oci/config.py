"""What a manifest and a config tell people about an image.

https://github.com/opencontainers/image-spec/blob/v1.1.0/config.md
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from ..base.table import Table
from ..errors import NixfetchError
from .image import Image
from .manifest import InvalidManifest, config_platform, parse_object
from .platform import Platform

_WIDTH = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """An image, and what its config says of it."""

    image: Image
    platform: Platform
    created: str | None
    author: str | None
    user: str | None
    working_directory: str | None
    entrypoint: Sequence[str]
    command: Sequence[str]
    environment: Sequence[str]
    ports: Sequence[str]
    volumes: Sequence[str]
    labels: Mapping[str, str]

    @classmethod
    def of(cls, image: Image, config: bytes) -> Self:
        """Read the config; raises `InvalidManifest`."""
        try:
            document = parse_object(config)
            own = _table(document, "config")
            return cls(
                image=image,
                platform=config_platform(config),
                created=_text(document, "created"),
                author=_text(document, "author"),
                user=_text(own, "User"),
                working_directory=_text(own, "WorkingDir"),
                entrypoint=_texts(own, "Entrypoint"),
                command=_texts(own, "Cmd"),
                environment=_texts(own, "Env"),
                ports=sorted(_table(own, "ExposedPorts").values),
                volumes=sorted(_table(own, "Volumes").values),
                labels={
                    name: _text(_table(own, "Labels"), name) or ""
                    for name in sorted(_table(own, "Labels").values)
                },
            )
        except NixfetchError as error:
            place = f"its config {image.manifest.config.digest.short}"
            raise InvalidManifest(str(error)).at(place).at(image.reference.familiar) from None

    @property
    def platforms(self) -> Sequence[Platform]:
        """Those that there is an image for."""
        return self.image.platforms or [self.platform]

    def to_json(self) -> dict[str, Any]:
        """All of it, for a program."""
        return {
            "reference": str(self.image.reference),
            "digest": str(self.image.digest),
            "media-type": self.image.manifest.media_type,
            "id": str(self.image.manifest.config.digest),
            "platform": str(self.platform),
            "platforms": list(map(str, self.platforms)),
            "size": self.image.size,
            "layers": [
                {
                    "digest": str(layer.digest),
                    "size": layer.size,
                    "media-type": layer.media_type,
                }
                for layer in self.image.layers
            ],
            "created": self.created,
            "author": self.author,
            "user": self.user,
            "working-directory": self.working_directory,
            "entrypoint": list(self.entrypoint),
            "command": list(self.command),
            "environment": list(self.environment),
            "ports": list(self.ports),
            "volumes": list(self.volumes),
            "labels": dict(self.labels),
        }

    def lines(self, size: Callable[[int], str]) -> Iterator[str]:
        """All of it, for people: a line each, whatever the texts hold; `size` writes a size."""
        rows: list[tuple[str, Sequence[str]]] = [
            ("reference", [str(self.image.reference)]),
            ("digest", [str(self.image.digest)]),
            ("id", [str(self.image.manifest.config.digest)]),
            ("platform", [str(self.platform)]),
            ("platforms", [", ".join(map(str, self.platforms))]),
            ("size", [size(self.image.size)]),
            (
                "layers",
                [
                    f"{number:>2}  {layer.digest}  {size(layer.size)}"
                    for number, layer in enumerate(self.image.layers, 1)
                ],
            ),
            ("created", _some(self.created)),
            ("author", _some(self.author)),
            ("user", _some(self.user)),
            ("directory", _some(self.working_directory)),
            ("entrypoint", _words(self.entrypoint)),
            ("command", _words(self.command)),
            ("environment", self.environment),
            ("ports", _some(", ".join(self.ports))),
            ("volumes", _some(", ".join(self.volumes))),
            ("labels", [f"{name}={value}" for name, value in self.labels.items()]),
        ]
        for name, values in rows:
            for head, value in zip([name, *[""] * len(values)], values, strict=False):
                yield f"{head:<{_WIDTH}}{_printable(value)}"


def _table(table: Table, key: str) -> Table:
    """The table at `key`; Go writes null for an empty one."""
    return Table.of(table.values.get(key) or {}, table.where(key))


def _text(table: Table, key: str) -> str | None:
    return None if table.values.get(key) is None else table.get(key, str)


def _texts(table: Table, key: str) -> list[str]:
    return [] if table.values.get(key) is None else table.strings(key) or []


def _some(text: str | None) -> list[str]:
    return [text] if text else []


def _words(words: Sequence[str]) -> list[str]:
    """Words as a shell would take them, on one line."""
    import shlex

    return [shlex.join(words)] if words else []


def _printable(text: str) -> str:
    """`text` with everything escaped that a terminal would do something about."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text
    )
