"""`images.lock.toml`: the lock, which says for every request the blobs that it resolved to.

The tool writes it; the tool and Nix (nix/fetchers/fetch-docker-images.nix) read it::

    version = 1

    [images.redis]
    request = { image = "redis:7.4-alpine", platforms = ["linux/arm64/v8"] }
    repository = "docker.io/library/redis"
    tag = "7.4-alpine"
    digest = "sha256:…"
    signed-by = [
      { key = "keys/acme.pub", fingerprint = "…", digest = "sha256:…" },
    ]

    [images.redis.platforms."linux/arm64"]
    manifest = { sha256 = "…", size = 1572, media-type = "…" }
    config = { sha256 = "…", size = 6243 }
    layers = [
      { sha256 = "…", size = 3642247 },
    ]

What readers may rely on:

- The text is a function of the values alone: names and platforms are sorted, there are no
  timestamps, and every blob has a line of its own, so that a diff shows which layers changed.
- `request` repeats the image's entry in images.toml to the letter, with the defaults applied. Nix
  compares the two: a lock never answers another request than that of images.toml.
- `tag` is missing where the reference names a digest alone. `digest` is the one that the tag
  pointed at, of an index or of a manifest.
- `signed-by` has who vouched for the image, where that was demanded: the key or the identity, and
  the digest that it signed, that of the image or of each platform's manifest. Nix does not use it.
- The key of a platform is its normal form (`Platform.normal`), however the request spells it: no
  variant `v1` on amd64 nor `v8` on arm64, and `linux/arm/v7` for `linux/arm`. A lock from before
  this rule has the request's spelling there; it is read as if it had the normal form, and the next
  write turns it into that.
- `layers` are in the manifest's order, the base layer first; a layer that the manifest repeats is
  repeated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Self

from ..base import toml, toml_writer
from ..base.redact import literal
from ..base.table import InvalidField, Table
from ..base.values import dataclass, field, replace
from ..errors import NixfetchError
from ..oci.blob import Blob
from ..oci.digest import Digest
from ..oci.document import MANIFEST_LIMIT
from ..oci.media_types import MANIFEST_TYPES
from ..oci.platform import Platform
from ..oci.reference import Reference, parse_tag
from .image_name import parse_image_name
from .images import Request
from .place import Place, in_registry
from .vouchers import read_vouchers
from .vouchers import to_toml as vouchers_to_toml

if TYPE_CHECKING:
    from ..signatures.voucher import Voucher

VERSION = 1
_HEADER = "# Written by nixfetch-docker; edit images.toml and run `nix run .#update-images`.\n"
_CONFLICT_REMEDY = "it has a merge conflict: take either side, then run"
_REMEDY = "the lock is not for editing: restore it from git, or delete it and run"


class InvalidLock(NixfetchError):
    """A lock of a version that this program does not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedPlatform:
    """The blobs of one image for one platform: manifest, config, and layers from the base up."""

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
            found = literal(media_type)
            raise InvalidField(f"{found} is not the media type of an image's manifest").at(
                manifest.where("media-type")
            )
        found_platform = cls(
            manifest=Blob.from_table(manifest, "media-type"),
            media_type=media_type,
            config=Blob.from_table(table.table("config")),
            layers=tuple(Blob.from_table(layer) for layer in table.tables("layers")),
        )
        found_platform._check_sizes(table)
        return found_platform

    def _check_sizes(self, table: Table) -> None:
        """Raise for a size that no registry's manifest could have."""
        for key, blob in (("manifest", self.manifest), ("config", self.config)):
            if blob.size > MANIFEST_LIMIT:
                raise InvalidField(f"it is more than {MANIFEST_LIMIT} bytes").at(
                    table.table(key).where("size")
                )
        sizes: dict[Digest, int] = {}
        for blob in self.blobs():
            if sizes.setdefault(blob.digest, blob.size) != blob.size:
                raise InvalidField(f"{blob.digest.short} has two sizes").at(table.path)

    def blobs(self) -> tuple[Blob, ...]:
        """The blobs that a build of this image fetches; one that occurs twice is here twice."""
        return (self.manifest, self.config, *self.layers)

    def to_toml(self) -> str:
        """The entry's lines."""
        media_type = ("media-type", toml_writer.string(self.media_type))
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
    """The pin of one request.

    `repository` has neither tag nor digest; `tag` is None where the request names a digest
    alone; `digest` is the one that the tag pointed at, of an index or of a manifest. `platforms`
    are in normal form. `vouchers` are those that were demanded, in the order of the lock.
    """

    request: Request
    repository: Reference
    tag: str | None
    digest: Digest
    platforms: Mapping[Platform, LockedPlatform]
    vouchers: tuple[Voucher, ...] = ()

    @classmethod
    def from_table(cls, table: Table) -> Self:
        """Read an image's entry; raises `InvalidField` and the errors of its values."""
        table.only("request", "repository", "tag", "digest", "signed-by", "platforms")
        platforms: dict[Platform, LockedPlatform] = {}
        for platform, entry in table.table("platforms").subtables(Platform.parse_exact):
            if platform.normal in platforms:
                raise InvalidField("this platform is there twice").at(entry.path)
            platforms[platform.normal] = LockedPlatform.from_table(entry)
        if not platforms:
            raise InvalidField("it has no platform").at(table.where("platforms"))
        request = Request.from_table(table.table("request"))
        found = cls(
            request=request,
            repository=_repository(table, request),
            tag=table.parse("tag", parse_tag) if "tag" in table else None,
            digest=table.parse("digest", Digest.parse),
            platforms=platforms,
        )
        found._check_asked(table)
        vouchers = read_vouchers(table, found.digests)
        return replace(found, vouchers=vouchers) if vouchers else found

    def _check_asked(self, table: Table) -> None:
        """Raise for another tag or digest than images.toml names, which was reviewed there."""
        asked = self.request.reference
        if not in_registry(asked):
            return
        if self.request.follow is None and self.tag != asked.tagged.tag:
            what = f"the request is for the tag {asked.tagged.tag!r}"
            if asked.tagged.tag is None:
                what = "the request is for a digest alone"
            raise InvalidField(what).at(table.where("tag"))
        if asked.digest not in {None, self.digest}:
            raise InvalidField(f"the request is for {asked.digest}").at(table.where("digest"))

    @property
    def place(self) -> Place:
        """The repository or the file that has the blobs."""
        asked = self.request.reference
        return self.repository if in_registry(asked) else asked

    @property
    def digests(self) -> list[Digest]:
        """The digest of the image, and then those of its platforms' manifests, each once."""
        manifests = (self.platforms[platform].manifest for platform in sorted(self.platforms))
        return list(dict.fromkeys([self.digest, *(one.digest for one in manifests)]))

    def blobs(self) -> Iterator[Blob]:
        """The blobs of all platforms; one that occurs twice is here twice."""
        for locked in self.platforms.values():
            yield from locked.blobs()

    def entry(self, platform: Platform) -> LockedPlatform | None:
        """The entry of a platform, whichever of its names is given; None where there is none."""
        return self.platforms.get(platform.normal)

    def to_toml(self, name: str) -> str:
        """The image's part of the lock."""
        path = f"images.{toml_writer.key(name)}"
        tag = [f"tag = {toml_writer.string(self.tag)}\n"] if self.tag is not None else []
        return "".join(
            [
                f"\n[{path}]\n",
                f"request = {self.request.to_toml()}\n",
                f"repository = {toml_writer.string(str(self.repository))}\n",
                *tag,
                f"digest = {toml_writer.string(str(self.digest))}\n",
                vouchers_to_toml(self.vouchers),
                *(
                    f"\n[{path}.platforms.{toml_writer.key(str(platform))}]\n{locked.to_toml()}"
                    for platform, locked in sorted(self.platforms.items())
                ),
            ]
        )


def _repository(table: Table, request: Request) -> Reference:
    """The repository, which must be that of the request where a registry has the image."""
    found = table.parse("repository", Reference.parse)
    what = ""
    if found != found.name:
        what = "a repository has neither tag nor digest"
    elif str(found) != table.require("repository", str):
        # Nix takes the text as it is.
        what = f"its whole name is {str(found)!r}"
    elif in_registry(request.reference) and found != request.reference.name:
        what = f"the request is for {str(request.reference.name)!r}"
    if what:
        raise InvalidField(what).at(table.where("repository"))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """The contents of `images.lock.toml`."""

    images: Mapping[str, LockedImage] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str, *, update: str = "`nixfetch-docker update`") -> Self:
        """Read the text; `update` is the command that writes another lock, for hints.

        Raises `InvalidLock` for another version, and `NixfetchError` with the dotted path of a
        wrong value.
        """
        try:
            document = toml.parse(text)
            version = document.require("version", int)
            _check_version(version)
            document.only("version", "images")
            images = {
                name: LockedImage.from_table(table)
                for name, table in document.table_or_empty("images").subtables(parse_image_name)
            }
        except InvalidLock:
            raise
        except NixfetchError as error:
            is_conflict = isinstance(error, toml.InvalidDocument) and error.is_conflict
            error.hint = f"{_CONFLICT_REMEDY if is_conflict else _REMEDY} {update}"
            raise
        return cls(images=images)

    def to_toml(self) -> str:
        """The file's text."""
        entries = (image.to_toml(name) for name, image in sorted(self.images.items()))
        return "".join([_HEADER, f"version = {VERSION}\n", *entries])


def _check_version(version: int) -> None:
    if version != VERSION:
        raise InvalidLock(
            f"its version is {version}, and this nixfetch-docker reads version {VERSION}",
            hint="use the nixfetch-docker that wrote it, or a later one",
        )
