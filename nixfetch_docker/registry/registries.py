"""Pulling from registries and their mirrors: manifests, blobs and tags.

https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pull
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from ..endpoints.endpoint import Endpoint
from ..errors import NixfetchError, NotFoundError, TransientError, WrongContent
from ..oci.digest import Digest
from ..oci.reference import Reference
from .repository import Repository
from .retry import retry
from .session import Session
from .transport import Transport

if TYPE_CHECKING:
    from ..logins.credentials import Logins
    from ..oci.manifest import Content
    from .attachments import Attachments
    from .download import Download, Sink

T = TypeVar("T")


class Registries:
    """All registries of one run. Safe to use from several threads.

    Every method asks the endpoints of an image in their order: mirrors first, the registry itself
    last. A failure that may pass is tried again at the same endpoint. The error raised is that of
    the last endpoint: `RegistryError` where it refuses or cannot be reached, `WrongContent` where
    it sends other bytes than those asked for.
    """

    def __init__(
        self,
        transport: Transport,
        endpoints: Callable[[Reference], list[Endpoint]],
        logins: Logins,
        *,
        notify: Callable[[str], None],
    ) -> None:
        """`endpoints` gives those of an image; `notify` gets a line for each wait and detour."""
        self._transport = transport
        self._endpoints = endpoints
        self._logins = logins
        self._notify = notify
        self._sessions: dict[str, Session] = {}
        self._lock = threading.Lock()

    def digest(self, image: Reference) -> Digest | None:
        """The digest that a tag points at, by one HEAD request; None where only a GET can tell."""
        from .heads import fetch_digest

        fetch = partial(fetch_digest, image=image)
        try:
            return self._first(image, partial(retry, fetch, notify=self._notify))
        except TransientError:
            raise
        except NixfetchError:
            # Not every registry knows HEAD. Where something else is wrong, a GET says it better.
            return None

    def has(self, repository: Reference, digest: Digest, *, is_manifest: bool) -> bool:
        """Whether the registry itself, no mirror, still has a blob or manifest, by one HEAD."""
        from .heads import has_content

        registry = self._repository(self._endpoints(repository)[-1])
        ask = partial(has_content, digest=digest, is_manifest=is_manifest)
        return retry(ask, registry, notify=self._notify)

    def manifest(
        self, image: Reference, size: int | None = None, *, is_image: bool = True
    ) -> Content:
        """The manifest or index that a reference's digest or else its tag names.

        With `size`, the body must have that many bytes. With `is_image`, a tag that leads to the
        manifest of another artifact raises `InvalidManifest`. Where there is none, and no `size` is
        given, as a person asks, one request more tells what is missing.
        """
        from .manifests import fetch_manifest

        fetch = partial(fetch_manifest, image=image, size=size, is_image=is_image)
        try:
            return self._first(image, partial(retry, fetch, notify=self._notify))
        except NotFoundError as error:
            if size is not None:
                raise
            from .missing import missing
            from .tags import list_some

            registry = self._repository(self._endpoints(image)[-1])
            raise missing(error, image, partial(list_some, registry)) from None

    def blob(self, repository: Reference, digest: Digest, size: int | None, sink: Sink) -> None:
        """Write a blob to `sink`, a file that can be truncated.

        With `size`, it must have that many bytes. After an error the content of `sink` is of no
        use.
        """
        from .download import Download

        self.complete(repository, Download(digest, size, sink))

    def complete(self, repository: Reference, download: Download) -> None:
        """Fetch the missing bytes of a download."""
        from .blobs import Transfer

        kept = download.received

        def fetch(place: Repository) -> None:
            if download.received != kept:
                # The bytes of an endpoint that failed may be the wrong ones.
                download.restart()
            try:
                Transfer(place, download, notify=self._notify).run()
            except WrongContent:
                download.restart()
                raise

        self._first(repository, fetch)

    def small_blob(self, repository: Reference, digest: Digest, size: int) -> bytes:
        """A blob of `size` bytes that fits into memory, such as a config."""
        from io import BytesIO

        sink = BytesIO()
        self.blob(repository, digest, size, sink)
        return sink.getvalue()

    def tags(self, repository: Reference) -> list[str]:
        """All tags of a repository, in the registry's order."""
        from .tags import list_tags

        try:
            return self._first(repository, partial(retry, list_tags, notify=self._notify))
        except NotFoundError as error:
            from .missing import no_repository

            raise no_repository(error, repository) from None

    def attachments(self, image: Reference) -> list[Attachments]:
        """What each endpoint has beside an image: mirrors first, the registry itself last."""
        from .attachments import Attachments

        return [
            Attachments(
                self._repository(endpoint), image.name, endpoint.registry, notify=self._notify
            )
            for endpoint in self._endpoints(image)
        ]

    def _first(self, image: Reference, fetch: Callable[[Repository], T]) -> T:
        """The result of `fetch` at the first endpoint where it succeeds."""
        *mirrors, registry = self._endpoints(image)
        for mirror in mirrors:
            try:
                return fetch(self._repository(mirror))
            except NixfetchError as error:
                self._notify(f"{error.cause}; trying the next place")
        return fetch(self._repository(registry))

    def _repository(self, endpoint: Endpoint) -> Repository:
        with self._lock:
            session = self._sessions.get(endpoint.url)
            if session is None:
                find_login = partial(self._logins.find, endpoint.registry)
                session = Session(self._transport, endpoint.url, find_login)
                self._sessions[endpoint.url] = session
        return Repository(self._transport, session, endpoint)
