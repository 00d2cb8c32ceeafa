"""`images.lock.toml`: what every request resolved to. Written here, read here and by Nix.

The text is a function of the values alone: names and platforms sorted, no timestamps, one
line a blob, so that a diff shows which layers changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Self

from ..base import toml
from ..base import toml_writer as toml_text
from ..base.table import InvalidField, Table
from ..errors import NixfetchError
from ..oci.blob import Blob
from ..oci.digest import Digest
from ..oci.manifest import MANIFEST_TYPES
from ..oci.platform import Platform
from ..oci.reference import Reference
from .images import Request, image_name

VERSION = 1
_HEADER = "# Written by nixfetch-docker; edit images.toml and run `nix run .#update-images`.\n"
_CONFLICT_REMEDY = "it holds a merge conflict: take either side, then update"
_REMEDY = "the lock is not for editing: take it back from git, or delete it and update"


class InvalidLock(NixfetchError):
    """A lock that this version cannot take for its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedPlatform:
    """One image for one platform: the manifest (with its media type), the config, the layers."""

    manifest: Blob
    media_type: str
    config: Blob
    layers: tuple[Blob, ...]

    @classmethod
    def from_table(cls, table: Table) -> Self:
        """Read a platform's entry; raises `InvalidField` or `InvalidDigest`."""
        table.only("manifest", "config", "layers")
        manifest = table.table("manifest")
        media_type = manifest.require("media-type", str)
        if media_type not in MANIFEST_TYPES:
            raise InvalidField(f"{media_type!r} is no manifest").at(manifest.where("media-type"))
        return cls(
            manifest=Blob.from_table(manifest, "media-type"),
            media_type=media_type,
            config=Blob.from_table(table.table("config")),
            layers=tuple(Blob.from_table(layer) for layer in table.tables("layers")),
        )

    def blobs(self) -> tuple[Blob, ...]:
        """All that a build of this image fetches; a layer that occurs twice is here twice."""
        return (self.manifest, self.config, *self.layers)

    def to_toml(self) -> str:
        """The entry's lines."""
        media_type = ("media-type", toml_text.string(self.media_type))
        return "".join(
            [
                f"manifest = {self.manifest.to_toml(media_type)}\n",
                f"config = {self.config.to_toml()}\n",
                "layers = [\n",
                *(f"  {layer.to_toml()},\n" for layer in self.layers),
                "]\n",
            ]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedImage:
    """What a request resolved to.

    `repository` has neither tag nor digest; `tag` is None where the request names a digest
    alone; `digest` is what the tag pointed at, an index or a manifest.
    """

    request: Request
    repository: Reference
    tag: str | None
    digest: Digest
    platforms: Mapping[Platform, LockedPlatform]

    @classmethod
    def from_table(cls, table: Table) -> Self:
        """Read an image's entry; raises `InvalidField` and the errors of its values."""
        table.only("request", "repository", "tag", "digest", "platforms")
        repository = table.parse("repository", Reference.parse)
        if repository != repository.name:
            raise InvalidField("a repository has no tag").at(table.where("repository"))
        platforms = {
            platform: LockedPlatform.from_table(entry)
            for platform, entry in table.table("platforms").subtables(Platform.parse_exact)
        }
        if not platforms:
            raise InvalidField("no platform").at(table.where("platforms"))
        return cls(
            request=Request.from_table(table.table("request")),
            repository=repository,
            tag=table.get("tag", str),
            digest=table.parse("digest", Digest.parse),
            platforms=platforms,
        )

    def blobs(self) -> Iterator[Blob]:
        """Those of every platform, in no order; what occurs twice is here twice."""
        for locked in self.platforms.values():
            yield from locked.blobs()

    def entry(self, platform: Platform) -> LockedPlatform | None:
        """What is locked for a platform, under whichever name."""
        found = (one for name, one in self.platforms.items() if name.normal == platform.normal)
        return next(found, None)

    def to_toml(self, name: str) -> str:
        """The image's part of the lock."""
        path = f"images.{toml_text.key(name)}"
        tag = [f"tag = {toml_text.string(self.tag)}\n"] if self.tag is not None else []
        return "".join(
            [
                f"\n[{path}]\n",
                f"request = {self.request.to_toml()}\n",
                f"repository = {toml_text.string(str(self.repository))}\n",
                *tag,
                f"digest = {toml_text.string(str(self.digest))}\n",
                *(
                    f"\n[{path}.platforms.{toml_text.key(str(platform))}]\n{locked.to_toml()}"
                    for platform, locked in sorted(self.platforms.items())
                ),
            ]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """The contents of `images.lock.toml`."""

    images: Mapping[str, LockedImage] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the file.

        Raises `InvalidLock` for another version, and the errors of its values, each with the
        dotted path of what is wrong.
        """
        try:
            document = toml.parse(text)
            version = document.require("version", int)
            _check_version(version)
            document.only("version", "images")
            images = {
                name: LockedImage.from_table(table)
                for name, table in document.table_or_empty("images").subtables(image_name)
            }
        except InvalidLock:
            raise
        except NixfetchError as error:
            is_conflict = isinstance(error, toml.InvalidDocument) and error.is_conflict
            error.hint = _CONFLICT_REMEDY if is_conflict else _REMEDY
            raise
        return cls(images=images)

    def to_toml(self) -> str:
        """The file's text."""
        entries = (image.to_toml(name) for name, image in sorted(self.images.items()))
        return "".join([_HEADER, f"version = {VERSION}\n", *entries])


def _check_version(version: int) -> None:
    if version != VERSION:
        raise InvalidLock(
            f"its version is {version}, and this nixfetch-docker knows version {VERSION}",
            hint="use the nixfetch-docker that wrote it, or a later one",
        )
