"""The shape of images.toml, which `images` reads: every key, what it may be, and what it means.

docs/reference/images.schema.json and docs/reference/images-toml.md are made of it.
"""

from __future__ import annotations

from ..base.schema import Flag, Group, Items, Named, Text, Texts
from ..endpoints.settings import parse_host, parse_mirror
from ..oci.platform import Platform
from ..versions.constraint import Constraint
from ..versions.minimum_age import MinimumAge
from ..versions.tag_pattern import TagPattern
from .image_name import parse_image_name
from .images import Request
from .place import parse_place
from .signed_by import parse_key_file, parse_name, read_item, read_registry


def _platforms(about: str) -> Texts:
    return Texts(Platform.parse_exact, "linux/amd64", about)


SIGNER = Group(
    keys={
        "key": Text(
            parse_key_file,
            "keys/acme.pub",
            "A file of PEM with a public key, named relative to images.toml.",
        ),
        "annotations": Named(
            parser=parse_name,
            shape=Text(about="The value that the annotation must have."),
            about="Annotations that a signature by this key must have, with their values.",
        ),
        "identity": Text(
            parse_name,
            "https://github.com/acme/web/.github/workflows/release.yml@refs/heads/main",
            "The identity in the certificate of a keyless signature, to the letter.",
        ),
        "issuer": Text(
            parse_name,
            "https://token.actions.githubusercontent.com",
            "Who vouched for the identity, as the certificate has it.",
        ),
        "trusted-root": Text(
            parse_key_file,
            "sigstore/trusted_root.json",
            "The root of trust of a private sigstore, a file named relative to images.toml.",
        ),
    },
    about="Somebody who signs: the owner of a key, or an identity.",
    main="key",
    reader=read_item,
)


def _signers(about: str) -> Items:
    return Items(Text(parse_key_file, "keys/acme.pub"), SIGNER, about)


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
        "signed-by": _signers(
            "Who must have signed the image, any of these: files of public keys, or tables. An "
            "image that is not signed so is not locked. `[]` asks for no signature, also where "
            "the registry's table does."
        ),
        "signed-by-all": _signers("The same, where each of them must have signed the image."),
        "frozen": Flag("`true` leaves the image as it is locked, whatever its tag means now."),
    },
    about="An image to lock.",
    main="image",
    reader=Request.from_table,
    alone=("platforms", "signed-by", "signed-by-all", "frozen"),
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
        "signed-by": _signers(
            "Who must have signed each image of this registry that has neither of these two keys "
            "itself, any of these."
        ),
        "signed-by-all": _signers("The same, where each of them must have signed."),
    },
    about="How one registry is reached and trusted, by its host as images name it.",
    reader=read_registry,
    alone=("mirrors", "signed-by", "signed-by-all"),
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
