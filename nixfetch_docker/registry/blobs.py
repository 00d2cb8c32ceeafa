"""One blob from one place: resumed where it breaks off, tried again where it comes out wrong."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import httpx

from ..endpoints.endpoint import Endpoint
from ..errors import TransientError, WrongContent
from .body import steady
from .download import Download, continues
from .encoding import gunzip
from .retry import retry
from .session import Session


class Transfer:
    """Completes one download from one endpoint."""

    def __init__(
        self,
        session: Session,
        endpoint: Endpoint,
        download: Download,
        *,
        say: Callable[[str], None],
    ) -> None:
        """`say` is told of every wait."""
        self._session = session
        self._repository = endpoint.repository
        self._url = f"{endpoint.url}/v2/{endpoint.repository}/blobs/{download.digest}"
        self._download = download
        self._say = say
        self._was_encoded = False

    def run(self) -> None:
        """Fetch all that is missing.

        Raises `RegistryError` where the registry refuses or fails for longer than is bearable, and
        `WrongContent` where it sends other bytes than those asked for, also when asked again.
        """
        try:
            self._attempt()
        except WrongContent:
            # A layer that is gzip is often sent with a Content-Encoding that says so, and is right
            # as it is; only where it is not may the encoding be one that was put on top.
            self._download.restart()
            if self._was_encoded:
                with suppress(WrongContent):
                    self._attempt(decode=True)
                    return
                self._download.restart()
            self._attempt()

    def _attempt(self, *, decode: bool = False) -> None:
        """Fetch what is missing, with as many requests as patience allows."""
        furthest = self._download.received

        def proceed() -> None:
            nonlocal furthest
            try:
                self._request(decode=decode)
            except TransientError as error:
                # What was thrown away and comes again is no progress.
                error.received = max(self._download.received - furthest, 0)
                furthest = max(self._download.received, furthest)
                raise

        session = self._session
        retry(proceed, session.patience, say=self._say, sleep=session.pause)

    def _request(self, *, decode: bool) -> None:
        """Send one request for all that is missing."""
        download = self._download
        if download.received and decode:
            # Ranges count the bytes of the encoding.
            download.restart()
        headers = {}
        if download.received and download.is_whole:
            download.finish()
            return
        if download.received:
            # From the registry's own URL each time: the one it redirects to may have expired.
            headers["Range"] = f"bytes={download.received}-"
        with self._session.open(
            "GET", self._url, self._repository, headers=headers, statuses=(200, 206, 416)
        ) as response:
            _check_range(response, download)
            encoding = response.headers.get("content-encoding", "identity")
            self._was_encoded = encoding != "identity"
            chunks = steady(response.iter_raw(), self._session.patience)
            download.take(gunzip(chunks, download.limit) if decode else chunks)
            download.finish(was_all=self._was_encoded or "content-length" in response.headers)


def _check_range(response: httpx.Response, download: Download) -> None:
    """Make sure that the body goes on where `download` is, or begins it anew."""
    if response.status_code == 200:
        # Not everybody serves ranges.
        download.restart()
    elif response.status_code == 416 or not continues(
        response.headers.get("content-range"), download.received, download.size
    ):
        download.restart()
        raise TransientError("it sends another range than was asked for", hint="try again")
