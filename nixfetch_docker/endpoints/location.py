"""The locations of an image: hosts, with the repository's path on each."""

from __future__ import annotations

from ..base.values import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A repository on a `host`, which may have a port.

    `insecure` allows plain HTTP, and TLS with a certificate that is not verified.
    """

    host: str
    repository: str
    insecure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Locations:
    """The locations to try for an image: the mirrors in their order, then the origin.

    A `blocked` image may be fetched from none of them. `place` names the file and the table in it
    that gives the locations, "" where no table does.
    """

    origin: Location
    mirrors: tuple[Location, ...] = ()
    blocked: bool = False
    place: str = field(default="", compare=False)
