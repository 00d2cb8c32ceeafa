"""Authentication at registries, without I/O of its own.

Bearer tokens: https://distribution.github.io/distribution/spec/auth/token/ and
https://distribution.github.io/distribution/spec/auth/oauth/;
Basic: https://www.rfc-editor.org/rfc/rfc7617
"""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from ..base.redact import literal
from ..base.regex import regex
from ..base.request_line import request_line
from ..base.values import dataclass, field
from ..errors import DeniedError, NotFoundError, RegistryError
from .challenge import Challenge, parse_challenges
from .exchange import Headers, Request
from .failures import LIMITED, refusal
from .url import Url
from .urls import Resolve, display, follow, resolve

if TYPE_CHECKING:
    from ..logins.login import Login

# The token spec: a token without `expires_in` lasts 60 seconds, and none should last less.
_TOKEN_SECONDS = 60.0
_TOKEN = regex(r"[!-~]+")
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_OPERATOR = "tell the registry's operator"
_LONGEST_SECONDS = 24 * 3600.0
# Of one host. A name of a scope is a repository's, of at most 255 characters, or several of them.
_SCOPE_LIMIT = 4096
_GRANTS_LIMIT = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response with its body, as a handshake receives it. No message may have its `secrets`."""

    status: int
    headers: Headers
    body: bytes
    secrets: frozenset[str] = frozenset()


Handshake = Generator[Request, Answer, None]


@dataclass(slots=True)
class _Grant:
    """The token for one scope. The lock lets one thread fetch it while others wait for it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    token: str | None = None
    expires: float = 0.0


class Authenticator:
    """Answers the challenges of one host, and remembers its tokens by scope.

    `find_login` gives the login for a repository there, or None. It is called only after the host
    has sent a challenge. Safe to use from several threads.
    """

    def __init__(
        self,
        find_login: Callable[[str], Login | None],
        *,
        clock: Callable[[], float] = time.monotonic,
        resolve: Resolve = resolve,
    ) -> None:
        self.find_login = find_login
        self._clock = clock
        self._resolve = resolve
        self._challenge: Challenge | None = None
        # The host's own names, by the usual name of a scope.
        self._scopes: dict[str, str] = {}
        self._grants: dict[str, _Grant] = {}
        self._lock = threading.Lock()

    def handshake(self, wanted: Request, repository: str) -> Handshake:
        """Yield the requests to send, `wanted` among them, and receive their answers.

        Ends after the final answer to `wanted`, which may be a refusal. Raises `RegistryError`
        where the token server refuses or fails.
        """
        usual = f"repository:{repository}:pull"
        scope = self._scopes.get(usual, usual)
        fresh = widened = False
        if self._challenge is not None:
            # The host has sent this challenge before. Without an answer to it comes another 401.
            fresh = yield from self._authorize(wanted, self._challenge, repository, scope)
        while True:
            refused = wanted.headers.get("Authorization")
            answer = yield wanted
            challenge = _choose(answer) if answer.status == 401 else None
            if challenge is None:
                return
            self._challenge = challenge
            asked, scope = scope, challenge.parameters.get("scope") or scope
            if len(scope) > _SCOPE_LIMIT:
                raise RegistryError(
                    f"its challenge names a scope of more than {_SCOPE_LIMIT} characters",
                    hint=_OPERATOR,
                ).at(request_line(wanted.method, display(wanted.url)))
            wider = challenge.parameters.get("error") == "insufficient_scope" and scope != asked
            # A token made for this very request is not made again, except once for a wider scope.
            if fresh and (widened or not wider):
                return
            widened = wider
            self._scopes[usual] = scope
            yield from self._authorize(wanted, challenge, repository, scope, refused=refused)
            if wanted.headers.get("Authorization") == refused:
                return
            fresh = True

    def _authorize(
        self,
        wanted: Request,
        challenge: Challenge,
        repository: str,
        scope: str,
        *,
        refused: str | None = None,
    ) -> Generator[Request, Answer, bool]:
        """Answer the challenge in a header of `wanted`; returns whether by more than memory."""
        login = self.find_login(repository)
        if challenge.scheme == "basic":
            if login is not None and login.password:
                wanted.headers["Authorization"] = _basic(login)
            return True
        if login is not None and login.registry_token:
            wanted.headers["Authorization"] = f"Bearer {login.registry_token}"
            return True
        grant = self._grant(scope)
        with grant.lock:
            held = grant.token is not None and grant.expires > self._clock()
            fetch = not held or f"Bearer {grant.token}" == refused
            if fetch:
                realm = _realm(challenge, wanted.url, self._resolve)
                token, seconds = yield from _fetch_token(realm, challenge, scope, login)
                grant.token, grant.expires = token, self._clock() + seconds
            wanted.headers["Authorization"] = f"Bearer {grant.token}"
        return fetch

    def _grant(self, scope: str) -> _Grant:
        with self._lock:
            if len(self._grants) >= _GRANTS_LIMIT and scope not in self._grants:
                # Tokens that are still needed are fetched again.
                self._grants.clear()
            return self._grants.setdefault(scope, _Grant())


def _choose(answer: Answer) -> Challenge | None:
    """The challenge to answer: Bearer before Basic, as a token exposes less than a password."""
    challenges = parse_challenges(answer.headers.get_list("www-authenticate"))
    bearer = [one for one in challenges if one.scheme == "bearer"]
    basic = [one for one in challenges if one.scheme == "basic"]
    usable = [one for one in bearer if _names_url(one)]
    return next(iter([*usable, *basic, *bearer]), None)


def _names_url(challenge: Challenge) -> bool:
    """Whether the realm is a URL: some registries write their own name there."""
    realm = challenge.parameters.get("realm", "")
    return "://" in realm or realm.startswith(("/", "."))


def _realm(challenge: Challenge, url: Url, resolve: Resolve) -> Url:
    """The token server's URL, which may be relative to the URL that was refused."""
    text = challenge.parameters.get("realm", "")
    if not _names_url(challenge):
        what = "its challenge names no token server"
        what = f"{what}: its realm is {literal(text)}, not a URL" if text else what
        raise RegistryError(what, hint=_OPERATOR).at(request_line("GET", display(url)))
    try:
        return follow(url, text, resolve=resolve)
    except RegistryError as error:
        raise error.at("for a token").at(request_line("GET", display(url))) from None


def _fetch_token(
    realm: Url, challenge: Challenge, scope: str, login: Login | None
) -> Generator[Request, Answer, tuple[str, float]]:
    # A challenge lists several scopes with spaces. Each becomes a parameter of its own.
    query = [("scope", one) for one in scope.split()]
    if service := challenge.parameters.get("service"):
        query.append(("service", service))
    if login is not None and login.identity_token:
        form = {"grant_type": "refresh_token", "refresh_token": login.identity_token}
        form |= {"client_id": "nixfetch-docker", "scope": scope, "service": service or ""}
        request = Request.of("POST", realm, _FORM, urlencode(form).encode())
        answer = yield request
        # A server without POST takes the token as a password.
        if answer.status not in {404, 405}:
            return _read_token(answer, request, login)
    request = Request.of("GET", realm.with_query(urlencode(query)))
    if login is not None:
        request.headers["Authorization"] = _basic(login)
    answer = yield request
    return _read_token(answer, request, login)


def _basic(login: Login) -> str:
    pair = f"{login.username}:{login.password or login.identity_token}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def _read_token(answer: Answer, request: Request, login: Login | None) -> tuple[str, float]:
    where = request_line(request.method, display(request.url))
    if answer.status in {400, 401, 403} and login is not None:
        denied = DeniedError(
            f"the token server answered {answer.status}: it refuses the login from {login.source}",
            hint="log in again, or pass --anonymous for a public image",
        )
        denied.login = login.source
        raise denied.at(where)
    if answer.status != 200:
        error = refusal(request, answer.status, answer.headers, answer.body, answer.secrets)
        if isinstance(error, NotFoundError):
            # It is the realm that is not there, not the image.
            error = RegistryError(error.what, hint=_OPERATOR)
        elif answer.status == 429 and login is not None:
            error.hint = LIMITED
        raise error.at("the token server")
    from ..base import strict_json

    try:
        # A token server may repeat a key: only its token counts, which the registry checks.
        fields = strict_json.parse(answer.body, allow_duplicates_in_unread=True)
    except strict_json.InvalidJson:
        fields = None
    if not isinstance(fields, Mapping):
        raise RegistryError("the token server's answer is not a JSON object", hint=_OPERATOR).at(
            where
        )
    # Some servers send the token under OAuth 2's name alone.
    token = fields.get("token") or fields.get("access_token")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise RegistryError("the token server's answer holds no token", hint=_OPERATOR).at(where)
    seconds = fields.get("expires_in")
    if not isinstance(seconds, int | float) or not seconds > _TOKEN_SECONDS:
        seconds = _TOKEN_SECONDS
    return token, float(min(seconds, _LONGEST_SECONDS))
