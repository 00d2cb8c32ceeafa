"""Authentication for a `FaultRegistry`: Bearer tokens and their token server, and Basic.

https://distribution.github.io/distribution/spec/auth/token/ and oauth/
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from itertools import count
from urllib.parse import parse_qs

from .answers import error_reply
from .messages import Recorded, Reply

SERVICE = "fault.test"
# Gets a request and the scope that it needs, if any; returns a refusal, or None.
Guard = Callable[[Recorded, str | None], Reply | None]


class Tokens:
    """The tokens of one realm: a new one for each request, valid for its scopes until revoked."""

    def __init__(
        self,
        realm: str,
        *,
        require_basic: tuple[str, str] | None = None,
        refresh_token: str | None = None,
        response: Callable[[str], object] | None = None,
        challenge: Callable[[str], Sequence[str]] | None = None,
    ) -> None:
        self.realm = realm
        self.scopes: list[str] = []  # of every token granted, several joined with a space
        self._granted: dict[str, str] = {}
        self._numbers = count(1)
        self._basic = require_basic
        self._refresh_token = refresh_token
        self._response = response
        self._challenge = challenge or (lambda usual: [usual])

    def grant(self, request: Recorded) -> Reply:
        """The reply of the token server to a GET, or to a POST of OAuth 2."""
        post = request.method == "POST"
        fields = parse_qs(request.body.decode()) if post else request.query
        if not (self._knows_form(fields) if post else self._knows_header(request)):
            return error_reply(401, "UNAUTHORIZED", "incorrect username or password")
        token = f"token-{next(self._numbers)}"
        scopes = " ".join(fields.get("scope", []))
        self._granted[token] = scopes
        self.scopes.append(scopes)
        document: object = {"access_token" if post else "token": token, "expires_in": 300}
        if self._response is not None:
            document = self._response(token)
        return Reply.of(200, json.dumps(document).encode(), {"Content-Type": "application/json"})

    def guard(self, request: Recorded, scope: str | None) -> Reply | None:
        """A reply with a challenge, unless the request has a token for `scope`."""
        kind, _, token = (request.headers.get("Authorization") or "").partition(" ")
        granted = self._granted.get(token) if kind.lower() == "bearer" else None
        if granted is not None and (scope is None or _covers(granted, scope)):
            return None
        usual = f'Bearer realm="{self.realm}",service="{SERVICE}"'
        if scope is not None:
            usual += f',scope="{scope}"'
        if kind:
            usual += f',error="{"invalid_token" if granted is None else "insufficient_scope"}"'
        return _unauthorized(self._challenge(usual))

    def revoke(self) -> None:
        """Refuse all tokens that were granted so far."""
        self._granted.clear()

    def _knows_header(self, request: Recorded) -> bool:
        return self._basic is None or request.headers.get("Authorization") == basic(*self._basic)

    def _knows_form(self, fields: dict[str, list[str]]) -> bool:
        match fields:
            case {"grant_type": ["refresh_token"], "refresh_token": [token]}:
                return token == self._refresh_token
            case {"grant_type": ["password"], "username": [user], "password": [password]}:
                return (user, password) == self._basic
            case _:
                return False


def basic_guard(user: str, password: str) -> Guard:
    """A guard that requires Basic authentication of every request."""
    challenge = ['Basic realm="fault", charset="UTF-8"']

    def guard(request: Recorded, _: str | None) -> Reply | None:
        known = request.headers.get("Authorization") == basic(user, password)
        return None if known else _unauthorized(challenge)

    return guard


def basic(user: str, password: str) -> str:
    """The value of the header Authorization for Basic authentication."""
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def _unauthorized(challenge: Sequence[str]) -> Reply:
    return error_reply(
        401, "UNAUTHORIZED", "authentication required", {"WWW-Authenticate": challenge}
    )


def _covers(granted: str, wanted: str) -> bool:
    """Whether a granted scope has the resource of the wanted scope, and its one action."""
    resource, _, action = wanted.rpartition(":")
    scopes = (scope.rpartition(":") for scope in granted.split())
    return any(one == resource and action in actions.split(",") for one, _, actions in scopes)
