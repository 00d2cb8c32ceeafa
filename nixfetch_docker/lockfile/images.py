"""`images.toml`: the images that people ask for. Read here, never rewritten."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from ..archives.local_reference import LocalReference
from ..base import toml
from ..base import toml_writer as toml_text
from ..base.table import InvalidField, Table
from ..errors import NixfetchError
from ..oci.platform import Platform
from ..oci.reference import Reference
from ..versions.follow import Follow

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

    `image` is the reference as it was written, `reference` what it means: an image of a registry
    or one in a file. `platforms` is
    None where neither the image nor the defaults name any. `follow` chooses the tag; None where
    the reference does. What is `frozen` stays as it is locked.
    """

    image: str
    reference: Reference | LocalReference
    platforms: tuple[Platform, ...] | None = None
    follow: Follow | None = None
    frozen: bool | None = None

    @classmethod
    def from_table(cls, table: Table) -> Self:
        """Read a request; raises `InvalidField` and the errors of its values."""
        table.only("image", "platforms", "version", "suffix", "tag-pattern", "frozen")
        reference = table.parse("image", _parse_reference, hint='write image = "redis:7", say')
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
        values = [("image", toml_text.string(self.image))]
        if self.platforms is not None:
            values.append(("platforms", toml_text.strings(map(str, self.platforms))))
        values += self.follow.to_toml() if self.follow is not None else []
        if self.frozen is not None:
            # Also where it is false: Nix compares what images.toml says with what the lock repeats.
            values.append(("frozen", "true" if self.frozen else "false"))
        return toml_text.inline_table(values)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrySettings:
    """How to reach one registry.

    `plain_http` is None where the file does not say: then loopback hosts, and they alone, are
    spoken to in plain HTTP. `mirrors` are URLs, asked in order before the registry itself. The
    files are as written, relative to where images.toml is.
    """

    plain_http: bool | None = None
    mirrors: tuple[str, ...] = ()
    ca_file: Path | None = None
    client_certificate: Path | None = None
    client_key: Path | None = None

    @classmethod
    def from_table(cls, table: Table) -> Self:
        """Read the settings of a registry; raises `InvalidField`."""
        table.only("plain-http", "mirrors", "ca-file", "client-certificate", "client-key")
        plain_http = table.get("plain-http", bool)
        ca_file = _path(table, "ca-file")
        certificate, key = _path(table, "client-certificate"), _path(table, "client-key")
        if (certificate is None) != (key is None):
            missing = "client-key" if key is None else "client-certificate"
            raise InvalidField(f"{missing!r} is missing", hint="name both or neither").at(
                table.path
            )
        if plain_http and (ca_file or certificate):
            raise InvalidField(
                "plain HTTP has no certificates", hint="remove plain-http or the certificates"
            ).at(table.where("plain-http"))
        return cls(
            plain_http=plain_http,
            mirrors=_mirrors(table),
            ca_file=ca_file,
            client_certificate=certificate,
            client_key=key,
        )

    @property
    def has_certificates(self) -> bool:
        """Whether there is anything that only TLS has a use for."""
        return self.ca_file is not None or self.client_certificate is not None


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


def _check_follows(table: Table, reference: Reference | LocalReference) -> None:
    """What is followed must be a repository, whose tag is to be chosen."""
    where = table.where("version" if "version" in table else "tag-pattern")
    if isinstance(reference, LocalReference):
        raise InvalidField("an image in a file has no versions", hint="remove it").at(where)
    if reference != reference.name:
        raise InvalidField(
            "the image names a tag or a digest already", hint="remove one of the two"
        ).at(where)


def _parse_reference(text: str) -> Reference | LocalReference:
    return LocalReference.parse(text) if LocalReference.is_meant(text) else Reference.parse(text)


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
        known = Reference.parse(f"{text}/x").registry == text
    except NixfetchError:
        known = False
    if not text or not known:
        raise InvalidField(
            "this is no registry",
            hint='write host and port as in the images\' names: "docker.io", "registry.lab:5000"',
        )
    return text


def _path(table: Table, key: str) -> Path | None:
    text = table.get(key, str)
    if text == "":
        raise InvalidField("no file is named").at(table.where(key))
    return Path(text) if text is not None else None


def _mirrors(table: Table) -> tuple[str, ...]:
    mirrors = tuple(table.strings("mirrors") or ())
    for position, mirror in enumerate(mirrors):
        scheme, separator, rest = mirror.partition("://")
        host, _, path = rest.rstrip("/").partition("/")
        try:
            # A repository of the mirror must be a repository of some registry.
            reference = Reference.parse(f"{host}/{path}/x" if path else f"{host}/x")
            known = scheme in {"https", "http"} and separator and reference.registry == host
        except NixfetchError:
            known = False
        if not known:
            raise InvalidField(
                f"{mirror!r} is no mirror", hint="write a URL, as in https://mirror.example.org"
            ).at(f"{table.where('mirrors')}[{position}]")
    return mirrors


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
