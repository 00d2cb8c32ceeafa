"""The pull half of the distribution spec: manifests, blobs and tags, from wherever they are.

https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pull
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from io import BytesIO
from typing import TypeVar

import httpx

from ..endpoints.endpoint import Endpoint
from ..errors import NixfetchError, TransientError, WrongContent
from ..oci.digest import Digest
from ..oci.document import MANIFEST_LIMIT
from ..oci.manifest import Content, parse
from ..oci.media_types import ACCEPTED_TYPES
from ..oci.reference import Reference
from .blobs import Transfer
from .body import read
from .download import Download, Sink
from .retry import Patience, retry
from .session import Session
from .tags import list_tags
from .transport import Transport

T = TypeVar("T")

_ACCEPT = {"Accept": ", ".join(ACCEPTED_TYPES)}


class Registries:
    """All registries of one run. Safe to use from several threads.

    Every method tries the places that there are for an image in their order, each patiently; the
    error raised is that of the last, the registry itself: `RegistryError` where it refuses or
    cannot be reached, `WrongContent` for bytes that are not those asked for.
    """

    def __init__(
        self,
        transport: Transport,
        endpoints: Callable[[Reference], list[Endpoint]],
        new_session: Callable[[Endpoint], Session],
        *,
        say: Callable[[str], None],
    ) -> None:
        """`endpoints` gives the places for an image; `say` is told of waits and detours."""
        self._transport = transport
        self._endpoints = endpoints
        self._new_session = new_session
        self._say = say
        self._sessions: dict[str, Session] = {}
        self._lock = threading.Lock()

    def digest(self, image: Reference) -> Digest | None:
        """What the tag points at, by one HEAD request; None where the registry does not say."""

        def ask(endpoint: Endpoint) -> Digest | None:
            url = _manifest_url(endpoint, image)
            with self._session(endpoint).open(
                "HEAD", url, endpoint.repository, headers=_ACCEPT
            ) as response:
                sent = response.headers.get("docker-content-digest")
                return Digest.parse(sent) if sent else None

        try:
            return self._first(image, lambda endpoint: self._patiently(ask, endpoint))
        except TransientError:
            raise
        except NixfetchError:
            # A GET will tell what is wrong, if anything is: not every registry knows HEAD.
            return None

    def has(self, repository: Reference, digest: Digest, *, is_manifest: bool) -> bool:
        """Whether the registry itself, no mirror, has a blob or manifest still, by one HEAD."""
        endpoint = self._endpoints(repository)[-1]
        kind = "manifests" if is_manifest else "blobs"
        url = f"{endpoint.url}/v2/{endpoint.repository}/{kind}/{digest}"

        def ask(endpoint: Endpoint) -> bool:
            headers = _ACCEPT if is_manifest else {}
            with self._session(endpoint).open(
                "HEAD", url, endpoint.repository, headers=headers, statuses=(200, 404)
            ) as response:
                return response.status_code == 200

        return self._patiently(ask, endpoint)

    def manifest(
        self,
        image: Reference,
        size: int | None = None,
        *,
        check: Callable[[bytes, str | None], object] = parse,
    ) -> Content:
        """The manifest or index that a digest names or, without one, a tag points at.

        `size` in bytes, where it is known, is required of the body. `check` raises for the body
        and the type that a tag must not lead to.
        """

        def fetch(endpoint: Endpoint) -> Content:
            session, url = self._session(endpoint), _manifest_url(endpoint, image)
            with session.open("GET", url, endpoint.repository, headers=_ACCEPT) as response:
                content = _read_manifest(response, image.digest, size, session.patience)
                if image.digest is None:
                    # By tag nothing else tells a mirror's manifest from a mirror's error page.
                    check(content.data, content.content_type)
                return content

        return self._first(image, lambda endpoint: self._patiently(fetch, endpoint))

    def blob(self, repository: Reference, digest: Digest, size: int | None, sink: Sink) -> None:
        """Write a blob to `sink`, a file that can be truncated.

        `size` in bytes, where it is known, is required of it. Raises as above; then what `sink`
        holds is of no use.
        """
        self.complete(repository, Download(digest, size, sink))

    def complete(self, repository: Reference, download: Download) -> None:
        """Fetch what is missing of a download; raises as above."""
        kept = download.received

        def fetch(endpoint: Endpoint) -> None:
            if download.received != kept:
                # Nothing is kept of what a place sent that failed: it may be what was wrong there.
                download.restart()
            try:
                Transfer(self._session(endpoint), endpoint, download, say=self._say).run()
            except WrongContent:
                download.restart()
                raise

        self._first(repository, fetch)

    def small_blob(self, repository: Reference, digest: Digest, size: int) -> bytes:
        """A blob that fits into memory, such as a config."""
        sink = BytesIO()
        self.blob(repository, digest, size, sink)
        return sink.getvalue()

    def tags(self, repository: Reference) -> list[str]:
        """All tags of a repository, in the registry's order."""

        def fetch(endpoint: Endpoint) -> list[str]:
            return list_tags(self._session(endpoint), endpoint)

        return self._first(repository, lambda endpoint: self._patiently(fetch, endpoint))

    def _first(self, image: Reference, fetch: Callable[[Endpoint], T]) -> T:
        """What `fetch` gives for the first place that has it."""
        *mirrors, registry = self._endpoints(image)
        for mirror in mirrors:
            try:
                return fetch(mirror)
            except NixfetchError as error:
                self._say(f"{error.cause}; trying the next place")
        return fetch(registry)

    def _patiently(self, fetch: Callable[[Endpoint], T], endpoint: Endpoint) -> T:
        transport = self._transport
        return retry(
            lambda: fetch(endpoint), transport.patience, say=self._say, sleep=transport.pause
        )

    def _session(self, endpoint: Endpoint) -> Session:
        with self._lock:
            if endpoint.url not in self._sessions:
                self._sessions[endpoint.url] = self._new_session(endpoint)
            return self._sessions[endpoint.url]


def _manifest_url(endpoint: Endpoint, image: Reference) -> str:
    return f"{endpoint.url}/v2/{endpoint.repository}/manifests/{image.digest or image.tag}"


def _read_manifest(
    response: httpx.Response, digest: Digest | None, size: int | None, patience: Patience
) -> Content:
    limit = MANIFEST_LIMIT if size is None else min(size, MANIFEST_LIMIT)
    data = read(response, limit, patience)
    if len(data) > limit:
        raise WrongContent(
            f"the manifest is larger than {limit} bytes", hint="no manifest of an image is"
        )
    sent = response.headers.get("docker-content-digest")
    # By tag the header is all there is to compare with, and some registries send none.
    expected = digest or (Digest.parse(sent) if sent else Digest.of(data))
    download = Download(expected, size, BytesIO())
    download.take([data])
    download.finish(was_all="content-length" in response.headers)
    return Content(digest=expected, content_type=response.headers.get("content-type"), data=data)
