"""Where an answer may send us: redirects, token servers, further pages.

A registry is trusted to name other hosts, not to make us ask hosts that only we can reach: a
cloud's metadata service, or what listens on this machine.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable

import httpx

from ..errors import RegistryError

# Longer than any URL that we make: two names of 255 characters at most, and a digest.
_LONGEST = 700

Resolve = Callable[[str], Iterable[str]]


def resolve(host: str) -> list[str]:
    """The addresses of a host; none where the name does not resolve here."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        # Behind a proxy names need not resolve; where they must, connecting will say so.
        return []
    return [str(address[4][0]) for address in found]


def follow(source: httpx.URL, location: str, *, resolve: Resolve = resolve) -> httpx.URL:
    """The URL that `location`, absolute or relative, names from `source`.

    Raises `RegistryError` where nobody should go: away from HTTPS, to another protocol, or to
    this machine and its link-local neighbours, unless `source` is there itself.
    """
    try:
        target = source.join(location).copy_with(userinfo=b"", fragment=None)
        host = target.host
    except (httpx.InvalidURL, ValueError):
        target, host = httpx.URL(""), ""
    if not host or target.scheme not in {"https", source.scheme}:
        raise _unsafe(target)
    if host != source.host:
        near = _near(host, resolve)
        if near and not near <= _near(source.host, resolve):
            raise _unsafe(target)
    return target


def _near(host: str, resolve: Resolve) -> set[str]:
    """Which of the neighbourhoods that only we can reach a host is in."""
    kinds = set()
    for text in resolve(host):
        address = ipaddress.ip_address(text.partition("%")[0])
        mapped = getattr(address, "ipv4_mapped", None) or address
        if mapped.is_loopback or mapped.is_unspecified:
            kinds.add("this machine")
        elif mapped.is_link_local:
            kinds.add("its link")
    return kinds


def _unsafe(target: httpx.URL) -> RegistryError:
    where = display(target) or "nowhere"
    return RegistryError(
        f"it sends us to {where}, which is not safe to follow", hint="tell the registry's operator"
    )


def display(url: httpx.URL) -> str:
    """`url` fit for a message: bounded, and without its query, which may hold secrets."""
    text = str(url.copy_with(query=None, fragment=None, userinfo=b""))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
