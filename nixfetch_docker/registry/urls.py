"""URLs that answers name: redirects, token servers, further pages.

A registry may name other hosts, but not make this program ask hosts that it alone can reach: a
cloud's metadata service, or a service on this machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..base.redact import quote
from ..base.values import replace
from ..errors import RegistryError
from .url import InvalidUrl, Url

# Longer than any URL of a request: two names of at most 255 characters, and a digest.
_LONGEST = 700

Resolve = Callable[[str], Iterable[str]]


def resolve(host: str) -> list[str]:
    """The IP addresses of a host; none where its name does not resolve here."""
    import socket

    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        # Behind a proxy names need not resolve. Elsewhere connecting fails with a better message.
        return []
    return [str(address[4][0]) for address in found]


def follow(source: Url, location: str, *, resolve: Resolve = resolve) -> Url:
    """The URL that `location`, absolute or relative to `source`, names.

    Raises `RegistryError` where it is not safe to follow: from HTTPS to another protocol, or to
    this machine or a link-local address, unless `source` is there itself.
    """
    try:
        target = source.join(location)
    except InvalidUrl:
        raise _unsafe(quote(location.partition("?")[0])) from None
    if target.scheme not in {"https", source.scheme}:
        raise _unsafe(display(target))
    if target.host != source.host:
        near = _near(target.host, resolve)
        if near and not near <= _near(source.host, resolve):
            raise _unsafe(display(target))
    return target


def _near(host: str, resolve: Resolve) -> set[str]:
    """The kinds of private addresses that a host has."""
    import ipaddress

    kinds = set()
    for text in resolve(host):
        address = ipaddress.ip_address(text.partition("%")[0])
        mapped = getattr(address, "ipv4_mapped", None) or address
        if mapped.is_loopback or mapped.is_unspecified:
            kinds.add("this machine")
        elif mapped.is_link_local:
            kinds.add("its link")
    return kinds


def _unsafe(where: str) -> RegistryError:
    return RegistryError(
        f"it sends us to {where}, which is not safe to follow", hint="tell the registry's operator"
    )


def display(url: Url) -> str:
    """The text of `url` for messages: bounded, and without its query, which may have secrets."""
    text = str(replace(url, query=None))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
