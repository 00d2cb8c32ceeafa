"""A registry in memory, for unit tests of modules that read images."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import cast

from support.builders import (
    Json,
    descriptor,
    encode,
    image_config,
    image_index,
    image_manifest,
    platform_fields,
)

from nixfetch_docker.endpoints.configuration import RegistryConfiguration
from nixfetch_docker.endpoints.registries_conf import RegistriesConf
from nixfetch_docker.errors import NotFoundError
from nixfetch_docker.lockfile.sources import Sources
from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.oci.manifest import Content
from nixfetch_docker.oci.media_types import OCI_INDEX, OCI_MANIFEST
from nixfetch_docker.oci.reference import Reference
from nixfetch_docker.registry.client import Client
from nixfetch_docker.registry.download import Download
from nixfetch_docker.registry.registries import Registries
from nixfetch_docker.registry.traffic import Traffic

REDIS = Reference.parse("redis")


class InMemoryRegistry:
    """Docker Hub with the one repository `redis`, in place of `Registries`.

    `calls` are the requests that it got.
    """

    def __init__(self, *, says_digests: bool = True) -> None:
        self.calls: list[str] = []
        self._says_digests = says_digests
        self._content: dict[Digest, bytes] = {}
        self._tags: dict[str, Digest] = {}

    def push(self, data: bytes, tag: str | None = None) -> Digest:
        digest = Digest.of(data)
        self._content[digest] = data
        if tag is not None:
            self._tags[tag] = digest
        return digest

    def push_image(
        self,
        platform: str,
        *,
        tag: str | None = None,
        layer: bytes = b"base",
        created: str | None = None,
    ) -> Json:
        """Push an image of one platform; returns its descriptor for an index."""
        config = image_config(platform, created=created)
        manifest = encode(image_manifest(config, layer))
        self.push(config)
        self.push(manifest, tag)
        return descriptor(manifest, OCI_MANIFEST, platform=platform_fields(platform))

    def push_index(self, *descriptors: Json, tag: str | None = None) -> Json:
        index = encode(image_index(*descriptors))
        self.push(index, tag)
        return descriptor(index, OCI_INDEX)

    @property
    def client(self) -> Client:
        configuration = RegistryConfiguration(
            {}, Path(), {"HOME": "/nowhere"}, conf=RegistriesConf()
        )
        return Client(cast(Registries, self), configuration, Traffic())

    @property
    def sources(self) -> Sources:
        return Sources(cast(Registries, self))

    def digest(self, image: Reference) -> Digest | None:
        self.calls.append(f"digest {image}")
        return self._find(image) if self._says_digests else None

    def manifest(
        self, image: Reference, size: int | None = None, *, is_image: bool = True
    ) -> Content:
        self.calls.append(f"manifest {image}")
        digest = self._find(image)
        data = self._content[digest]
        download = Download(digest, len(data) if size is None else size, BytesIO())
        download.take([data])
        download.finish()
        content = Content(digest=digest, content_type=None, data=data)
        if is_image:
            content.document  # noqa: B018 - raises
        return content

    def small_blob(self, repository: Reference, digest: Digest, size: int) -> bytes:
        self.calls.append(f"blob {repository}@{digest}")
        data = self._content[self._find(repository, digest)]
        assert len(data) == size
        return data

    def tags(self, repository: Reference) -> list[str]:
        self.calls.append(f"tags {repository}")
        return list(self._tags)

    def has(self, repository: Reference, digest: Digest, *, is_manifest: bool) -> bool:
        self.calls.append(f"has {'manifest' if is_manifest else 'blob'} {repository}@{digest}")
        return digest in self._content

    def complete(self, repository: Reference, download: Download) -> None:
        self.calls.append(f"complete {repository}@{download.digest} from {download.received}")
        data = self._content[self._find(repository, download.digest)]
        download.take([data[download.received :]])
        download.finish()

    def _find(self, image: Reference, digest: Digest | None = None) -> Digest:
        found = digest or image.digest or self._tags.get(image.tag or "")
        if image.name != REDIS or found not in self._content:
            raise NotFoundError("not there")
        return found
