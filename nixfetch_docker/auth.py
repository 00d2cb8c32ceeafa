"""The Bearer token handshake of registries, without any I/O of its own.

https://distribution.github.io/distribution/spec/auth/token/
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field

import httpx

from .challenge import Challenge, parse_challenges
from .transport import RegistryError, display

# What clients assume where a token server does not say, and the least that they believe.
_TOKEN_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response, read: what the handshake is fed with."""

    status: int
    headers: httpx.Headers
    body: bytes


Handshake = Generator[httpx.Request, Answer, None]


@dataclass(slots=True)
class _Grant:
    """The token for one scope; the lock makes threads that want the same one ask once."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    token: str | None = None
    expires: float = 0.0

    def authorize(self, request: httpx.Request) -> str | None:
        """Put the token, which is returned, on `request`; without one, leave it anonymous."""
        if self.token is not None:
            request.headers["Authorization"] = f"Bearer {self.token}"
        return self.token


class Authenticator:
    """Answers the challenges of one registry, and remembers its tokens by scope."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._challenge: Challenge | None = None
        self._grants: dict[str, _Grant] = {}
        self._lock = threading.Lock()

    def handshake(self, wanted: httpx.Request, scope: str) -> Handshake:
        """Yield the requests to send, `wanted` among them, and take the answers to them.

        Ends after an answer to `wanted` that is final, be it a refusal. Raises
        `RegistryError` where the token server fails.
        """
        grant = self._grant(scope)
        if self._challenge is not None:
            # The registry is known to want tokens: asking first saves the round trip of a 401.
            yield from self._renew(grant, self._challenge, wanted.url, scope)
        sent = grant.authorize(wanted)
        answer = yield wanted
        if answer.status != 401:
            return
        challenges = parse_challenges(answer.headers.get_list("www-authenticate"))
        bearer = next((one for one in challenges if one.scheme == "bearer"), None)
        if bearer is None:
            return
        self._challenge = bearer
        scope = bearer.parameters.get("scope", scope)
        yield from self._renew(grant, bearer, wanted.url, scope, refused=sent)
        grant.authorize(wanted)
        yield wanted

    def _grant(self, scope: str) -> _Grant:
        with self._lock:
            return self._grants.setdefault(scope, _Grant())

    def _renew(
        self,
        grant: _Grant,
        challenge: Challenge,
        url: httpx.URL,
        scope: str,
        *,
        refused: str | None = None,
    ) -> Handshake:
        """Fetch a token, unless the grant has a fresh one that is not the one just `refused`."""
        with grant.lock:
            fresh = grant.token is not None and grant.expires > self._clock()
            if fresh and grant.token != refused:
                return
            realm = _realm(challenge, url)
            query = {"scope": scope}
            if service := challenge.parameters.get("service"):
                query["service"] = service
            request = httpx.Request("GET", realm.copy_merge_params(query))
            answer = yield request
            grant.token, seconds = _read_token(answer, request)
            grant.expires = self._clock() + seconds


def _realm(challenge: Challenge, url: httpx.URL) -> httpx.URL:
    """The token server's URL; a relative one starts from the URL that was refused."""
    text = challenge.parameters.get("realm", "")
    try:
        realm = url.join(text)
    except httpx.InvalidURL:
        realm = httpx.URL("")
    downgraded = url.scheme == "https" and realm.scheme != "https"
    if not text or realm.scheme not in ("https", "http") or not realm.host or downgraded:
        raise RegistryError(
            f"the registry sends us to {text!r} for a token, which is no place to go",
            hint="tell the registry's operator",
        )
    return realm


def _read_token(answer: Answer, request: httpx.Request) -> tuple[str, float]:
    where = f"GET {display(request.url)}"
    if answer.status != 200:
        raise RegistryError(
            f"{where}: the token server answered {answer.status}",
            hint="does the image exist, and is it public?",
        )
    try:
        fields = json.loads(answer.body)
    except ValueError:
        fields = None
    if not isinstance(fields, Mapping):
        raise RegistryError(f"{where}: the token server's answer is not a JSON object")
    # `access_token` is OAuth 2's name for it, which some servers send alone.
    token = fields.get("token") or fields.get("access_token")
    if not isinstance(token, str) or not token.isascii() or not token.isprintable():
        raise RegistryError(f"{where}: the token server's answer holds no token")
    seconds = fields.get("expires_in")
    if not isinstance(seconds, int | float):
        seconds = 0
    return token, max(float(seconds), _TOKEN_SECONDS)
