"""One repository at one endpoint: at the registry itself, or at a mirror."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager

import httpx

from ..endpoints.endpoint import Endpoint
from .session import Session
from .transport import Transport


class Repository:
    """The requests for one repository at one endpoint. Safe to use from several threads."""

    def __init__(self, transport: Transport, session: Session, endpoint: Endpoint) -> None:
        """`session` is the one with the endpoint's registry."""
        self.patience = transport.patience
        self.pause = transport.pause
        self._session = session
        self._name = endpoint.repository
        self._url = f"{endpoint.url}/v2/{endpoint.repository}"

    def url(self, path: str) -> str:
        """The URL of a `path` below the repository, such as `tags/list`."""
        return f"{self._url}/{path}"

    def open(
        self,
        method: str,
        url: str | httpx.URL,
        *,
        headers: Mapping[str, str] | None = None,
        statuses: Collection[int] = (200,),
    ) -> AbstractContextManager[httpx.Response]:
        """Ask for `url` as `Session.open` does, and raise what it raises."""
        return self._session.open(method, url, self._name, headers=headers, statuses=statuses)
