"""The proxy for a request, by the variables of the environment.

No standard defines these variables. The rules are Go's, which docker, podman and skopeo follow,
with two of curl's: `ALL_PROXY`, and lower case before upper case.
https://pkg.go.dev/golang.org/x/net/http/httpproxy and
https://curl.se/docs/manpage.html#ENVIRONMENT
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address
from typing import Self
from urllib.parse import urlsplit

from ..base.regex import regex
from ..base.values import dataclass
from ..errors import NixfetchError

_PORTS = {"http": "80", "https": "443"}
_PROXY_SCHEMES = ("http", "https", "socks5", "socks5h")
_SCHEME = regex(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_UNPRINTABLE = regex(r"[\s\x00-\x1f\x7f]")
_LONGEST_LABEL = 63
_SEPARATORS = regex(r"[,\s]+")


class InvalidProxy(NixfetchError):
    """An environment variable whose value is not the URL of a proxy.

    The error does not show the value, which may have a password in it.
    """


def proxy_for(
    scheme: str, host: str, port: int | None, environment: Mapping[str, str]
) -> str | None:
    """The URL of the proxy for a request to `scheme://host:port`, or None for a direct one.

    `port` is None for the scheme's default. An empty variable counts as unset. Raises
    `InvalidProxy` where the variable that applies is not the URL of an http, https or socks5 proxy.
    """
    scheme = scheme.lower()
    if scheme not in _PORTS:
        return None
    variable = _variable(scheme, environment)
    if variable is None:
        return None
    target = _Target.parse(host, _PORTS[scheme] if port is None else str(port))
    if target.is_loopback or _is_exempt(target, environment):
        return None
    return _proxy_url(environment[variable].strip(), variable)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """A request's target, to compare with `NO_PROXY`: a host's name or address, and a port."""

    name: str
    address: IPv4Address | IPv6Address | None
    port: str

    @classmethod
    def parse(cls, host: str, port: str) -> Self:
        """The target for a URL's host, with or without brackets; any text is accepted."""
        host = host.strip().removeprefix("[").removesuffix("]").removesuffix(".")
        return cls(name=_ascii(host.lower()), address=_address(host), port=port)

    @property
    def is_loopback(self) -> bool:
        """Whether the host is this machine. A proxy would take the name for its own machine."""
        return self.name == "localhost" or (self.address is not None and self.address.is_loopback)


def _variable(scheme: str, environment: Mapping[str, str]) -> str | None:
    for name in (f"{scheme}_proxy", "all_proxy"):
        for spelling in (name, name.upper()):
            # A CGI server sets HTTP_PROXY from a client's header "Proxy:" (https://httpoxy.org).
            if spelling == "HTTP_PROXY" and environment.get("REQUEST_METHOD"):
                continue
            if environment.get(spelling, "").strip():
                return spelling
    return None


def _proxy_url(text: str, variable: str) -> str:
    scheme = _SCHEME.match(text)
    if scheme and scheme[1].lower() not in _PROXY_SCHEMES:
        known = ", ".join(f"{known}://" for known in _PROXY_SCHEMES)
        raise InvalidProxy(
            f"a proxy cannot have the scheme {scheme[1]}://", hint=f"use one of {known}"
        ).at(variable)
    url = text if scheme else f"http://{text}"
    found = None if _UNPRINTABLE.search(url) else _with_ascii_host(url)
    if found is None:
        raise InvalidProxy(
            "its value is not the URL of a proxy", hint="write it as http://host:port"
        ).at(variable)
    return found


def _with_ascii_host(url: str) -> str | None:
    """A URL with its host in the ASCII form of DNS.

    None where it has no host, one that DNS cannot have, or a port that is none.
    """
    try:
        parts = urlsplit(url)
        # A "/", "?" or "#" in a password ends the host early: the rest would be shown as a path.
        rest = parts.path + parts.query + parts.fragment
        if not parts.hostname or parts.port == 0 or "@" in rest:
            return None
        host = _ascii(parts.hostname)
        if not host.isascii() or not _has_labels(host):
            return None
        if parts.netloc.isascii():
            return url
        login, at, _ = parts.netloc.rpartition("@")
        port = f":{parts.port}" if parts.port is not None else ""
        return parts._replace(netloc=f"{login}{at}{host}{port}").geturl()
    except ValueError:
        return None


def _has_labels(host: str) -> bool:
    """Whether a host is an address, or a name with labels as long as RFC 1035 has them."""
    return _address(host) is not None or all(
        0 < len(label) <= _LONGEST_LABEL for label in host.removesuffix(".").split(".")
    )


def _is_exempt(target: _Target, environment: Mapping[str, str]) -> bool:
    text = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
    return any(_covers(entry, target) for entry in _SEPARATORS.split(text.lower()))


def _covers(entry: str, target: _Target) -> bool:
    """Whether an entry of `NO_PROXY`, in lower case, covers the target.

    A malformed entry covers nothing.
    """
    if entry == "*":
        return True
    if "/" in entry:
        return _in_network(target, entry)
    host, port = _split_port(entry)
    if port not in {"", target.port}:
        return False
    address = _address(host)
    if address is not None or target.address is not None:
        # A name never covers an address: the zone in fe80::1%.example.com is not a domain.
        return address == target.address
    return _in_domain(target.name, host)


def _in_network(target: _Target, entry: str) -> bool:
    try:
        network = ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return False
    return target.address is not None and target.address in network


def _in_domain(name: str, pattern: str) -> bool:
    domain = _ascii(pattern.removeprefix("*").removeprefix(".").removesuffix("."))
    if not domain:
        return False
    # `.example.com` covers example.com itself, as for curl. For Go it covers subdomains alone.
    is_domain = name == domain and not pattern.startswith("*")
    return is_domain or name.endswith(f".{domain}")


def _split_port(entry: str) -> tuple[str, str]:
    """The host and the port of `host[:port]` or `[address][:port]`; "" without a port."""
    if entry.startswith("["):
        host, _, rest = entry[1:].partition("]")
        return (host, rest[1:]) if rest[:1] in {"", ":"} else ("", "")
    if entry.count(":") == 1:
        host, _, port = entry.partition(":")
        return host, port
    return entry, ""


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """The IP address in `text`, without its zone, or None; IPv4 mapped to IPv6 is IPv4."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _ascii(name: str) -> str:
    """A host name in the ASCII form of DNS, or unchanged where it has none (RFC 3490)."""
    if name.isascii():
        return name
    try:
        return name.encode("idna").decode()
    except UnicodeError:
        return name
