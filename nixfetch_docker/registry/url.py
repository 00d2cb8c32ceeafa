"""URLs of requests, in the one form in which they are sent.

https://www.rfc-editor.org/rfc/rfc3986
"""

from __future__ import annotations

from typing import Self
from urllib.parse import quote, urlencode, urljoin

from ..base.regex import regex
from ..base.values import dataclass, replace

_PORTS = {"http": 80, "https": 443}
_LONGEST = 65536
_PARTS = regex(r"([A-Za-z][A-Za-z0-9+.-]*):(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#.*)?")
_AUTHORITY = regex(r"(?:\[([0-9A-Fa-f:.]+)\]|([^\[\]:]*))(?::([0-9]{0,5}))?")
_IPV4 = regex(r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+")
_NAME = regex(r"[A-Za-z0-9._~!$&'()*+,;=%-]+")
# A signature may cover the escapes, so that only what cannot be sent at all is escaped.
_KEPT_IN_PATH = "/%:@!$&'()*+,;=~|[]^\\"
_KEPT_IN_QUERY = f"{_KEPT_IN_PATH}?`{{}}"


class InvalidUrl(ValueError):
    """A text that is no URL of a host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Url:
    """An absolute URL, without a login and without a fragment, which are never sent.

    `scheme` and `host` are in lower case, an IPv6 address without its brackets, and a name in the
    ASCII form of DNS. `port` is None for the usual one. `path` and `query` have their escapes.
    """

    scheme: str
    host: str
    port: int | None = None
    path: str = ""
    query: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a URL; a login and a fragment are left out, and missing escapes put in.

        Raises `InvalidUrl`.
        """
        if len(text) > _LONGEST:
            raise InvalidUrl("it is too long")
        if not text.isprintable():
            for letter in text:
                if letter.isascii() and not letter.isprintable():
                    raise InvalidUrl(f"it has the character {letter!r}")
        parts = _PARTS.fullmatch(text)
        if parts is None:
            raise InvalidUrl("it has no scheme")
        scheme, authority, path, query = parts.groups()
        scheme = scheme.lower()
        host, port = _host_and_port((authority or "").rpartition("@")[2])
        return cls(
            scheme=scheme,
            host=host,
            port=None if port == _PORTS.get(scheme) else port,
            path=quote(_without_dots(path), safe=_KEPT_IN_PATH),
            query=None if query is None else quote(query, safe=_KEPT_IN_QUERY),
        )

    @property
    def netloc(self) -> str:
        """The host, in brackets for an IPv6 address, and the port where it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"

    @property
    def origin(self) -> tuple[str, str]:
        """What connections and logins belong to: the scheme, host and port."""
        return self.scheme, self.netloc

    @property
    def port_number(self) -> int:
        """The port, also where it is the usual one of the scheme, which is http or https."""
        return _PORTS[self.scheme] if self.port is None else self.port

    @property
    def target(self) -> str:
        """The path and query, as a request line has them."""
        return f"{self.path or '/'}{self._query}"

    @property
    def _query(self) -> str:
        return "" if self.query is None else f"?{self.query}"

    def join(self, location: str) -> Url:
        """The URL that `location`, absolute or relative to this one, names; raises `InvalidUrl`."""
        try:
            return Url.parse(urljoin(str(self), location))
        except ValueError as error:
            raise InvalidUrl(str(error)) from None

    def with_parameter(self, name: str, value: object) -> Url:
        """The URL with one parameter more."""
        return self.with_query(urlencode({name: value}))

    def with_query(self, more: str) -> Url:
        """The URL with `more`, which is encoded, at the end of its query."""
        return replace(self, query=f"{self.query}&{more}" if self.query else more)

    def at_host_of(self, other: Url) -> Url:
        """The path and query of this URL at the scheme, host and port of another."""
        return replace(other, path=self.path, query=self.query)

    def __str__(self) -> str:
        return f"{self.scheme}://{self.netloc}{self.path}{self._query}"


def _host_and_port(authority: str) -> tuple[str, int | None]:
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None:
        raise InvalidUrl("its host or its port is not valid")
    address, name, port_text = parts.groups()
    port = int(port_text) if port_text else None
    if port is not None and not port < 65536:
        raise InvalidUrl("its port is not valid")
    if address is not None:
        return _checked_address(address), port
    if not name:
        raise InvalidUrl("it has no host")
    return _ascii(name), port


def _checked_address(text: str) -> str:
    import ipaddress

    try:
        ipaddress.ip_address(text)
    except ValueError as error:
        raise InvalidUrl(f"its host is not valid ({error})") from None
    return text.lower()


def _ascii(name: str) -> str:
    """A name in the ASCII form of DNS (https://www.rfc-editor.org/rfc/rfc5891)."""
    name = name.lower()
    if name.isascii() and not _NAME.fullmatch(name):
        raise InvalidUrl("its host is not valid")
    if _IPV4.fullmatch(name):
        return _checked_address(name)
    if name.isascii() and "xn--" not in name:
        return name
    import idna

    try:
        return idna.encode(name).decode("ascii")
    except idna.IDNAError as error:
        raise InvalidUrl(f"its host is not valid ({error})") from None


def _without_dots(path: str) -> str:
    """A path without the segments "." and ".." (RFC 3986, section 5.2.4)."""
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            del kept[max(len(kept) - 1, 1) :]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/".join(kept)
