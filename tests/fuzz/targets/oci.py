"""Targets of the room oci/: references, digests, platforms, manifests, configs."""

from __future__ import annotations

import json

from fuzz.text import of, said

from nixfetch_docker.archives.layout import Layout
from nixfetch_docker.archives.local_reference import LocalReference
from nixfetch_docker.endpoints.registry_url import RegistryUrl
from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.lockfile.place import in_registry, parse_place, short_name
from nixfetch_docker.nix.expression import image_expression
from nixfetch_docker.oci.config import ImageConfig
from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.oci.document import check_document
from nixfetch_docker.oci.image import Image
from nixfetch_docker.oci.labels import Origin
from nixfetch_docker.oci.manifest import Manifest
from nixfetch_docker.oci.manifest import parse as parse_manifest
from nixfetch_docker.oci.platform import Platform
from nixfetch_docker.oci.reference import Reference, is_tag

_REDIS = Reference.parse("redis:7")


def reference(data: bytes) -> None:
    """A reference's long and short form mean the same, and each part is safe in a URL."""
    text = of(data)
    said(RegistryUrl.parse, text)
    place = parse_place(text)
    short_name(place)
    assert str(place).isprintable()
    if not in_registry(place):
        assert LocalReference.parse(str(place)) == place
        return
    assert Reference.parse(str(place)) == place
    assert Reference.parse(place.familiar) == place
    assert place.tagged.name == place.name
    assert place.tag is None or is_tag(place.tag)
    assert ".." not in f"{place.registry}/{place.repository}".split("/")
    assert not set(f"{place.repository}{place.tag}") & set("?#%@\\ ")


def digest(data: bytes) -> None:
    """A digest is its own text; a digest of the data matches it."""
    found = Digest.of(data)
    assert found.matches(data)
    assert Digest.parse(str(found)) == found
    text = of(data)
    assert str(Digest.parse(text)) == text


def platform(data: bytes) -> None:
    """A platform's text means the platform, its normal form is final, and it serves itself."""
    text = of(data)
    said(Platform.of_machine, text)
    found = Platform.parse(text)
    assert Platform.parse(str(found)) == found
    assert found.normal.normal == found.normal
    assert found.served_by()[0] == found.normal
    assert found.choose([_REDIS_ARM, found]) is not None
    assert str(Platform.parse_exact(text)) == text


_REDIS_ARM = Platform.parse("linux/arm/v5")


def manifest(data: bytes) -> None:
    """A manifest means the same however its JSON is written, and its image can be written."""
    # A first line that is no JSON is the Content-Type that came with it.
    head, newline, body = data.partition(b"\n")
    is_typed = bool(newline) and not head.lstrip().startswith((b"{", b"["))
    content_type = head.decode("latin-1") if is_typed else None
    body = body if is_typed else data
    said(check_document, body)
    found = parse_manifest(body, content_type)
    again = json.dumps(json.loads(body), indent=1, ensure_ascii=False).encode(
        errors="surrogatepass"
    )
    if again.decode(errors="replace").isascii():
        assert parse_manifest(again, content_type) == found
    if not isinstance(found, Manifest):
        assert all(isinstance(entry.digest, Digest) for entry in found.manifests)
        return
    image = Image.parse(_REDIS, body, content_type)
    assert image.size >= len(body)
    assert len(image.blobs) == len(found.layers) + 2
    for number in range(1, min(len(image.layers), 3) + 1):
        assert image.layer(number) == found.layers[number - 1]
    said(image.layer, len(image.layers) + 1)
    layout = Layout.of(image)
    assert json.loads(layout.files["manifest.json"])[0]["RepoTags"] == [str(_REDIS)]
    assert image_expression(image).isascii()


def config(data: bytes) -> None:
    """The parts of a config can each be read or refused; what is shown of it is one line."""
    origin = Origin.from_config(data)
    for text in (origin.source, origin.revision, origin.created, origin.text):
        assert text.isprintable()
        assert len(text) < 1000
    found = ImageConfig.parse(data)
    failed: NixfetchError | None = None
    for name in (
        *("platform", "created", "author", "user", "working_directory", "entrypoint", "command"),
        *("environment", "ports", "volumes", "labels", "history"),
    ):
        try:
            value = getattr(found, name)
        except NixfetchError as error:
            failed = error
            continue
        if name == "history":
            assert all(line.isprintable() and len(line) < 300 for line in value)
    said(found.check_layers, 3)
    if failed is not None:
        raise failed


TARGETS = {
    "reference": reference,
    "digest": digest,
    "platform": platform,
    "manifest": manifest,
    "config": config,
}
