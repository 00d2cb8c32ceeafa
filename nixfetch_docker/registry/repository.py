"""One repository at one endpoint: at the registry itself, or at a mirror."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from urllib.parse import urlencode

from ..base.regex import regex
from ..endpoints.endpoint import Endpoint
from .exchange import Response
from .session import Session
from .transport import Transport
from .url import Url

_HAS_NAMESPACE = regex(r"[?&]ns=")


class Repository:
    """The requests for one repository at one endpoint. Safe to use from several threads."""

    def __init__(self, transport: Transport, session: Session, endpoint: Endpoint) -> None:
        """`session` is the one with the endpoint's registry."""
        self.patience = transport.patience
        self.pause = transport.pause
        self._session = session
        self._name = endpoint.repository
        self._namespace = endpoint.namespace
        self._url = f"{endpoint.url}/v2/{endpoint.repository}"

    def url(self, path: str) -> str:
        """The URL of a `path` below the repository, such as `tags/list`."""
        return f"{self._url}/{path}"

    def open(
        self,
        method: str,
        url: str | Url,
        *,
        headers: Mapping[str, str] | None = None,
        statuses: Collection[int] = (200,),
    ) -> AbstractContextManager[Response]:
        """Ask for `url` as `Session.open` does; raises the same errors."""
        asked = self._to_mirror(str(url))
        return self._session.open(method, asked, self._name, headers=headers, statuses=statuses)

    def _to_mirror(self, url: str) -> str:
        """`url` with the registry's name in it, where the endpoint is a mirror.

        Mirrors of several registries, such as Spegel, tell them apart by it; others ignore it.
        containerd sends it to all mirrors. A redirect's target does not get it.
        https://github.com/containerd/containerd/blob/main/docs/hosts.md#registry-host-namespace
        https://github.com/opencontainers/distribution-spec/blob/main/spec.md#registry-proxying
        """
        if not self._namespace or _HAS_NAMESPACE.search(url):
            return url
        return f"{url}{'&' if '?' in url else '?'}{urlencode({'ns': self._namespace})}"
