"""`images.toml`: the images that people ask for. Read here, never rewritten."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from . import toml
from .errors import NixfetchError
from .platform import Platform
from .reference import Reference
from .table import InvalidField, Table

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")

# Locked where a request names no platforms, as far as the image has them: what
# NixOS runs on, and what a Linux builder on a Mac runs on.
DEFAULT_PLATFORMS = (
    Platform(os="linux", architecture="amd64"),
    Platform(os="linux", architecture="arm64"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What one image of `images.toml` asks for, the defaults applied.

    `image` is the reference as it was written, `reference` what it means. `platforms` is
    None where neither the image nor the defaults name any.
    """

    image: str
    reference: Reference
    platforms: tuple[Platform, ...] | None = None

    @classmethod
    def from_table(cls, table: Table) -> Self:
        """Read a request; raises `InvalidField` and the errors of its values."""
        table.only("image", "platforms")
        reference = table.parse("image", Reference.parse, hint='write image = "redis:7", say')
        image = table.require("image", str)
        return cls(image=image, reference=reference, platforms=_platforms(table))

    def to_toml(self) -> str:
        """The request as an inline table, as the lock repeats it."""
        values = [("image", toml.string(self.image))]
        if self.platforms is not None:
            values.append(("platforms", toml.strings(map(str, self.platforms))))
        return toml.inline_table(values)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrySettings:
    """How to reach one registry.

    `plain_http` is None where the file does not say: then loopback hosts, and they
    alone, are spoken to in plain HTTP.
    """

    plain_http: bool | None = None

    @classmethod
    def from_table(cls, table: Table) -> Self:
        """Read the settings of a registry; raises `InvalidField`."""
        table.only("plain-http")
        return cls(plain_http=table.get("plain-http", bool))


@dataclass(frozen=True, slots=True, kw_only=True)
class Images:
    """The contents of `images.toml`."""

    requests: Mapping[str, Request]
    registries: Mapping[str, RegistrySettings] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the file; every error names the dotted path of the value that it means."""
        document = toml.parse(text)
        document.only("defaults", "images", "registries")
        defaults = document.table("defaults")
        defaults.only("platforms")
        _platforms(defaults)
        requests = {
            name: Request.from_table(Table({**defaults.values, **table.values}, table.path))
            for name, table in document.table("images").subtables(image_name)
        }
        return cls(requests=requests, registries=parse_registries(document.table("registries")))


def parse_registries(table: Table) -> dict[str, RegistrySettings]:
    """The `[registries]` of `images.toml`, by host; raises `InvalidField`."""
    return {host: RegistrySettings.from_table(entry) for host, entry in table.subtables(_host)}


def image_name(text: str) -> str:
    """The name of an image in both files; raises `InvalidField`."""
    if not _NAME.fullmatch(text):
        raise InvalidField(
            "this cannot name an image",
            hint="use letters, digits, '_', '-', '.' and '+', the first of them no sign but '_'",
        )
    return text


def _host(text: str) -> str:
    try:
        # A host is one where it can stand before a repository, under the name that it keeps there.
        known = Reference.parse(f"{text}/x").registry
    except NixfetchError:
        known = ""
    if known != text:
        raise InvalidField(
            "this is no registry",
            hint='write host and port as in the images\' names: "docker.io", "registry.lab:5000"',
        )
    return text


def _platforms(table: Table) -> tuple[Platform, ...] | None:
    texts = table.strings("platforms")
    if texts is None:
        return None
    where = table.where("platforms")
    if not texts:
        raise InvalidField("no platform", hint='name one, as in ["linux/amd64"]').at(where)
    platforms: list[Platform] = []
    for position, text in enumerate(texts):
        try:
            platform = Platform.parse(text)
        except NixfetchError as error:
            raise error.at(f"{where}[{position}]") from None
        if str(platform) != text:
            # The lock repeats the request to the letter, and Nix looks platforms up in it.
            raise InvalidField(f"{text!r} has another name", hint=f"write {str(platform)!r}").at(
                f"{where}[{position}]"
            )
        if platform.normal in [known.normal for known in platforms]:
            raise InvalidField(f"{text!r} is there twice", hint="name it once").at(where)
        platforms.append(platform)
    return tuple(platforms)
