"""The pull half of the distribution spec: manifests and blobs, verified.

https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pull
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass

import httpx

from .auth import Answer, Authenticator
from .blobs import verify
from .digest import Digest
from .endpoint import base_url
from .errors import NixfetchError
from .images import RegistrySettings
from .manifest import ACCEPTED_TYPES
from .reference import Reference
from .refusal import refusal
from .transport import RegistryError, Transport, display

# The size that the distribution spec lets registries limit manifests to, and all do.
MANIFEST_LIMIT = 4 * 1024 * 1024
_ANSWER_LIMIT = 64 * 1024
_REDIRECTS = 5
_REDIRECT_STATUSES = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A manifest or an index as the registry has it: its bytes and what they are said to be."""

    digest: Digest
    content_type: str | None
    data: bytes


class Registries:
    """All registries of one run. Safe to use from several threads.

    Every method raises `RegistryError` where a registry refuses or cannot be reached, and
    `WrongContent` for bytes that are not those asked for.
    """

    def __init__(self, settings: Mapping[str, RegistrySettings], transport: Transport) -> None:
        self._settings = settings
        self._transport = transport
        self._registries: dict[str, _Registry] = {}
        self._lock = threading.Lock()

    def digest(self, image: Reference) -> Digest | None:
        """What the tag points at, by one HEAD request; None where the registry does not say."""
        request = self._manifest_request("HEAD", image)
        with self._of(image).open(request, image) as response:
            sent = response.headers.get("docker-content-digest")
            return Digest.parse(sent) if response.status_code == 200 and sent else None

    def manifest(self, image: Reference, size: int | None = None) -> Content:
        """The manifest or index that a digest names or, without one, a tag points at.

        `size` in bytes, where it is known, is required of the body.
        """
        request = self._manifest_request("GET", image)
        with self._of(image).open(request, image) as response:
            _require_ok(request, response)
            limit = MANIFEST_LIMIT if size is None else min(size, MANIFEST_LIMIT)
            data = _read(response, limit)
            if len(data) > limit:
                raise RegistryError(
                    f"{request.method} {display(request.url)}: the manifest is larger than "
                    f"{limit} bytes"
                )
            sent = response.headers.get("docker-content-digest")
            content_type = response.headers.get("content-type")
        try:
            # By tag the header is all there is to compare with, and some registries send none.
            expected = image.digest or (Digest.parse(sent) if sent else Digest.of(data))
            data = b"".join(verify([data], expected, len(data) if size is None else size))
        except NixfetchError as error:
            raise error.at(f"{request.method} {display(request.url)}") from None
        return Content(digest=expected, content_type=content_type, data=data)

    @contextmanager
    def blob(self, repository: Reference, digest: Digest, size: int) -> Iterator[Iterator[bytes]]:
        """The bytes of a blob of `size` bytes, in pieces that are verified as they are read.

        Only once the iterator has ended without an error are they all there and right.
        """
        registry = self._of(repository)
        request = registry.request("GET", f"{repository.repository}/blobs/{digest}")
        with registry.open(request, repository) as response:
            _require_ok(request, response)
            try:
                yield verify(response.iter_raw(), digest, size)
            except NixfetchError as error:
                raise error.at(f"{request.method} {display(request.url)}") from None

    def _manifest_request(self, method: str, image: Reference) -> httpx.Request:
        what = f"{image.repository}/manifests/{image.digest or image.tag}"
        return self._of(image).request(method, what, accept=ACCEPTED_TYPES)

    def _of(self, image: Reference) -> _Registry:
        with self._lock:
            if image.registry not in self._registries:
                settings = self._settings.get(image.registry, RegistrySettings())
                url = base_url(image.registry, settings)
                self._registries[image.registry] = _Registry(url, self._transport)
            return self._registries[image.registry]


class _Registry:
    """One registry: authenticates, follows redirects."""

    def __init__(self, url: str, transport: Transport) -> None:
        self._url = url
        self._transport = transport
        self._authenticator = Authenticator()

    def request(self, method: str, path: str, accept: tuple[str, ...] = ()) -> httpx.Request:
        headers = {"Accept": ", ".join(accept)} if accept else {}
        return httpx.Request(method, f"{self._url}/v2/{path}", headers=headers)

    @contextmanager
    def open(self, wanted: httpx.Request, image: Reference) -> Iterator[httpx.Response]:
        """Authenticate as the registry asks and yield the final response, its body not yet read."""
        scope = f"repository:{image.repository}:pull"
        # Closed at once on an error: a handshake may hold the lock of a token.
        with closing(self._authenticator.handshake(wanted, scope)) as handshake:
            request = next(handshake)
            while True:
                with self._send(request) as response:
                    # A challenge from where a redirect led is not the registry's.
                    challenged = response.status_code == 401 and response.request is wanted
                    if request is wanted and not challenged:
                        yield response
                        return
                    answer = Answer(
                        status=response.status_code,
                        headers=response.headers,
                        body=_read(response, _ANSWER_LIMIT),
                    )
                try:
                    request = handshake.send(answer)
                except StopIteration:
                    raise refusal(wanted, answer.status, answer.body) from None

    @contextmanager
    def _send(self, request: httpx.Request) -> Iterator[httpx.Response]:
        """Follow redirects, as registries answer with for blobs that lie elsewhere."""
        for _ in range(_REDIRECTS + 1):
            with self._transport.open(request) as response:
                target = _redirect(response)
                if target is None:
                    yield response
                    return
            request = _redirected(request, target)
        raise RegistryError(f"{request.method} {display(request.url)}: too many redirects")


def _redirect(response: httpx.Response) -> httpx.URL | None:
    """Where a response sends its reader, if it does."""
    location = response.headers.get("location")
    if response.status_code not in _REDIRECT_STATUSES or not location:
        return None
    source = response.request.url
    try:
        target = source.join(location)
    except httpx.InvalidURL:
        target = httpx.URL("")
    if target.scheme not in ("https", source.scheme) or not target.host:
        raise RegistryError(
            f"{response.request.method} {display(source)}: it redirects to "
            f"{display(target) or 'nowhere'}, which is not safe",
            hint="tell the registry's operator",
        )
    return target


def _redirected(request: httpx.Request, target: httpx.URL) -> httpx.Request:
    """The same request for another URL; what authorizes it stays behind at another host."""
    kept = {"accept", "authorization"} if _origin(target) == _origin(request.url) else {"accept"}
    headers = {name: value for name, value in request.headers.items() if name in kept}
    return httpx.Request(request.method, target, headers=headers)


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _require_ok(request: httpx.Request, response: httpx.Response) -> None:
    if response.status_code != 200:
        body = b"" if request.method == "HEAD" else _read(response, _ANSWER_LIMIT)
        raise refusal(request, response.status_code, body)


def _read(response: httpx.Response, limit: int) -> bytes:
    """The body, cut off soon after `limit` bytes."""
    data = bytearray()
    for chunk in response.iter_raw():
        data += chunk
        if len(data) > limit:
            break
    return bytes(data)
