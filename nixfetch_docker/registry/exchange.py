"""One request and its answer over HTTP, whichever way they go.

https://www.rfc-editor.org/rfc/rfc9110#section-6
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol, Self, overload

from ..base.values import dataclass, field
from .url import Url

# A part of a body. It is valid until the next one is asked for, which may come to the same place.
Piece = bytes | memoryview


class Headers:
    """Header fields, in their order; names are compared without regard to case."""

    def __init__(self, fields: Iterable[tuple[str, str]] = ()) -> None:
        self._fields = [(name.lower(), value) for name, value in fields]

    @classmethod
    def received(cls, fields: Iterable[tuple[bytes, bytes]]) -> Self:
        """Header fields as they came; a value that is not UTF-8 is read as ISO 8859-1."""
        return cls((_decoded(name), _decoded(value)) for name, value in fields)

    @overload
    def get(self, name: str) -> str | None: ...

    @overload
    def get(self, name: str, default: str) -> str: ...

    def get(self, name: str, default: str | None = None) -> str | None:
        """The values of all fields of this name, with ", " between them; else `default`."""
        return ", ".join(found) if (found := self.get_list(name)) else default

    def get_list(self, name: str) -> list[str]:
        """The value of each field of this name."""
        return [value for known, value in self._fields if known == name.lower()]

    def items(self) -> list[tuple[str, str]]:
        """All fields, their names in lower case."""
        return list(self._fields)

    def __contains__(self, name: str) -> bool:
        return bool(self.get_list(name))

    def __setitem__(self, name: str, value: str) -> None:
        self._fields = [field for field in self._fields if field[0] != name.lower()]
        self._fields.append((name.lower(), value))


def _decoded(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("iso-8859-1")


@dataclass(slots=True)
class Request:
    """A request that may be sent several times, with more headers each time."""

    method: str
    url: Url
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""

    @classmethod
    def of(
        cls, method: str, url: Url, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Self:
        """A request with some headers of its own."""
        return cls(method, url, Headers((headers or {}).items()), body)


class Body(Protocol):
    """The body of an answer, while it comes."""

    def __iter__(self) -> Iterator[Piece]:
        """All pieces; raises `ExchangeError`."""

    def close(self) -> None:
        """Give the connection back, or close it where the body has not ended."""


class Response:
    """An answer whose head has come."""

    def __init__(self, status: int, headers: Headers, body: Body) -> None:
        self.status = status
        self.headers = headers
        self.received = 0
        self.body = body

    def pieces(self) -> Iterator[Piece]:
        """The body in pieces, as it was sent; `received` counts its bytes.

        Raises `ExchangeError` where it breaks off.
        """
        for piece in self.body:
            self.received += len(piece)
            yield piece

    def close(self) -> None:
        """End with the body, however much of it has come."""
        self.body.close()


class ExchangeError(Exception):
    """A request without an answer, or with a part of one."""


class ConnectFailed(ExchangeError):
    """A connection that cannot be made."""


class ConnectTimedOut(ExchangeError):
    """A connection that has not been made in its time."""


class ProxyRefused(ExchangeError):
    """A proxy that does not connect."""


class TimedOut(ExchangeError):
    """An answer, or the next part of it, that has not come in its time."""


class BrokenOff(ExchangeError):
    """A connection that ended early, or an answer that breaks the rules of HTTP."""


class OtherProtocol(ExchangeError):
    """An answer in another protocol than HTTP/1.1. `speaks_tls` where it is an alert of TLS."""

    def __init__(self, beginning: bytes) -> None:
        # https://www.rfc-editor.org/rfc/rfc8446#section-5.1
        self.speaks_tls = beginning.startswith(b"\x15\x03")
        super().__init__("".join(map(chr, beginning[:64])))


class EndlessHead(BrokenOff):
    """A head of an answer that does not end in its time, or within its bytes.

    Informational answers before it are a part of it.
    """
