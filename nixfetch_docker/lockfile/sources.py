"""Sources: one interface for reading images from registries and from files."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ..archives.local_reference import LocalReference
from ..base.values import replace
from ..errors import NixfetchError
from ..oci.digest import Digest
from ..oci.manifest import Content, Manifest
from ..oci.reference import Reference
from ..registry.download import Download
from ..registry.offers import Source
from ..registry.registries import Registries
from .place import Place

if TYPE_CHECKING:
    from ..archives.local_image import LocalImage

# A larger config is remembered while all of them fit into so many bytes, and read again
# otherwise: a hostile registry could fill the memory with them.
_SMALL_CONFIG_BYTES = 64 * 1024
_LARGE_CONFIGS_BYTES = 16 * 1024 * 1024


class ImageSource(Source, Protocol):
    """The source of one image. Safe to use from several threads.

    Every method raises `NixfetchError` where the source cannot be read or lacks the content.
    """

    @property
    def reference(self) -> Reference:
        """The image's full name, as it was asked for or as the file says."""

    def tagged(self, tag: str | None) -> Reference:
        """The image's full name with `tag`, or else with its own tag or the default one."""

    def display_name(self, reference: Reference) -> str:
        """The name for messages of the image that `reference` means here."""

    def check(self, text: str) -> None:
        """Raise where this machine gives `text`, a reference as written, another meaning."""

    def tags(self) -> list[str]:
        """All tags of the image's repository."""

    def digest(self, reference: Reference) -> Digest | None:
        """The digest that `reference` means now, or None where only reading the image tells."""

    def has(self, digest: Digest, *, is_manifest: bool) -> bool:
        """Whether the registry still has a blob or, with `is_manifest`, a manifest."""

    def complete(self, download: Download, *, is_manifest: bool) -> None:
        """Fetch the missing bytes of a blob or, with `is_manifest`, of a manifest."""


class Sources:
    """The sources of all images of one run. Safe to use from several threads."""

    def __init__(
        self,
        registries: Registries,
        directory: Path = Path(),
        *,
        check: Callable[[str], None] = lambda _: None,
        keep: Callable[[Digest, bytes], None] = lambda *_: None,
    ) -> None:
        """The paths of images in files start from `directory`.

        `check` raises for the text of a registry's reference that means another image here. `keep`
        is called, from any thread, with each manifest and each config that a registry sent, which
        are verified.
        """
        self._registries = registries
        self._directory = directory
        self._check = check
        self._files: dict[LocalReference, _File] = {}
        self._memory = _Memory(keep)
        self._lock = threading.Lock()

    def at(self, place: Place) -> ImageSource:
        """The source of the image at a place, which is not read yet; a file is read once a run."""
        if isinstance(place, Reference):
            return _Repository(self._registries, place, self._check, self._memory)
        with self._lock:
            return self._files.setdefault(place, _File(place, self._directory))


class _Memory:
    """The configs that a run has read, of all repositories, and `keep` of `Sources`."""

    def __init__(self, keep: Callable[[Digest, bytes], None]) -> None:
        self.keep = keep
        self._configs: dict[Digest, bytes] = {}
        self._left = _LARGE_CONFIGS_BYTES

    def config(self, digest: Digest) -> bytes | None:
        return self._configs.get(digest)

    def take_config(self, digest: Digest, data: bytes) -> None:
        self.keep(digest, data)
        cost = len(data) if len(data) > _SMALL_CONFIG_BYTES else 0
        if cost <= self._left:
            self._left -= cost
            self._configs[digest] = data


class _Repository:
    """An image in a registry; `memory` is that of all repositories of the run."""

    def __init__(
        self,
        registries: Registries,
        asked: Reference,
        check: Callable[[str], None],
        memory: _Memory,
    ) -> None:
        self._registries = registries
        self._repository = asked.name
        self.reference = asked
        self.check = check
        self._memory = memory

    def tagged(self, tag: str | None) -> Reference:
        return self.reference.tagged if tag is None else replace(self._repository, tag=tag)

    def display_name(self, reference: Reference) -> str:
        return reference.familiar

    def tags(self) -> list[str]:
        return self._registries.tags(self._repository)

    def manifest(self, image: Reference, size: int | None = None) -> Content:
        content = self._registries.manifest(image, size)
        if isinstance(content.document, Manifest):
            self._memory.keep(content.digest, content.data)
        return content

    def small_blob(self, repository: Reference, digest: Digest, size: int) -> bytes:
        # A config is read to lock an image, and again for its origin.
        data = self._memory.config(digest)
        if data is None:
            data = self._registries.small_blob(repository, digest, size)
            self._memory.take_config(digest, data)
        return data

    def digest(self, reference: Reference) -> Digest | None:
        # A digest never moves; whether a tag did costs one HEAD to learn.
        return reference.digest or self._registries.digest(reference)

    def has(self, digest: Digest, *, is_manifest: bool) -> bool:
        return self._registries.has(self._repository, digest, is_manifest=is_manifest)

    def complete(self, download: Download, *, is_manifest: bool) -> None:
        if is_manifest:
            manifest = replace(self._repository, digest=download.digest)
            download.restart()
            download.take([self._registries.manifest(manifest, download.size).data])
        else:
            self._registries.complete(self._repository, download)


class _File:
    """An image in a file, or in the directory of an OCI layout."""

    def __init__(self, place: LocalReference, directory: Path) -> None:
        self._place = place
        self._directory = directory
        self._opened: LocalImage | None = None
        self._lock = threading.Lock()

    @property
    def reference(self) -> Reference:
        return self._image().name

    def tagged(self, _tag: str | None) -> Reference:
        return self._image().name

    def display_name(self, _reference: Reference) -> str:
        return str(self._place)

    def check(self, _text: str) -> None:
        pass

    def tags(self) -> list[str]:
        raise NixfetchError(
            "an image in a file has no tags to follow", hint="remove version and tag-pattern"
        )

    def digest(self, _reference: Reference) -> Digest | None:
        return None

    def manifest(self, image: Reference, size: int | None = None) -> Content:
        return self._image().manifest(image, size)

    def small_blob(self, repository: Reference, digest: Digest, size: int) -> bytes:
        return self._image().small_blob(repository, digest, size)

    def has(self, _digest: Digest, *, is_manifest: bool) -> bool:  # noqa: ARG002 - of the port
        raise NixfetchError(
            "an image in a file is not in any registry", hint="name the other images alone"
        ).at(str(self._place))

    def complete(self, download: Download, *, is_manifest: bool) -> None:  # noqa: ARG002 - of the port
        image = self._image()
        download.restart()
        try:
            download.take(image.read(download.digest, download.limit))
            download.finish(was_all=True)
        except NixfetchError as error:
            raise error.at(str(self._place)) from None

    def _image(self) -> LocalImage:
        with self._lock:
            if self._opened is None:
                # The readers of tars, for who has images in files.
                from ..archives.reader import open_image

                self._opened = open_image(self._place, self._directory)
            return self._opened
