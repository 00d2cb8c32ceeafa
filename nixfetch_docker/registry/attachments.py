"""What one endpoint has beside an image: manifests by a tag, referrers, and their blobs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from io import BytesIO

from ..base.values import replace
from ..errors import NotFoundError
from ..oci.artifact import Attached
from ..oci.digest import Digest
from ..oci.manifest import Content
from ..oci.reference import Reference
from .blobs import Transfer
from .download import Download
from .manifests import fetch_manifest
from .referrers import list_referrers
from .repository import Repository
from .retry import retry


class Attachments:
    """One endpoint's repository of an image. Safe to use from several threads.

    `host` names the endpoint. Failures that may pass are tried again; every method raises
    `RegistryError`, `WrongContent` or `InvalidManifest`.
    """

    def __init__(
        self,
        repository: Repository,
        name: Reference,
        host: str,
        *,
        notify: Callable[[str], None],
    ) -> None:
        """`name` is the image's repository, `notify` gets a line for each wait."""
        self.host = host
        self._repository = repository
        self._name = name
        self._notify = notify

    def tagged(self, tag: str) -> Content | None:
        """The manifest that a tag names, or None where there is none."""
        try:
            return self._manifest(replace(self._name, tag=tag), None)
        except NotFoundError:
            return None

    def referrers(self, subject: Digest) -> list[Attached]:
        """All manifests that refer to `subject`."""
        fetch = partial(list_referrers, name=self._name, subject=subject)
        return retry(fetch, self._repository, notify=self._notify)

    def manifest(self, digest: Digest, size: int | None = None) -> Content:
        """The manifest with this digest, of `size` bytes if that is known."""
        return self._manifest(replace(self._name, digest=digest), size)

    def blob(self, digest: Digest, size: int) -> bytes:
        """A blob of `size` bytes, which must fit into memory."""
        sink = BytesIO()
        Transfer(self._repository, Download(digest, size, sink), notify=self._notify).run()
        return sink.getvalue()

    def _manifest(self, image: Reference, size: int | None) -> Content:
        fetch = partial(fetch_manifest, image=image, size=size, is_image=False)
        return retry(fetch, self._repository, notify=self._notify)
