"""The HTTP messages of a `FaultServer`: requests as received, replies as to be sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from http.client import responses
from urllib.parse import parse_qs, urlsplit

# New values of header fields: a sequence makes several lines, None removes the field.
Fields = Mapping[str, str | Sequence[str] | None]


class Headers:
    """Header fields in order; names match in any case, and may occur several times."""

    def __init__(self, fields: Iterable[tuple[str, str]] = ()) -> None:
        self._fields = list(fields)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._fields)

    def __contains__(self, name: str) -> bool:
        return bool(self.all(name))

    def __getitem__(self, name: str) -> str:
        return self.all(name)[0]

    def get(self, name: str) -> str | None:
        """The first value of a field, or None."""
        return next(iter(self.all(name)), None)

    def all(self, name: str) -> list[str]:
        """All values of a field."""
        return [value for one, value in self._fields if one.lower() == name.lower()]

    def changed(self, fields: Fields) -> Headers:
        """A copy with `fields` replaced, added or removed."""
        names = {name.lower() for name in fields}
        kept = [(name, value) for name, value in self._fields if name.lower() not in names]
        for name, values in fields.items():
            lines = [values] if isinstance(values, str) else values or ()
            kept += [(name, value) for value in lines]
        return Headers(kept)


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A request as received; `connection` is the number of its connection, from 1."""

    method: str
    path: str
    headers: Headers
    body: bytes
    connection: int

    @property
    def route(self) -> str:
        """The path without its query."""
        return self.path.partition("?")[0]

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.path).query, keep_blank_values=True)

    def changed(self, fields: Fields) -> Recorded:
        return replace(self, headers=self.headers.changed(fields))


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A response to be sent. Its Content-Length is a field like any other, and may be wrong."""

    status: int
    headers: Headers
    body: bytes

    @classmethod
    def of(cls, status: int, body: bytes = b"", headers: Fields | None = None) -> Reply:
        fields = Headers([("Content-Length", str(len(body)))]).changed(headers or {})
        return cls(status=status, headers=fields, body=body)

    def changed(self, fields: Fields) -> Reply:
        return replace(self, headers=self.headers.changed(fields))

    @property
    def head(self) -> bytes:
        start = f"HTTP/1.1 {self.status} {responses.get(self.status, 'Unknown')}"
        lines = [start, *(f"{name}: {value}" for name, value in self.headers), "", ""]
        return "\r\n".join(lines).encode("latin-1")
