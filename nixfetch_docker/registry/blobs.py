"""One blob from one endpoint, resumed after a break and fetched again where it is wrong.

https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pulling-blobs
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from ..errors import TransientError, WrongContent
from .body import gunzip, steady
from .download import Download, continues
from .exchange import Response
from .repository import Repository
from .retry import retry


class Transfer:
    """The transfer of a download's missing bytes from one endpoint."""

    def __init__(
        self,
        repository: Repository,
        download: Download,
        *,
        notify: Callable[[str], None],
    ) -> None:
        """`notify` gets a line for every wait."""
        self._repository = repository
        self._url = repository.url(f"blobs/{download.digest}")
        self._download = download
        self._notify = notify
        self._was_encoded = False

    def run(self) -> None:
        """Fetch all missing bytes.

        Raises `RegistryError` where the registry refuses or patience with its failures ends, and
        `WrongContent` where it sends wrong bytes a second time.
        """
        try:
            self._attempt()
        except WrongContent:
            # Some servers send a gzip layer as it is, with a Content-Encoding of gzip, so bytes are
            # not decoded at first. Where they are wrong, they may be encoded in truth.
            self._download.restart()
            if self._was_encoded:
                with suppress(WrongContent):
                    self._attempt(decode=True)
                    return
                self._download.restart()
            self._attempt()

    def _attempt(self, *, decode: bool = False) -> None:
        """Fetch the missing bytes, with as many requests as patience allows."""
        furthest = self._download.received

        def proceed(repository: Repository) -> None:
            nonlocal furthest
            try:
                self._request(repository, decode=decode)
            except TransientError as error:
                # Bytes that were thrown away and come again are no progress.
                error.kept = max(self._download.received - furthest, 0)
                furthest = max(self._download.received, furthest)
                raise

        retry(proceed, self._repository, notify=self._notify)

    def _request(self, repository: Repository, *, decode: bool) -> None:
        """Send one request for all missing bytes."""
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
        with repository.open(
            "GET", self._url, headers=headers, statuses=(200, 206, 416)
        ) as response:
            _check_range(response, download)
            encoding = response.headers.get("content-encoding", "identity")
            self._was_encoded = encoding != "identity"
            chunks = steady(response.pieces(), repository.patience)
            download.take(gunzip(chunks, download.limit) if decode else chunks)
            download.finish(was_all=self._was_encoded or "content-length" in response.headers)


def _check_range(response: Response, download: Download) -> None:
    """Restart the download unless the body continues it, or raise `TransientError`."""
    if response.status == 200:
        # A server may ignore Range (RFC 9110, section 14.2).
        download.restart()
    elif response.status == 416 or not continues(
        response.headers.get("content-range"), download.received, download.size
    ):
        download.restart()
        raise TransientError("it sends another range than the one asked for", hint="try again")
