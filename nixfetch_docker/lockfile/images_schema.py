"""The shape of images.toml, which `images` reads: every key, what it may be, and what it means.

docs/reference/images.schema.json and docs/reference/images-toml.md are made of it.
"""

from __future__ import annotations

from ..base.schema import Flag, Group, Named, Text, Texts
from ..endpoints.settings import RegistrySettings, parse_host, parse_mirror
from ..oci.platform import Platform
from ..versions.constraint import Constraint
from ..versions.minimum_age import MinimumAge
from ..versions.tag_pattern import TagPattern
from .image_name import parse_image_name
from .images import Request
from .place import parse_place


def _platforms(about: str) -> Texts:
    return Texts(Platform.parse_exact, "linux/amd64", about)


IMAGE = Group(
    keys={
        "image": Text(
            parse_place,
            "redis:7",
            "The image, as `docker pull` takes it; without a tag, `latest`. Or an image in a file: "
            "`oci:./DIRECTORY` or `docker-archive:./FILE`, and behind it `:NAME` where the file "
            "has several.",
        ),
        "platforms": _platforms(
            "The platforms to lock, in place of the default ones. The image must have each. "
            "Without this key and without default ones: `linux/amd64` and `linux/arm64`, those of "
            "them that the image has."
        ),
        "version": Text(
            Constraint.parse,
            "^7",
            "Follow the newest tag with such a version, in place of a tag in `image`: `^1.2`, "
            "`~7.4`, `7.x`, `>=1, <2`, `!=1.8.3`, `*`; `7.x-alpine` with a suffix.",
        ),
        "suffix": Text(
            example="alpine",
            about="The text behind the version in the tags to follow, which names a variant of "
            "the image.",
        ),
        "tag-pattern": Text(
            TagPattern.parse,
            "^(?P<version>.+)$",
            "Follow the newest of the tags that this regular expression of Python's finds, for "
            "tags of no common scheme. Its group `version` tells old from new.",
        ),
        "ignore": Texts(
            example="*-rc*",
            about="Patterns of tags that are never followed. `*` stands for any text.",
        ),
        "minimum-age": Text(
            MinimumAge.parse,
            "3 days",
            "Beside `version` or `tag-pattern`: a tag whose image was made a shorter time ago is "
            "passed by. The image says itself when that was.",
        ),
        "frozen": Flag("`true` leaves the image as it is locked, whatever its tag means now."),
    },
    about="An image to lock.",
    main="image",
    reader=Request.from_table,
    alone=("platforms", "frozen"),
)
REGISTRY = Group(
    keys={
        "plain-http": Flag(
            "Whether the registry speaks plain HTTP. Without this key: only on this machine "
            "itself (`localhost`, `127.0.0.0/8`, `[::1]`)."
        ),
        "mirrors": Texts(
            parse_mirror,
            "https://mirror.example.org",
            "URLs of mirrors, asked in this order before the registry itself. What one lacks, or "
            "sends wrong, comes from the next. A path in the URL goes before the repository.",
        ),
        "ca-file": Text(
            example="./registry.pem",
            about="A file of PEM with a CA to trust for this host, beside the usual ones. Builds "
            "see one that is named relative to images.toml.",
        ),
        "client-certificate": Text(
            example="./client.pem",
            about="A file of PEM with the certificate that the host wants of its clients. Builds "
            "do not use it.",
        ),
        "client-key": Text(
            example="./client.key",
            about="The key of `client-certificate`: a file of PEM, without a pass phrase.",
        ),
    },
    about="How one registry is reached and trusted, by its host as images name it.",
    reader=RegistrySettings.from_table,
    alone=("mirrors",),
)
DOCUMENT = Group(
    keys={
        "defaults": Group(
            keys={"platforms": _platforms("The platforms of the images that name none.")},
            about="What holds for every image that does not say otherwise.",
            reader=Request.default_platforms,
        ),
        "images": Named(
            parser=parse_image_name,
            shape=IMAGE,
            about="The images to lock, each under a name of yours.",
        ),
        "registries": Named(
            parser=parse_host,
            shape=REGISTRY,
            about="How registries are reached and trusted, by host and port as images name them.",
        ),
    },
    about="The container images of a project, which `nixfetch-docker` locks.",
)
