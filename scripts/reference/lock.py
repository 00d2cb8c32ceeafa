"""The page of images.lock.toml, whose example the program itself writes."""

from __future__ import annotations

from nixfetch_docker.lockfile.images import Request
from nixfetch_docker.lockfile.lock import VERSION, Lock, LockedImage, LockedPlatform
from nixfetch_docker.lockfile.signed_by import KeyItem, SignedBy
from nixfetch_docker.oci.blob import Blob
from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.oci.media_types import OCI_MANIFEST
from nixfetch_docker.oci.platform import Platform
from nixfetch_docker.oci.reference import Reference
from nixfetch_docker.signatures.voucher import Voucher

from . import markdown

# The keys of an image, of a platform, and of a blob; tests compare them with a lock.
IMAGE = {
    "request": "What `images.toml` asks for, with the defaults applied: its keys `image`, `platforms`, `version`, "
    "`suffix`, `tag-pattern`, `ignore`, `minimum-age`, `signed-by`, `signed-by-all` and `frozen`, to the letter. Where the two differ, evaluation fails and "
    "names the image, until `nixfetch-docker lock` has run.",
    "repository": "The repository with its registry, and with neither tag nor digest: `docker.io/library/redis`. Of "
    "an image in a file, the name that it has.",
    "tag": "The tag that the image was found by; of a followed version, the one that was chosen. It is missing where "
    "the request names a digest alone.",
    "digest": "What the tag pointed at: the digest of an index, or of a manifest.",
    "signed-by": "Who signed the image, where `images.toml` asks for that: a list of tables, a line each. Such a table has "
    "a `key`, its `fingerprint` (the SHA-256 of the key) and perhaps `annotations`, or an `identity` and its `issuer`, with the `fingerprint` of the `trusted-root` if it has one; and "
    "the `digest` that was signed, of the image or of a platform's manifest. It is for who reviews the lock: Nix does not "
    "use it.",
    "platforms": "A table for each platform that is locked. Its name is the platform's usual one: `linux/arm64`, also "
    "where the request has `linux/arm64/v8`.",
}
PLATFORM = {
    "manifest": "The image's manifest for this platform, with its `media-type`.",
    "config": "The image's config. Its digest is the image ID that docker and podman show.",
    "layers": "The layers in the manifest's order, the base layer first. A layer that the manifest repeats is repeated.",
}
BLOB = {
    "sha256": "The digest, 64 hexadecimal digits. There may be `sha512` in its place.",
    "size": "The size in bytes.",
    "media-type": "Of a manifest alone: its media type.",
}

_PAGE = """\
# images.lock.toml
{note}

The lock says to what each image of [images.toml](images-toml.md) is pinned. `nixfetch-docker` writes it beside
`images.toml`; Nix reads both. It is not for editing. Commit it.

{example}
`version` is {version}. A program that reads another version of the lock refuses it, and says which it reads; Nix does so
too.

What you may rely on:

- The text depends on the values alone. Images and platforms are sorted, and there is no timestamp.
- Every blob has a line of its own, so that a diff shows which layers changed.
- An image that does not change keeps its text to the byte.

## \\[images.NAME\\]

{image}
## \\[images.NAME.platforms."OS/ARCH"\\]

{platform}
Each of these is a table, or a list of tables, with these keys:

{blob}
A merge conflict in the lock needs no care: take either side, then run `nixfetch-docker lock`.
"""


def page() -> str:
    """The text of the page."""
    return _PAGE.format(
        note=markdown.NOTE,
        example=markdown.fence("toml", example().to_toml()),
        version=VERSION,
        image=_keys(IMAGE),
        platform=_keys(PLATFORM),
        blob=_keys(BLOB),
    )


def example() -> Lock:
    """A lock of one image for two platforms."""
    asked = "redis:7.4-alpine"
    reference = Reference.parse(asked)
    platforms = tuple(Platform(os="linux", architecture=cpu) for cpu in ("amd64", "arm64"))
    digest, key = Digest.of(asked.encode()), "keys/acme.pub"
    signed_by = SignedBy(items=(KeyItem(file=key),))
    redis = LockedImage(
        request=Request(image=asked, reference=reference, platforms=platforms, signed_by=signed_by),
        repository=reference.name,
        tag=reference.tag,
        digest=digest,
        platforms={platform: _platform(f"{asked} {platform}", layers=2) for platform in platforms},
        vouchers=(Voucher(signer=key, fingerprint=Digest.of(key.encode()).hex, digest=digest),),
    )
    return Lock(images={"redis": redis})


def _platform(seed: str, layers: int) -> LockedPlatform:
    return LockedPlatform(
        manifest=_blob(f"{seed} manifest", 1572),
        media_type=OCI_MANIFEST,
        config=_blob(f"{seed} config", 6243),
        layers=tuple(_blob(f"{seed} {n}", 3642247 - n * 1258) for n in range(layers)),
    )


def _blob(seed: str, size: int) -> Blob:
    return Blob(digest=Digest.of(seed.encode()), size=size)


def _keys(keys: dict[str, str]) -> str:
    return markdown.table(["key", "is"], [(markdown.code(key), text) for key, text in keys.items()])
