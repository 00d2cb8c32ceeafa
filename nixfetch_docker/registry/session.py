"""Requests to one registry, with authentication and redirects."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from ..base.redact import quote
from ..base.request_line import request_line
from ..errors import DeniedError, NixfetchError, NotFoundError, RegistryError, TransientError
from .auth import Answer, Authenticator
from .body import read, read_refusal
from .exchange import Request, Response
from .failures import LIMITED, refusal
from .transport import Transport
from .url import InvalidUrl, Url
from .urls import display, follow

if TYPE_CHECKING:
    from ..logins.login import Login

_ANSWER_LIMIT = 64 * 1024
_REDIRECTS = 5
# Each host has connections of its own, which stay open.
_HOSTS_LIMIT = 200
# Each token is remembered, to be struck from messages. In characters.
_SECRETS_LIMIT = 32 * 1024 * 1024
_OPERATOR = "tell the registry's operator"
_REDIRECT_STATUSES = {301, 302, 303, 307, 308}
_KEPT_HEADERS = {"accept", "range"}


class Session:
    """The requests to one registry and the hosts it names. Safe to use from several threads."""

    def __init__(
        self, transport: Transport, url: str, find_login: Callable[[str], Login | None]
    ) -> None:
        """`find_login` gives the login for a repository; the host of `url` alone gets it."""
        self._transport = transport
        self._patience = transport.patience
        self._origin = _parsed(url, "GET").origin
        self._authenticators = {self._origin: Authenticator(find_login)}
        # All secrets that were sent: no message may have them, even where a server repeats them.
        self._secrets: frozenset[str] = frozenset()
        self._lock = threading.Lock()

    @contextmanager
    def open(
        self,
        method: str,
        url: str | Url,
        repository: str,
        *,
        headers: Mapping[str, str] | None = None,
        statuses: Collection[int] = (200,),
    ) -> Iterator[Response]:
        """Ask for `url` and yield the answer, its body not read yet; its status is in `statuses`.

        Raises `RegistryError` for other statuses, and for a redirect that is not safe to follow.
        The errors of the block get the request's method and URL as their place. No error has a
        secret that was sent.
        """
        try:
            with self._followed(method, url, repository, headers, statuses) as response:
                yield response
        except NixfetchError as error:
            if not self._secrets:
                raise
            from ..base.echo import strike_quotations

            # Behind a digest or a header it may be cut, and quoted without knowing the secrets.
            error.what = strike_quotations(error.what, self._secrets)
            error.places = [strike_quotations(place, self._secrets) for place in error.places]
            raise

    @contextmanager
    def _followed(
        self,
        method: str,
        url: str | Url,
        repository: str,
        headers: Mapping[str, str] | None,
        statuses: Collection[int],
    ) -> Iterator[Response]:
        request = _new_request(method, url, headers or {})
        for _ in range(_REDIRECTS + 1):
            with self._authenticated(request, repository) as response:
                location = response.headers.get("location")
                if response.status not in _REDIRECT_STATUSES or not location:
                    if response.status not in statuses:
                        raise self._refused(request, self._answer(response), repository)
                    if method == "HEAD":
                        # The connection is used again only once the empty body is read.
                        read_refusal(response, self._patience)
                    with self._placed(request):
                        yield response
                    return
                read_refusal(response, self._patience)
            with self._placed(request):
                target = follow(request.url, location)
            # Without credentials, as the target is another host.
            kept = {name: value for name, value in request.headers.items() if name in _KEPT_HEADERS}
            request = _new_request(method, target, kept)
        raise RegistryError(f"more than {_REDIRECTS} redirects", hint=_OPERATOR).at(
            request_line(request.method, display(request.url))
        )

    @contextmanager
    def _authenticated(self, wanted: Request, repository: str) -> Iterator[Response]:
        """Send `wanted` after the requests that authenticate it; yield its answer, never a 401."""
        # Closed at once on an error, as the handshake may hold the lock of a token.
        handshake = self._authenticator(wanted.url).handshake(wanted, repository)
        with closing(handshake):
            request = next(handshake)
            while True:
                self._remember(request)
                with self._transport.open(request, self._secrets) as response:
                    if request is wanted and response.status != 401:
                        yield response
                        return
                    with self._placed(request):
                        answer = self._answer(response)
                try:
                    request = handshake.send(answer)
                except StopIteration:
                    raise self._refused(wanted, answer, repository) from None

    def _answer(self, response: Response) -> Answer:
        return Answer(
            status=response.status,
            headers=response.headers,
            body=read(response, _ANSWER_LIMIT, self._patience)
            if response.status == 200
            else read_refusal(response, self._patience),
            secrets=self._secrets,
        )

    def _authenticator(self, url: Url) -> Authenticator:
        """The authenticator of a host, which is anonymous for hosts other than the registry."""
        with self._lock:
            if len(self._authenticators) >= _HOSTS_LIMIT and url.origin not in (
                self._authenticators
            ):
                raise RegistryError(
                    f"it has sent us to more than {_HOSTS_LIMIT} hosts",
                    hint=_OPERATOR,
                ).at(request_line("GET", display(url)))
            return self._authenticators.setdefault(url.origin, Authenticator(_no_login))

    def _refused(self, wanted: Request, answer: Answer, repository: str) -> RegistryError:
        error = refusal(wanted, answer.status, answer.headers, answer.body, answer.secrets)
        if wanted.url.origin != self._origin:
            # There are no logins for the target of a redirect, so a hint to log in would mislead.
            if isinstance(error, TransientError):
                error.hint = LIMITED if answer.status == 429 else error.hint
                return error
            kind = NotFoundError if isinstance(error, NotFoundError) else RegistryError
            return kind(error.what)
        login = self._authenticator(wanted.url).find_login(repository)
        was_sent = login is not None and "authorization" in wanted.headers
        if answer.status == 429 and was_sent:
            error.hint = LIMITED
        if isinstance(error, DeniedError) and login is not None and was_sent:
            error.login = login.source
            error.hint = (
                f"the login from {login.source} was sent; is the image's name right? If it is, log "
                "in again, or pass --anonymous for a public image"
            )
        return error

    def _remember(self, request: Request) -> None:
        authorization = request.headers.get("authorization")
        if authorization is None and request.method != "POST":
            return
        from ..base.echo import secrets_of

        sent = secrets_of(authorization or "")
        if request.method == "POST":
            from urllib.parse import parse_qs

            sent |= set(parse_qs(request.body.decode()).get("refresh_token", []))
        if not sent <= self._secrets:
            with self._lock:
                self._secrets |= sent
            if sum(map(len, self._secrets)) > _SECRETS_LIMIT:
                raise RegistryError(
                    "its token server sends new tokens without end", hint=_OPERATOR
                ).at(request_line(request.method, display(request.url)))

    @contextmanager
    def _placed(self, request: Request) -> Iterator[None]:
        try:
            yield
        except NixfetchError as error:
            if not error.places:
                error.at(request_line(request.method, display(request.url)))
            raise


def _new_request(method: str, url: str | Url, headers: Mapping[str, str]) -> Request:
    parsed = _parsed(url, method) if isinstance(url, str) else url
    return Request.of(method, parsed, headers)


def _parsed(url: str, method: str) -> Url:
    try:
        return Url.parse(url)
    except InvalidUrl as error:
        raise RegistryError(
            f"{method} {quote(url)}: this is not a valid URL ({quote(str(error))})",
            hint="is the registry's name right?",
        ) from None


def _no_login(_repository: str) -> None:
    return None
