"""What it means when no answer comes, or only a part of one."""

from __future__ import annotations

import re

import httpx

from ..base.redact import quote
from ..errors import RegistryError, TransientError
from .retry import Patience
from .urls import display

# What OpenSSL says, and what it means to a person; the first that is found counts.
_TLS = tuple(
    (re.compile(sign), what, hint)
    for sign, what, hint in (
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
_UNKNOWN_NAME = re.compile("Name or service not known|nodename nor servname")
_NO_RESOLVER = "name resolution"
_PROXY_HINT = "check HTTPS_PROXY and HTTP_PROXY"


def explain(
    error: httpx.HTTPError | UnicodeError,
    request: httpx.Request,
    patience: Patience,
    received: int,
    proxy: httpx.URL | None,
) -> RegistryError:
    """The error for a request that failed after `received` bytes of its answer.

    A `TransientError` where trying again may help. `proxy` is the one it went through.
    """
    text = quote(str(error)) or type(error).__name__
    host = request.url.netloc.decode("ascii")
    explained = (
        _of_tls(text, host)
        or _of_the_proxy(error, text, proxy)
        or _of_connecting(error, text, patience)
        or _of_the_connection(error, text, patience, received)
    )
    return explained.at(f"{request.method} {display(request.url)}")


def _of_tls(text: str, host: str) -> RegistryError | None:
    for sign, what, hint in _TLS:
        if sign.search(text):
            return RegistryError(what.format(text=text), hint=hint.format(host=host))
    return None


def _of_the_proxy(error: Exception, text: str, proxy: httpx.URL | None) -> RegistryError | None:
    if isinstance(error, httpx.ProxyError):
        return RegistryError(f"the proxy refuses ({text})", hint=_PROXY_HINT)
    if proxy is not None and isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        what = f"cannot connect by the proxy {display(proxy)} ({text})"
        return RegistryError(what, hint=_PROXY_HINT)
    return None


def _of_connecting(error: Exception, text: str, patience: Patience) -> RegistryError | None:
    if isinstance(error, httpx.ConnectTimeout):
        what = f"no connection within {patience.connect:.0f} s"
        return TransientError(what, hint="is the registry up?")
    if isinstance(error, UnicodeError) or _UNKNOWN_NAME.search(text):
        return RegistryError("its name does not resolve", hint="is the registry's name right?")
    if _NO_RESOLVER in text:
        what = f"its name cannot be resolved now ({text})"
        return RegistryError(what, hint="is there a network, and does DNS work?")
    if isinstance(error, httpx.ConnectError):
        hint = "is the registry's name right, and is it up?"
        return RegistryError(f"cannot connect ({text})", hint=hint)
    return None


def _of_the_connection(
    error: Exception, text: str, patience: Patience, received: int
) -> TransientError:
    if isinstance(error, httpx.TimeoutException):
        what = f"silent for {patience.silence:.0f} s"
        return TransientError(what, hint="try again later", received=received)
    what = f"the connection broke off ({text})"
    return TransientError(what, hint="try again", received=received)
