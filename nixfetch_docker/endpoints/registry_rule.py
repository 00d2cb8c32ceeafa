"""A `[[registry]]` table of registries.conf: the locations of the images that it covers.

https://github.com/containers/image/blob/v5.34.2/docs/containers-registries.conf.5.md#namespaced-registry-settings
"""

from __future__ import annotations

from typing import Self

from ..base import userinfo
from ..base.redact import literal
from ..base.regex import regex
from ..base.table import InvalidField, Table
from ..base.values import dataclass, replace
from ..errors import NixfetchError
from ..oci.reference import Reference
from .location import Location, Locations

_ALWAYS, _BY_DIGEST, _BY_TAG = "all", "digest-only", "tag-only"
_WILDCARD = regex(r"\*\.[A-Za-z0-9.-]+")
_PORT = regex(r":[0-9]+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationRule:
    """A `location` key with the keys beside it, of a registry or a mirror.

    An empty `location` leaves the names of images unchanged. `pull` is `all`, or `digest-only` or
    `tag-only` where the location serves only images that are named so. `place` names the file and
    the key.
    """

    location: str
    insecure: bool
    pull: str
    place: str

    @classmethod
    def from_table(cls, table: Table, source: str) -> Self:
        """Read the keys of a `[[registry]]` or `[[registry.mirror]]`; raises `InvalidField`.

        `source` is the file's path.
        """
        return cls(
            location=_location(table, "location"),
            insecure=table.get("insecure", bool) or False,
            pull=_pull(table),
            place=f"{source}: {table.where('location')}",
        )

    def serves(self, image: Reference) -> bool:
        """Whether images may be pulled from here that are named as this one is."""
        return self.pull == _ALWAYS or (self.pull == _BY_DIGEST) == (image.digest is not None)

    def locate(self, image: Reference, covered: int) -> Location:
        """The image's location, by its name with `location` for the first `covered` characters.

        Raises `InvalidField` where the result is not a reference, or has another tag.
        """
        name = f"{self.location}{str(image)[covered:]}" if self.location else str(image)
        try:
            found = Reference.parse(name)
        except NixfetchError:
            found = None
        if found is None or str(found) != name:
            raise InvalidField(
                f"this turns {image} into {literal(name)}, which is not the full name of an image",
                hint="begin with the host, as in example.org:5000/path or docker.io/library",
            ).at(self.place)
        if found != replace(found, tag=image.tag, digest=image.digest):
            raise InvalidField(
                f"this turns {image} into {literal(name)}, which has another tag",
                hint="end the prefix and the location before the tag",
            ).at(self.place)
        return Location(host=found.registry, repository=found.repository, insecure=self.insecure)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryRule:
    """A `[[registry]]` table: where to pull the images whose names begin with `prefix`.

    `place` names the file and the table.
    """

    prefix: str
    origin: LocationRule
    mirrors: tuple[LocationRule, ...]
    blocked: bool
    place: str

    @classmethod
    def from_table(cls, table: Table, source: str) -> Self:
        """Read the table at `table.path` of the file `source`; raises `InvalidField`."""
        if "pull-from-mirror" in table:
            raise InvalidField(
                "this is a key of mirrors", hint="move it to a [[registry.mirror]]"
            ).at(table.where("pull-from-mirror"))
        by_digest = table.get("mirror-by-digest-only", bool) or False
        return cls(
            prefix=_prefix(table),
            origin=LocationRule.from_table(table, source),
            mirrors=tuple(
                _mirror(mirror, source, by_digest=by_digest)
                for mirror in table.tables_or_empty("mirror")
            ),
            blocked=table.get("blocked", bool) or False,
            place=f"{source}: {table.path}",
        )

    @property
    def rank(self) -> tuple[int, bool]:
        """The order of rules: of those that cover an image, the one with the highest rank applies.

        The longest prefix does; of equally long ones, a name goes before a wildcard.
        """
        return len(self.prefix), not self.prefix.startswith("*")

    def covers(self, image: Reference) -> int:
        """The number of characters of the image's full name that the prefix matches, or 0."""
        if self.prefix.startswith("*"):
            host = _PORT.sub("", image.registry)
            return len(image.registry) if host.endswith(self.prefix[1:]) else 0
        name = str(image)
        # After a host alone, a colon begins a port, which makes it another registry.
        boundaries = ("/", ":", "@") if "/" in self.prefix else ("/",)
        follows = name[len(self.prefix) :]
        covered = name.startswith(self.prefix) and (not follows or follows.startswith(boundaries))
        return len(self.prefix) if covered else 0

    def locations(self, image: Reference) -> Locations:
        """The locations of an image that the rule covers; raises `InvalidField`."""
        covered = self.covers(image)
        return Locations(
            origin=self.origin.locate(image, covered),
            mirrors=tuple(
                mirror.locate(image, covered) for mirror in self.mirrors if mirror.serves(image)
            ),
            blocked=self.blocked,
            place=self.place,
        )


def _prefix(table: Table) -> str:
    prefix = _location(table, "prefix") or _location(table, "location")
    if not prefix:
        raise InvalidField(
            "the registry has no location", hint='set it, as in location = "example.org"'
        ).at(table.path)
    if "*" in prefix and not _WILDCARD.fullmatch(prefix):
        raise InvalidField(
            f"{literal(prefix)} has a wildcard in the wrong place",
            hint="write it for whole subdomains, as in *.example.org",
        ).at(table.where("prefix"))
    return prefix


def _mirror(table: Table, source: str, *, by_digest: bool) -> LocationRule:
    mirror = LocationRule.from_table(table, source)
    if not mirror.location:
        raise InvalidField(
            "the mirror has no location", hint='set it, as in location = "mirror.example.org"'
        ).at(table.path)
    if not by_digest:
        return mirror
    if table.get("pull-from-mirror", str):
        raise InvalidField(
            "the registry has mirror-by-digest-only = true as well", hint="remove one of the two"
        ).at(table.where("pull-from-mirror"))
    return replace(mirror, pull=_BY_DIGEST)


def _pull(table: Table) -> str:
    pull = table.get("pull-from-mirror", str) or _ALWAYS
    if pull not in {_ALWAYS, _BY_DIGEST, _BY_TAG}:
        raise InvalidField(
            f"{literal(pull)} is not a rule for mirrors",
            hint=f"write {_ALWAYS}, {_BY_DIGEST} or {_BY_TAG}",
        ).at(table.where("pull-from-mirror"))
    return pull


def _location(table: Table, key: str) -> str:
    text = table.get(key, str) or ""
    if "://" in text:
        raise InvalidField("expected host[:port][/path], found a URL", hint="remove its scheme").at(
            table.where(key)
        )
    if userinfo.has_login(text):
        raise InvalidField("this has a login in it", hint=f"leave it out, and {userinfo.HINT}").at(
            table.where(key)
        )
    return text.rstrip("/")
