"""`images.toml`: the images that people ask for. Read here, never rewritten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from ..base import toml, toml_writer
from ..base.table import InvalidField, Table
from ..endpoints.settings import RegistrySettings, parse_registries
from ..errors import NixfetchError
from ..oci.platform import Platform
from ..versions.follow import Follow
from .image_name import image_name
from .place import Place, in_registry, parse_place

# Locked where a request names no platforms, as far as the image has them: what
# NixOS runs on, and what a Linux builder on a Mac runs on.
DEFAULT_PLATFORMS = (
    Platform(os="linux", architecture="amd64"),
    Platform(os="linux", architecture="arm64"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What one image of `images.toml` asks for, the defaults applied.

    `image` is the reference as it was written, `reference` what it means: an image of a registry
    or one in a file. `platforms` is
    None where neither the image nor the defaults name any. `follow` chooses the tag; None where
    the reference does. What is `frozen` stays as it is locked.
    """

    image: str
    reference: Place
    platforms: tuple[Platform, ...] | None = None
    follow: Follow | None = None
    frozen: bool | None = None

    @classmethod
    def from_table(cls, table: Table) -> Self:
        """Read a request; raises `InvalidField` and the errors of its values."""
        table.only("image", "platforms", "version", "suffix", "tag-pattern", "frozen")
        reference = table.parse("image", parse_place, hint='write image = "redis:7", say')
        image = table.require("image", str)
        follow = Follow.from_table(table)
        if follow is not None:
            _check_follows(table, reference)
        return cls(
            image=image,
            reference=reference,
            platforms=_platforms(table),
            follow=follow,
            frozen=table.get("frozen", bool),
        )

    def to_toml(self) -> str:
        """The request as an inline table, as the lock repeats it."""
        values = [("image", toml_writer.string(self.image))]
        if self.platforms is not None:
            values.append(("platforms", toml_writer.strings(map(str, self.platforms))))
        values += self.follow.to_toml() if self.follow is not None else []
        if self.frozen is not None:
            # Also where it is false: Nix compares what images.toml says with what the lock repeats.
            values.append(("frozen", "true" if self.frozen else "false"))
        return toml_writer.inline_table(values)


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
        defaults = document.table_or_empty("defaults")
        defaults.only("platforms")
        _platforms(defaults)
        requests = {
            name: Request.from_table(Table({**defaults.values, **table.values}, table.path))
            for name, table in document.table_or_empty("images").subtables(image_name)
        }
        return cls(
            requests=requests, registries=parse_registries(document.table_or_empty("registries"))
        )


def _check_follows(table: Table, reference: Place) -> None:
    """What is followed must be a repository, whose tag is to be chosen."""
    where = table.where("version" if "version" in table else "tag-pattern")
    if not in_registry(reference):
        raise InvalidField("an image in a file has no versions", hint="remove it").at(where)
    if reference != reference.name:
        raise InvalidField(
            "the image names a tag or a digest already", hint="remove one of the two"
        ).at(where)


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
            # The lock repeats the request to the letter, and Nix looks platforms up in it.
            platform = Platform.parse_exact(text)
        except NixfetchError as error:
            raise error.at(f"{where}[{position}]") from None
        if platform.normal in [known.normal for known in platforms]:
            raise InvalidField(f"{text!r} is there twice", hint="name it once").at(where)
        platforms.append(platform)
    return tuple(platforms)
