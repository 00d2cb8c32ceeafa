"""Targets of the room registry/: answers, and the headers that are parsed on their own."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path

from fuzz.forms import Answer, answers
from fuzz.text import said
from support.exchange import response

from nixfetch_docker.endpoints.configuration import RegistryConfiguration
from nixfetch_docker.endpoints.endpoint import Endpoint
from nixfetch_docker.endpoints.registries_conf import RegistriesConf
from nixfetch_docker.endpoints.settings import RegistrySettings
from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.logins.login import Login
from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.oci.image import Image
from nixfetch_docker.oci.reference import Reference, is_tag
from nixfetch_docker.registry.body import decode
from nixfetch_docker.registry.challenge import parse_challenges
from nixfetch_docker.registry.client import Client
from nixfetch_docker.registry.download import continues
from nixfetch_docker.registry.exchange import (
    ConnectFailed,
    ExchangeError,
    Headers,
    Request,
    Response,
)
from nixfetch_docker.registry.failures import explain, refusal
from nixfetch_docker.registry.links import next_page
from nixfetch_docker.registry.registries import Registries
from nixfetch_docker.registry.retry import Patience, read_retry_after
from nixfetch_docker.registry.traffic import Traffic
from nixfetch_docker.registry.transport import Transport
from nixfetch_docker.registry.url import Url
from nixfetch_docker.registry.urls import display, follow

_HIDDEN = "correct-horse-battery"
_PATIENCE = Patience(first_pause=0.0, longest_pause=5.0)
# Redirects, tokens and tries for one answer; far fewer than a loop without end would ask for.
_MOST_REQUESTS = 60
_CONFIG = Digest.parse("sha256:" + "0" * 64)
_CONFIGURATION = RegistryConfiguration({}, Path(), {}, RegistriesConf())
_PAGE = Url.parse("https://registry.lab/v2/acme/web/tags/list?n=1")


class _Login:
    """The login of every registry."""

    def find(self, _registry: str, _repository: str) -> Login:
        return Login(username="ann", password=_HIDDEN, source="auth.json")


class _Scripted(Transport):
    """A transport that sends no request: the answers come from a list, and then a 404."""

    def __init__(self, script: list[Answer]) -> None:
        super().__init__(connections=1, environment={}, patience=_PATIENCE)
        self._script = iter(script)
        self.asked: list[Request] = []

    def pause(self, seconds: float) -> None:
        """No waiting, as nothing is waited for."""
        assert 0 <= seconds <= _PATIENCE.longest_pause

    @contextmanager
    def open(self, request: Request, secrets: Collection[str] = ()) -> Iterator[Response]:
        self.asked.append(request)
        assert len(self.asked) <= _MOST_REQUESTS, "asked for ever"
        answer = next(self._script, Answer(status=404, headers=[], body=b""))
        try:
            body = [] if request.method == "HEAD" else [answer.body]
            yield response(answer.status, body, Headers.received(answer.headers).items())
        except (ExchangeError, UnicodeError) as error:
            raise explain(error, request, None, secrets=secrets) from error
        sent = Headers.received(answer.headers).get("ratelimit-remaining", "")
        self.traffic.add(request.url.host, len(answer.body), sent)


def _client(script: list[Answer]) -> tuple[Client, _Scripted]:
    transport = _Scripted(script)

    def endpoints(image: Reference) -> list[Endpoint]:
        return [Endpoint.of_registry(image.registry, image.repository, RegistrySettings())]

    registries = Registries(transport, endpoints, _Login(), notify=_note)
    return Client(registries, _CONFIGURATION, transport.traffic), transport


def _note(line: str) -> None:
    assert _HIDDEN not in line


def _asked(data: bytes, method: str, *arguments: object) -> object:
    """What a client's method makes of these answers; no password goes out in plain HTTP."""
    client, transport = _client(answers(data))
    call = getattr(client, method)
    found: object = said(call, "registry.lab/acme/web:1", *arguments, hidden=_HIDDEN)
    for request in transport.asked:
        assert request.url.scheme == "https" or "authorization" not in request.headers
    return found


def manifest(data: bytes) -> None:
    """An image is what its bytes say, by whichever redirects, tokens and indexes it comes."""
    image = _asked(data, "image")
    platforms = _asked(data, "platforms")
    _asked(data, "manifest")
    _asked(data, "digest")
    _asked(data, "find", _CONFIG)
    if isinstance(image, Image):
        assert Digest.of(image.data) == image.digest
    assert platforms is None or isinstance(platforms, list)


def tag_list(data: bytes) -> None:
    """Tags are tags, each once."""
    tags = _asked(data, "tags")
    if tags is not None:
        assert isinstance(tags, list)
        assert len(set(tags)) == len(tags)
        assert all(map(is_tag, tags))


def blob(data: bytes) -> None:
    """A blob is whole and right, or an error."""
    script = answers(data)
    body = script[-1].body if script else b""
    for size in (len(body), None):
        sink = BytesIO()
        client, _ = _client(script)
        digest = Digest.of(body)
        with suppress(NixfetchError):
            client.blob("registry.lab/acme/web", digest, sink, size=size)
            assert sink.getvalue() == body


def headers(data: bytes) -> None:
    """Each header has its own rule; none takes long, and none makes anything up."""
    lines = data.decode("latin-1").split("\n")[:50]
    for challenge in parse_challenges(lines):
        assert challenge.scheme == challenge.scheme.lower()
    target = said(next_page, lines)
    assert target is None or any(target in line for line in lines)
    for line in lines:
        seconds = read_retry_after(line, now=1.7e9)
        assert seconds is None or 0 <= seconds < 1e12
        continues(line, 5, None)
        assert not continues(line, 5, 5)
        traffic = Traffic()
        traffic.add("registry.lab", 1, line)
        assert all(count >= 0 for count in traffic.remaining.values())
        _followed(line)


def _followed(location: str) -> None:
    """A redirect is to HTTPS, and to no address of this machine or its link."""
    target = said(
        follow,
        _PAGE,
        location,
        resolve=lambda host: ["127.0.0.1" if "local" in host else "192.0.2.1"],
    )
    if target is not None:
        assert target.scheme == "https"
        assert "local" not in target.host
        assert Url.parse(str(target)) == target
        assert len(display(target)) < 800
        assert "?" not in display(target)


def refused(data: bytes) -> None:
    """The explanation of a refusal is one line, without secrets."""
    request = Request.of("GET", _PAGE)
    for answer in answers(data):
        error = refusal(
            request, answer.status, Headers.received(answer.headers), answer.body, {_HIDDEN}
        )
        assert _HIDDEN not in str(error)
        text = answer.body.decode("utf-8", "replace")
        said(_raise, explain(ConnectFailed(text), request, None))
        said(_raise, error)


def _raise(error: NixfetchError) -> None:
    raise error


def body(data: bytes) -> None:
    """A body that begins with gzip's magic number is decoded within limits; others stay."""
    pieces = [data[start : start + 700] for start in range(0, len(data), 700)]
    limit = 1024 * 1024
    size = 0
    for piece in decode(pieces, limit):
        assert len(piece) <= limit
        size += len(piece)
        if size > limit:
            return
    assert data.startswith(b"\x1f\x8b") or size == len(data)


TARGETS = {
    "answers": manifest,
    "tag-list": tag_list,
    "blob": blob,
    "headers": headers,
    "refusal": refused,
    "body": body,
}
