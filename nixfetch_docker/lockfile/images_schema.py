"""The shape of images.toml, which `images` reads: every key, and what it may be."""

from __future__ import annotations

from ..base.schema import Flag, Group, Named, Text, Texts
from ..endpoints.settings import RegistrySettings, parse_host, parse_mirror
from ..oci.platform import Platform
from ..versions.constraint import Constraint
from ..versions.tag_pattern import TagPattern
from .image_name import parse_image_name
from .images import Request
from .place import parse_place

_PLATFORMS = Texts(Platform.parse_exact, "linux/amd64")
_FILE = Text(example="./registry.pem")

IMAGE = Group(
    keys={
        "image": Text(parse_place, "redis:7"),
        "platforms": _PLATFORMS,
        "version": Text(Constraint.parse, "^7"),
        "suffix": Text(example="alpine"),
        "tag-pattern": Text(TagPattern.parse, "^(?P<version>.+)$"),
        "ignore": Texts(example="*-rc*"),
        "frozen": Flag(),
    },
    main="image",
    reader=Request.from_table,
    alone=("platforms", "frozen"),
)
REGISTRY = Group(
    keys={
        "plain-http": Flag(),
        "mirrors": Texts(parse_mirror, "https://mirror.example.org"),
        "ca-file": _FILE,
        "client-certificate": _FILE,
        "client-key": _FILE,
    },
    reader=RegistrySettings.from_table,
    alone=("mirrors",),
)
DOCUMENT = Group(
    keys={
        "defaults": Group(keys={"platforms": _PLATFORMS}, reader=Request.default_platforms),
        "images": Named(parser=parse_image_name, shape=IMAGE),
        "registries": Named(parser=parse_host, shape=REGISTRY),
    }
)
