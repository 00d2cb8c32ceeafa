"""Errors for requests that failed: no answer, a part of one, or a refusal.

Each is one line with a hint.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from ..base.redact import literal, quote
from ..base.regex import regex
from ..base.request_line import request_line
from ..errors import (
    DeniedError,
    LocalNetworkError,
    NotFoundError,
    RegistryError,
    TransientError,
)
from .exchange import (
    ConnectFailed,
    ConnectTimedOut,
    EndlessHead,
    ExchangeError,
    Headers,
    OtherProtocol,
    ProxyRefused,
    Request,
    TimedOut,
)
from .retry import read_retry_after
from .url import Url
from .urls import display

# A pattern of OpenSSL's message, the error in plain words, and a hint; the first match counts.
_TLS = tuple(
    (regex(pattern), what, hint)
    for pattern, what, hint in (
        (
            "WRONG_VERSION_NUMBER|RECORD_LAYER_FAILURE",
            "it does not speak TLS",
            'if plain HTTP is meant, set plain-http = true under [registries."{host}"]',
        ),
        (
            "CERTIFICATE_VERIFY_FAILED.*(expired|not yet valid)",
            "its certificate is not valid now ({text})",
            "is this machine's clock right? If it is, tell the registry's operator",
        ),
        (
            "CERTIFICATE_VERIFY_FAILED.*mismatch",
            "its certificate is another host's ({text})",
            "is the registry's name right?",
        ),
        (
            "CERTIFICATE_VERIFY_FAILED",
            "its certificate is not trusted ({text})",
            'set ca-file under [registries."{host}"], or name its CA in SSL_CERT_FILE',
        ),
        (
            "CERTIFICATE_REQUIRED",
            "it wants a client certificate",
            'set client-certificate and client-key under [registries."{host}"]',
        ),
        (
            "ALERT_(CERTIFICATE_|UNKNOWN_CA|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE)",
            "it refuses our client certificate ({text})",
            'set another client-certificate and client-key under [registries."{host}"]',
        ),
    )
)
_UNKNOWN_NAME = regex("Name or service not known|nodename nor servname")
_NO_RESOLVER = "name resolution"
_PROXY_HINT = "check HTTPS_PROXY and HTTP_PROXY"

_CLASSES = {401: DeniedError, 403: DeniedError}
_TRANSIENT = {408, 429, 500, 502, 503, 504}
# Each takes time in proportion to the text: a tag ends where another begins.
_TITLE = regex(r"<title\b[^<>]*+>", re.IGNORECASE)
_TITLE_END = regex(r"</title\b", re.IGNORECASE)
_TAG = regex(r"<[^<>]*+>")
# Python reads no integer of more than 4300 digits, nor does `html.unescape`.
_LONG_NUMBER = regex(r"(&#[xX]?)0*+(?:[0-9A-Fa-f]{9,}+)?")
_TEXT_LIMIT = 16 * 1024
# Go's net/http answers "… to an HTTPS server", and nginx "… was sent to HTTPS port".
_WANTS_TLS = regex(r"HTTP request (was sent )?to (an )?HTTPS ", re.IGNORECASE)

# For a repository that does not exist Docker Hub answers 401 and ghcr 403, as for a private one.
_NOT_ALLOWED = (
    "does the image exist, and is its name right? If it is private, log in with docker login "
    "or podman login"
)
_NO_CONTENT = (
    "check the repository and the digest; where a lock has them, the registry has deleted it: run "
    "`nixfetch-docker update`"
)
LIMITED = "the registry limits how often it is asked; try again later"
_HINTS = {
    401: _NOT_ALLOWED,
    403: _NOT_ALLOWED,
    404: "check the name and the tag",
    408: "try again later",
    429: "the registry limits how often it is asked; log in for a higher limit, or try again later",
}


def explain(
    error: ExchangeError | UnicodeError,
    request: Request,
    proxy: Url | None,
    *,
    secrets: Collection[str] = (),
) -> RegistryError:
    """The error for a request without an answer, or with a part of one.

    It is a `TransientError` where trying again may help. `proxy` is the proxy that the request
    went through. The error quotes an answer without the `secrets` in it.
    """
    text = quote(str(error), secrets) or type(error).__name__
    host = request.url.netloc
    explained = (
        _of_tls(text, host)
        or _of_the_proxy(error, text, proxy)
        or _of_connecting(error, text)
        or _of_the_protocol(error, host, secrets)
        or _of_the_connection(error, text)
    )
    return explained.at(_named(request))


def conceal(error: BaseException, secrets: Collection[str]) -> None:
    """Quote the texts of an error and of its causes, which a traceback shows."""
    cause: BaseException | None = error
    while cause is not None:
        cause.args = tuple(
            quote(str(value), secrets) if isinstance(value, str | Exception) else value
            for value in cause.args
        )
        cause = cause.__cause__ or cause.__context__


def _of_tls(text: str, host: str) -> RegistryError | None:
    for pattern, what, hint in _TLS:
        if pattern.search(text):
            return RegistryError(what.format(text=text), hint=hint.format(host=host))
    return None


def _of_the_proxy(error: Exception, text: str, proxy: Url | None) -> RegistryError | None:
    if isinstance(error, ProxyRefused):
        return LocalNetworkError(f"the proxy refuses ({text})", hint=_PROXY_HINT)
    if proxy is not None and isinstance(error, ConnectFailed | ConnectTimedOut):
        what = f"cannot connect by the proxy {display(proxy)} ({text})"
        return LocalNetworkError(what, hint=_PROXY_HINT)
    return None


def _of_connecting(error: Exception, text: str) -> RegistryError | None:
    if isinstance(error, ConnectTimedOut):
        return TransientError(text, hint="is the registry up?")
    if isinstance(error, UnicodeError) or _UNKNOWN_NAME.search(text):
        return RegistryError("its name does not resolve", hint="is the registry's name right?")
    if _NO_RESOLVER in text:
        what = f"its name cannot be resolved now ({text})"
        return LocalNetworkError(what, hint="is there a network, and does DNS work?")
    if isinstance(error, ConnectFailed):
        hint = "is the registry's name right, and is it up?"
        return RegistryError(f"cannot connect ({text})", hint=hint)
    return None


def _of_the_protocol(error: Exception, host: str, secrets: Collection[str]) -> RegistryError | None:
    if not isinstance(error, OtherProtocol):
        return None
    if error.speaks_tls:
        return RegistryError("it speaks TLS", hint=_speaks_tls(host))
    what = f"it does not answer in HTTP/1.1, but begins with {literal(str(error), secrets)}"
    return TransientError(what, hint="is the registry's name right, and its port?")


def _speaks_tls(host: str) -> str:
    return f'set plain-http = false under [registries."{host}"]'


def _of_the_connection(error: Exception, text: str) -> RegistryError:
    if isinstance(error, EndlessHead):
        return RegistryError(text, hint="tell the registry's operator")
    if isinstance(error, TimedOut):
        return TransientError(text, hint="try again later")
    what = f"the connection broke off ({text})"
    return TransientError(what, hint="try again")


def refusal(
    request: Request,
    status: int,
    headers: Headers,
    body: bytes,
    secrets: Collection[str] = (),
) -> RegistryError:
    """The error for an answer whose status says that the request failed.

    It is a `DeniedError` for 401 and 403, a `NotFoundError` for 404, and a `TransientError` where
    trying again may help.
    `body` may be cut off. The error quotes it without the `secrets` in it.
    """
    said = _explanation(body, secrets)
    what = f"{_named(request)} answered {status}"
    what = f"{what} ({said})" if said else what
    hint = _HINTS.get(
        status, "the registry is in trouble; try again later" if status >= 500 else ""
    )
    if status == 400 and request.url.scheme == "http" and _WANTS_TLS.search(said):
        host = request.url.netloc
        hint = f"it speaks TLS; {_speaks_tls(host)}"
    if status == 404:
        # Of a path, digests alone have a colon: no repository and no tag has one.
        missing = NotFoundError(what, hint=_NO_CONTENT if ":" in request.url.path else hint)
        missing.is_of_repository = said.startswith("NAME_UNKNOWN")
        return missing
    if status in _TRANSIENT:
        retry_after = read_retry_after(headers.get("retry-after"))
        return TransientError(what, hint=hint, retry_after=retry_after)
    return _CLASSES.get(status, RegistryError)(what, hint=hint)


def _named(request: Request) -> str:
    return request_line(request.method, display(request.url))


def _explanation(body: bytes, secrets: Collection[str]) -> str:
    """The explanation in a body: an error's code and message, a page's title, or a line of text.

    https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#error-codes
    """
    import json

    text = body[:_TEXT_LIMIT].decode("utf-8", "replace")
    try:
        # Not by `strict_json`: text for a message may be ambiguous, and an error must not fail.
        document = json.loads(body)
    except (ValueError, RecursionError):
        import html

        page = _LONG_NUMBER.sub(r"\1", _title(text) or _TAG.sub(" ", text))
        return quote(html.unescape(page), secrets, is_cut=True)
    errors = document.get("errors") if isinstance(document, Mapping) else None
    first = errors[0] if isinstance(errors, list) and errors else document
    if not isinstance(first, Mapping):
        return ""
    # `error` and `error_description` are a token server's (RFC 6749, section 5.2).
    keys = ("code", "message", "details", "error", "error_description")
    words = [word for key in keys if isinstance(word := first.get(key), str)]
    return quote(": ".join(filter(None, words)), secrets)


def _title(text: str) -> str:
    """The title of an HTML page, or ""."""
    start = _TITLE.search(text)
    end = _TITLE_END.search(text, start.end()) if start is not None else None
    return text[start.end() : end.start()] if start is not None and end is not None else ""
