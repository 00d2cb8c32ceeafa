"""containers' `registries.conf`: where podman and skopeo find an image. Read here, never written.

The rules are those of containers-registries.conf(5) and containers-registries.conf.d(5):
https://github.com/containers/image/blob/v5.34.2/docs/containers-registries.conf.5.md
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from ..base import files, toml
from ..base.table import InvalidField, Table
from ..errors import NixfetchError
from ..oci.reference import DOCKER_HUB, Reference

VARIABLE = "CONTAINERS_REGISTRIES_CONF"
SYSTEM_DIRECTORY = Path("/etc/containers")

_ALWAYS, _BY_DIGEST, _BY_TAG = "all", "digest-only", "tag-only"
_WILDCARD = re.compile(r"\*\.[A-Za-z0-9.-]+")
_PORT = re.compile(r":[0-9]+$")


class AmbiguousName(NixfetchError):
    """A short name that means one image here and another to podman."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Where an image is: the repository's path on a host, which has an optional port.

    `insecure` allows plain HTTP, and TLS with a certificate that nobody vouches for.
    """

    host: str
    repository: str
    insecure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Locations:
    """Where to look for an image: the mirrors in their order, then the origin.

    Nowhere at all if it is `blocked`. `place` is the file and the path in it of the
    `[[registry]]` that says so, empty where none does.
    """

    origin: Location
    mirrors: tuple[Location, ...] = ()
    blocked: bool = False
    place: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A `location` of a file, empty where images stay where their names say.

    `pull` is what images it serves: all, or those named by digest or by tag only.
    """

    location: str
    insecure: bool
    pull: str
    place: str

    @classmethod
    def from_table(cls, table: Table, source: str) -> Self:
        """Read a `[[registry]]` or one of its mirrors; raises `InvalidField`."""
        return cls(
            location=_location(table, "location"),
            insecure=table.get("insecure", bool) or False,
            pull=_pull(table),
            place=f"{source}: {table.where('location')}",
        )

    def serves(self, image: Reference) -> bool:
        """Whether it is asked for this image."""
        return self.pull == _ALWAYS or (self.pull == _BY_DIGEST) == (image.digest is not None)

    def locate(self, image: Reference, covered: int) -> Location:
        """Put the location in the place of the first `covered` characters of the image's name.

        Raises `InvalidField` where that makes no image, or another tag.
        """
        name = f"{self.location}{str(image)[covered:]}" if self.location else str(image)
        try:
            found = Reference.parse(name)
        except NixfetchError:
            found = None
        if found is None or str(found) != name:
            raise InvalidField(
                f"this makes {name!r} of {image}, which is no image's full name",
                hint="begin with the host, as in example.org:5000/path or docker.io/library",
            ).at(self.place)
        if found != replace(found, tag=image.tag, digest=image.digest):
            raise InvalidField(
                f"this makes {name!r} of {image}, which is another tag",
                hint="end the prefix and the location before the tag",
            ).at(self.place)
        return Location(host=found.registry, repository=found.repository, insecure=self.insecure)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """A `[[registry]]`: what is to be done with the images whose names begin with `prefix`."""

    prefix: str
    origin: Endpoint
    mirrors: tuple[Endpoint, ...]
    blocked: bool
    place: str

    @classmethod
    def from_table(cls, table: Table, source: str) -> Self:
        """Read the table at `table.path` of the file `source`; raises `InvalidField`."""
        if "pull-from-mirror" in table:
            raise InvalidField("this is a mirror's", hint="set it under [[registry.mirror]]").at(
                table.where("pull-from-mirror")
            )
        by_digest = table.get("mirror-by-digest-only", bool) or False
        return cls(
            prefix=_prefix(table),
            origin=Endpoint.from_table(table, source),
            mirrors=tuple(
                _mirror(mirror, source, by_digest=by_digest)
                for mirror in table.tables_or_empty("mirror")
            ),
            blocked=table.get("blocked", bool) or False,
            place=f"{source}: {table.path}",
        )

    @property
    def rank(self) -> tuple[int, bool]:
        """Of the registries that cover an image, the one with the highest rank counts."""
        return len(self.prefix), not self.prefix.startswith("*")

    def covers(self, image: Reference) -> int:
        """How many characters of the image's full name the prefix stands for, 0 for none."""
        if self.prefix.startswith("*"):
            host = _PORT.sub("", image.registry)
            return len(image.registry) if host.endswith(self.prefix[1:]) else 0
        name = str(image)
        # Behind a bare host a colon begins the port, and that is another registry.
        boundaries = ("/", ":", "@") if "/" in self.prefix else ("/",)
        follows = name[len(self.prefix) :]
        covered = name.startswith(self.prefix) and (not follows or follows.startswith(boundaries))
        return len(self.prefix) if covered else 0

    def locations(self, image: Reference) -> Locations:
        """Where an image is that the prefix covers; raises `InvalidField`."""
        covered = self.covers(image)
        return Locations(
            origin=self.origin.locate(image, covered),
            mirrors=tuple(
                mirror.locate(image, covered) for mirror in self.mirrors if mirror.serves(image)
            ),
            blocked=self.blocked,
            place=self.place,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """What a short name stands for, None where an earlier file's alias is taken back."""

    target: Reference | None
    place: str

    @classmethod
    def from_table(cls, table: Table, name: str, source: str) -> Self:
        """Read the entry `name` of `[aliases]`; raises `InvalidField`."""
        place = f"{source}: {table.where(name)}"
        text = table.require(name, str)
        if not text:
            return cls(target=None, place=place)
        target = table.parse(name, Reference.parse)
        if target != target.name or _is_short(text, target):
            raise InvalidField(
                f"{text!r} is no full name of a repository", hint="write HOST/NAME without a tag"
            ).at(table.where(name))
        return cls(target=target, place=place)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistriesConf:
    """What the files together say: registries by prefix, aliases by short name.

    `unqualified-search-registries` is none of it: a short name is docker.io's here.
    """

    registries: Mapping[str, Registry] = field(default_factory=dict)
    aliases: Mapping[str, Alias] = field(default_factory=dict)

    @classmethod
    def from_environment(
        cls, environment: Mapping[str, str], *, system: Path = SYSTEM_DIRECTORY
    ) -> Self:
        """Read the files that podman would read, empty where there are none.

        `CONTAINERS_REGISTRIES_CONF` names one that is read alone. Otherwise the user's file,
        with the user's drop-ins, replaces those of the `system`; without it the user's
        drop-ins follow the system's. Raises `NixfetchError` with the file's path.
        """
        if named := environment.get(VARIABLE):
            conf = cls._read(Path(named))
            if conf is None:
                raise files.FileError(
                    "there is no such file", hint=f"{VARIABLE} names it: mend or unset that"
                ).at(named)
            return conf
        user = _user_directory(environment)
        directories = [system] if user is None else [system, user]
        conf = None if user is None else cls._read(user / "registries.conf")
        if conf is None:
            conf = cls._read(system / "registries.conf") or cls()
        else:
            directories.remove(system)
        for directory in directories:
            for path in _drop_ins(directory):
                conf = conf.updated(cls._read(path) or cls())
        return conf

    @classmethod
    def parse(cls, text: str, source: str) -> Self:
        """Read one file; every error names it as `source`, and the line or the dotted path."""
        try:
            document = toml.parse(text)
            _refuse_version_1(document)
            tables = [
                Registry.from_table(table, source) for table in document.tables_or_empty("registry")
            ]
            aliases = document.table_or_empty("aliases")
            return cls(
                # In one file the first of a prefix counts.
                registries={registry.prefix: registry for registry in reversed(tables)},
                aliases={name: Alias.from_table(aliases, name, source) for name in aliases.values},
            )
        except NixfetchError as error:
            raise error.at(source) from None

    @classmethod
    def _read(cls, path: Path) -> Self | None:
        """One file, None where there is none."""
        try:
            text = files.read(path)
        except FileNotFoundError:
            return None
        except NixfetchError as error:
            raise error.at(str(path)) from None
        return cls.parse(text, str(path))

    def updated(self, later: Self) -> Self:
        """The two together; where both name a prefix or an alias, the later file's counts."""
        return replace(
            self,
            registries={**self.registries, **later.registries},
            aliases={**self.aliases, **later.aliases},
        )

    def locations(self, image: Reference) -> Locations:
        """Where to look for an image, by the longest prefix of its name; raises `InvalidField`."""
        covering = [registry for registry in self.registries.values() if registry.covers(image)]
        if covering:
            return max(covering, key=lambda registry: registry.rank).locations(image)
        return Locations(origin=Location(host=image.registry, repository=image.repository))

    def check_short_name(self, text: str) -> None:
        """Raise `AmbiguousName` where an alias makes another image of the reference `text`.

        Raises `InvalidReference` where it is none. A full name has no alias.
        """
        image = Reference.parse(text)
        if not _is_short(text, image):
            return
        alias = self.aliases.get(text.partition("@")[0].partition(":")[0])
        if alias is None or alias.target is None or alias.target == image.name:
            return
        aliased = replace(alias.target, tag=image.tag, digest=image.digest)
        raise AmbiguousName(
            f"by this alias the short name {text!r} is {aliased}, here it is {image}",
            hint="write the one that you mean in full",
        ).at(alias.place)


def _user_directory(environment: Mapping[str, str]) -> Path | None:
    if base := environment.get("XDG_CONFIG_HOME"):
        return Path(base, "containers")
    home = environment.get("HOME")
    return Path(home, ".config", "containers") if home else None


def _drop_ins(directory: Path) -> list[Path]:
    folder = directory / "registries.conf.d"
    try:
        return sorted(
            path for path in folder.iterdir() if path.suffix == ".conf" and not path.is_dir()
        )
    except FileNotFoundError:
        return []
    except OSError as error:
        raise files.unreadable(folder, error) from None


def _refuse_version_1(document: Table) -> None:
    if not isinstance(document.values.get("registries"), dict):
        return
    old = document.table_or_empty("registries")
    for key, setting in (("insecure", "insecure"), ("block", "blocked")):
        # NixOS writes version 1 by default, with a search list alone. Like version 2's, that
        # is ignored here; only what would be lost is an error.
        if old.table_or_empty(key).strings("registries"):
            raise InvalidField(
                "this is version 1 of the format, which is not read",
                hint=f"migrate it: a [[registry]] with its location and {setting} = true",
            ).at(old.where(key))


def _prefix(table: Table) -> str:
    prefix = _location(table, "prefix") or _location(table, "location")
    if not prefix:
        raise InvalidField(
            "a registry without a name", hint='set its location, as in location = "example.org"'
        ).at(table.path)
    if "*" in prefix and not _WILDCARD.fullmatch(prefix):
        raise InvalidField(
            f"{prefix!r} has a wildcard where there can be none",
            hint="only subdomains have one: *.example.org",
        ).at(table.where("prefix"))
    return prefix


def _mirror(table: Table, source: str, *, by_digest: bool) -> Endpoint:
    mirror = Endpoint.from_table(table, source)
    if not mirror.location:
        raise InvalidField(
            "a mirror without a location", hint='set it, as in location = "mirror.example.org"'
        ).at(table.path)
    if not by_digest:
        return mirror
    if table.get("pull-from-mirror", str):
        raise InvalidField(
            "the registry has mirror-by-digest-only = true already", hint="remove one of the two"
        ).at(table.where("pull-from-mirror"))
    return replace(mirror, pull=_BY_DIGEST)


def _pull(table: Table) -> str:
    pull = table.get("pull-from-mirror", str) or _ALWAYS
    if pull not in {_ALWAYS, _BY_DIGEST, _BY_TAG}:
        raise InvalidField(
            f"{pull!r} is not known", hint=f"known are {_ALWAYS}, {_BY_DIGEST}, {_BY_TAG}"
        ).at(table.where("pull-from-mirror"))
    return pull


def _location(table: Table, key: str) -> str:
    text = table.get(key, str) or ""
    if "://" in text:
        raise InvalidField(
            "a URL where host[:port][/path] belongs", hint="leave its scheme away"
        ).at(table.where(key))
    return text.rstrip("/")


def _is_short(text: str, image: Reference) -> bool:
    """Whether `text`, which reads as `image`, names no registry."""
    first, slash, _ = text.partition("/")
    return image.registry == DOCKER_HUB and not (slash and first.endswith(DOCKER_HUB))
