"""Answers that are at hand, for code that reads what a registry sends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nixfetch_docker.registry.exchange import Headers, Response


class Stored:
    """A body whose pieces are at hand."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._pieces)

    def close(self) -> None:
        """Do nothing."""


def response(
    status: int, pieces: Iterable[bytes] = (), headers: Iterable[tuple[str, str]] = ()
) -> Response:
    """An answer with this body."""
    return Response(status, Headers(headers), Stored(pieces))
