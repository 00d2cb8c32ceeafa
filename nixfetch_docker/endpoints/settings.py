"""How to reach a registry, as the [registries] of images.toml say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ..base.table import InvalidField, Table
from ..errors import NixfetchError
from ..oci.reference import Reference


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


def parse_registries(table: Table) -> dict[str, RegistrySettings]:
    """The `[registries]` of `images.toml`, by host; raises `InvalidField`."""
    return {host: RegistrySettings.from_table(entry) for host, entry in table.subtables(_host)}


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
