"""The settings of a registry, in the table `[registries]` of images.toml."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from ..base import userinfo
from ..base.redact import literal
from ..base.regex import regex
from ..base.table import InvalidField, Table
from ..base.values import dataclass
from ..errors import NixfetchError, placed
from ..oci.reference import Reference
from .registry_url import is_registry

# A URL, also one without its scheme and with a login. A path may have an "@" in it.
_URL = regex(r"[A-Za-z][A-Za-z0-9+.-]{0,15}:/|(?://)?[^/@:]{1,256}:[^@]{0,256}@")


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrySettings:
    """The settings of one registry.

    Where `plain_http` is None, only loopback hosts are reached in plain HTTP. `mirrors` are URLs,
    tried in their order before the registry itself. The paths are as written, relative to the
    directory of images.toml.
    """

    plain_http: bool | None = None
    mirrors: tuple[str, ...] = ()
    ca_file: Path | None = None
    client_certificate: Path | None = None
    client_key: Path | None = None

    def __post_init__(self) -> None:
        """Raise `InvalidField` for a mirror's URL with a login in it."""
        for position, mirror in enumerate(self.mirrors):
            refuse_login(mirror, f"mirrors[{position}]")

    @classmethod
    def from_table(cls, table: Table) -> Self:
        """Read the table of one registry; raises `InvalidField`."""
        table.only("plain-http", "mirrors", "ca-file", "client-certificate", "client-key")
        plain_http = table.get("plain-http", bool)
        ca_file = _path(table, "ca-file")
        certificate, key = _path(table, "client-certificate"), _path(table, "client-key")
        if (certificate is None) != (key is None):
            missing = "client-key" if key is None else "client-certificate"
            raise InvalidField(f"{missing!r} is missing", hint="set both or neither").at(table.path)
        if plain_http and (ca_file or certificate):
            raise InvalidField(
                "plain HTTP uses no certificates", hint="remove plain-http or the certificates"
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
        """Whether a certificate is set, which only TLS uses."""
        return self.ca_file is not None or self.client_certificate is not None


def parse_registries(table: Table) -> dict[str, RegistrySettings]:
    """The settings of every registry in `[registries]`, by host; raises `InvalidField`."""
    return {host: RegistrySettings.from_table(entry) for host, entry in table.subtables(parse_host)}


def refuse_login(text: str, *places: str) -> None:
    """Raise for a text that names a registry and has a login, which no message shows."""
    if userinfo.has_login(text):
        error = InvalidField("this has a login in it", hint=f"leave it out, and {userinfo.HINT}")
        for place in places:
            error.at(place)
        raise error


def parse_host(text: str) -> str:
    """Read the name of a registry, host[:port]; raises `InvalidField`."""
    refuse_login(text)
    if not is_registry(text):
        raise InvalidField(
            "this is not a registry",
            hint='write host and port as in the images\' names: "docker.io", "registry.lab:5000"',
        )
    return text


def parse_path(text: str) -> Path:
    """Read the path of a file of PEM data; raises `InvalidField`."""
    if not text:
        raise InvalidField("the path is empty", hint="name a file, or remove the key")
    if _URL.match(text):
        raise InvalidField("this is not the path of a file", hint="name a file of PEM data")
    if "\0" in text:
        raise InvalidField(
            "a path cannot have the character U+0000", hint="name a file of PEM data"
        )
    return Path(text)


def _path(table: Table, key: str) -> Path | None:
    return table.parse(key, parse_path) if key in table else None


def parse_mirror(text: str) -> str:
    """Read the URL of a mirror; raises `InvalidField`."""
    refuse_login(text)
    if not _is_mirror(text):
        raise InvalidField(
            f"{literal(text)} is not the URL of a mirror",
            hint="write it as https://mirror.example.org or https://mirror.example.org/path",
        )
    return text


def _mirrors(table: Table) -> tuple[str, ...]:
    mirrors = tuple(table.strings("mirrors") or ())
    for position, mirror in enumerate(mirrors):
        with placed(f"{table.where('mirrors')}[{position}]"):
            parse_mirror(mirror)
    return mirrors


def _is_mirror(url: str) -> bool:
    scheme, _, rest = url.partition("://")
    host, _, path = rest.rstrip("/").partition("/")
    try:
        # The repositories of a mirror have the mirror's path before their names.
        reference = Reference.parse(f"{host}/{path}/x" if path else f"{host}/x")
    except NixfetchError:
        return False
    return scheme in {"https", "http"} and reference.registry == host
