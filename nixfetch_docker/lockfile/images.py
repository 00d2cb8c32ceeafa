"""`images.toml`: the images that a person asks for, and how to reach their registries.

A person writes it, and the tool reads it (`lockfile/images_text` edits it)::

    [defaults]
    platforms = ["linux/amd64", "linux/arm64"]

    [images.redis]
    image = "redis:7.4-alpine"    # a reference as docker pull takes it, or an image in a file

    [images.web]
    image = "ghcr.io/acme/web"
    version = "^2.1"              # the newest tag that is wanted; also `suffix`, `tag-pattern`
    minimum-age = "3 days"        # passes by what its maker made a shorter time ago
    signed-by = ["keys/acme.pub"] # not locked without such a signature
    platforms = ["linux/amd64"]   # instead of the default ones
    frozen = true                 # keeps its pin

    [registries."registry.lab:5000"]    # see endpoints/settings
    plain-http = true

An unknown key is an error, and every error names the dotted path of its value. `images_schema` has
the same rules as a value, of which `images_faults` makes an error with all faults and their lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from ..base import toml_writer
from ..base.table import InvalidField, Table
from ..base.values import dataclass, field
from ..endpoints.settings import RegistrySettings, parse_host
from ..errors import NixfetchError
from ..oci.platform import Platform
from ..versions.follow import Follow
from .image_name import parse_image_name
from .images_document import parse_document
from .place import Place, in_registry, parse_place
from .signed_by import KEYS as SIGNED_BY
from .signed_by import SignedBy, read_registry

# Locked where a request names no platforms, as far as the image has them: those of NixOS machines
# and of Linux builders on a Mac.
DEFAULT_PLATFORMS = (
    Platform(os="linux", architecture="amd64"),
    Platform(os="linux", architecture="arm64"),
)
_FOLLOWED = ("version", "suffix", "tag-pattern", "ignore", "minimum-age")
_KEYS = ("image", "platforms", *_FOLLOWED, *SIGNED_BY, "frozen")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One image's entry in `images.toml`, with the defaults applied.

    `image` is the reference as it was written, and `reference` its meaning. `platforms` are as they
    were written, or None where neither the image nor the defaults name any. `follow` chooses the
    tag, or is None where the reference has it. `signed_by` is who must vouch for the image, or
    None where it says nothing of that itself. A `frozen` request keeps its pin.
    """

    image: str
    reference: Place
    platforms: tuple[Platform, ...] | None = None
    follow: Follow | None = None
    signed_by: SignedBy | None = None
    frozen: bool | None = None

    @classmethod
    def from_table(cls, table: Table) -> Self:
        """Read a request; raises `InvalidField` and the errors of its values."""
        table.only(*_KEYS)
        reference = table.parse("image", parse_place, hint='write image = "redis:7", for example')
        image = table.require("image", str)
        follow = Follow.from_table(table)
        if follow is not None:
            _check_follows(table, reference)
        signed_by = SignedBy.from_table(table)
        if signed_by is not None and not in_registry(reference):
            raise InvalidField(
                "an image in a file has no signatures beside it", hint="remove this"
            ).at(table.where(signed_by.key))
        return cls(
            image=image,
            reference=reference,
            platforms=_platforms(table),
            follow=follow,
            signed_by=signed_by,
            frozen=table.get("frozen", bool),
        )

    @staticmethod
    def default_platforms(table: Table) -> tuple[Platform, ...] | None:
        """The platforms of images that name none, from the table `[defaults]`; raises as above."""
        table.only("platforms")
        return _platforms(table)

    @property
    def entries(self) -> list[tuple[str, str]]:
        """The keys of the request with their values, in TOML, to the letter."""
        values = [("image", toml_writer.string(self.image))]
        if self.platforms is not None:
            values.append(("platforms", toml_writer.strings(map(str, self.platforms))))
        values += self.follow.to_toml() if self.follow is not None else []
        values += [self.signed_by.to_toml()] if self.signed_by is not None else []
        if self.frozen is not None:
            # Also where it is false: Nix compares the entry in images.toml with this table.
            values.append(("frozen", "true" if self.frozen else "false"))
        return values

    def to_toml(self) -> str:
        """The request as an inline table, as the lock repeats it."""
        return toml_writer.inline_table(self.entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class Images:
    """The contents of `images.toml`.

    `signed_by` has by registry who must vouch for its images that say nothing of that themselves.
    """

    requests: Mapping[str, Request]
    registries: Mapping[str, RegistrySettings] = field(default_factory=dict)
    signed_by: Mapping[str, SignedBy] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text; raises `NixfetchError` with the dotted path of the first wrong value."""
        document = parse_document(text)
        document.only("defaults", "images", "registries")
        defaults = document.table_or_empty("defaults")
        Request.default_platforms(defaults)
        requests = {
            name: Request.from_table(Table({**defaults.values, **table.values}, table.path))
            for name, table in document.table_or_empty("images").subtables(parse_image_name)
        }
        registries = {
            host: read_registry(table)
            for host, table in document.table_or_empty("registries").subtables(parse_host)
        }
        return cls(
            requests=requests,
            registries={host: settings for host, (settings, _) in registries.items()},
            signed_by={host: one for host, (_, one) in registries.items() if one is not None},
        )

    def demand_of(self, registry: str) -> SignedBy | None:
        """Who must vouch for the images of a registry that say nothing of that themselves.

        Letter case and the port of HTTPS make no other registry.
        """
        own = _plain(registry)
        found = (one for host, one in self.signed_by.items() if _plain(host) == own)
        return self.signed_by.get(registry) or next(found, None)


def _plain(registry: str) -> str:
    return registry.lower().removesuffix(":443")


def _check_follows(table: Table, reference: Place) -> None:
    """Raise for a reference with nothing to follow: a file, or one with a tag or a digest."""
    where = table.where("version" if "version" in table else "tag-pattern")
    if not in_registry(reference):
        raise InvalidField("an image in a file has no tags to follow", hint="remove this").at(where)
    if reference != reference.name:
        raise InvalidField(
            "the image already names a tag or a digest", hint="remove that, or this"
        ).at(where)


def _platforms(table: Table) -> tuple[Platform, ...] | None:
    texts = table.strings("platforms")
    if texts is None:
        return None
    where = table.where("platforms")
    if not texts:
        raise InvalidField(
            "it names no platform", hint='name one, as in ["linux/amd64"], or remove the key'
        ).at(where)
    platforms: list[Platform] = []
    for position, text in enumerate(texts):
        try:
            Platform.parse_asked(text)
            # The lock repeats the request to the letter, so another name would stay in it.
            platform = Platform.parse_exact(text)
        except NixfetchError as error:
            raise error.at(f"{where}[{position}]") from None
        same = next((one for one in platforms if one.normal == platform.normal), None)
        if same is not None:
            what = "is there twice" if same == platform else f"means the same as {str(same)!r}"
            raise InvalidField(f"{text!r} {what}", hint="remove one of the two").at(where)
        platforms.append(platform)
    return tuple(platforms)
