"""Requests, header fields and answers as values."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nixfetch_docker.registry.exchange import Headers, OtherProtocol, Request, Response
from nixfetch_docker.registry.url import Url

URL = Url.parse("https://lab/v2/")


class Pieces:
    """A body that came in these pieces."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = pieces
        self.is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.pieces)

    def close(self) -> None:
        self.is_closed = True


def test_names_of_headers_have_no_case() -> None:
    headers = Headers([("Link", "<a>"), ("X", ""), ("LINK", "<b>")])
    assert headers.get("link") == headers.get("LiNK") == "<a>, <b>"
    assert headers.get_list("Link") == ["<a>", "<b>"]
    assert headers.items() == [("link", "<a>"), ("x", ""), ("link", "<b>")]
    assert ("x" in headers, "X" in headers, "y" in headers) == (True, True, False)
    assert (headers.get("X"), headers.get("Y"), headers.get("Y", "z")) == ("", None, "z")


def test_a_header_is_set_in_place_of_all_of_its_name() -> None:
    headers = Headers([("A", "1"), ("B", "2"), ("a", "3")])
    headers["a"] = "4"
    assert headers.items() == [("b", "2"), ("a", "4")]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        pytest.param(b"ascii", "ascii", id="ASCII"),
        pytest.param("é".encode(), "é", id="UTF-8"),
        pytest.param(b"\xe9", "é", id="ISO 8859-1"),
    ],
)
def test_a_header_is_read_in_its_encoding(data: bytes, text: str) -> None:
    assert Headers.received([(b"X-" + data, data)]).items() == [(f"x-{text}", text)]


def test_a_request_has_headers_and_a_body_of_its_own() -> None:
    plain = Request.of("GET", URL)
    assert (plain.method, plain.url, plain.headers.items(), plain.body) == ("GET", URL, [], b"")
    full = Request.of("POST", URL, {"Accept": "x"}, b"body")
    assert (full.headers.items(), full.body) == ([("accept", "x")], b"body")


def test_an_answer_counts_the_bytes_that_came() -> None:
    body = Pieces(b"ab", b"", b"cde")
    response = Response(200, Headers(), body)
    assert response.received == 0
    assert [(piece, response.received) for piece in response.pieces()] == [
        (b"ab", 2),
        (b"", 2),
        (b"cde", 5),
    ]
    assert not body.is_closed
    response.close()
    assert body.is_closed


@pytest.mark.parametrize(
    ("beginning", "text", "speaks_tls"),
    [
        pytest.param(b"SSH-2.0\r\n\xff", "SSH-2.0\r\n\xff", False, id="ssh"),
        pytest.param(b"\x15\x03\x01", "\x15\x03\x01", True, id="an alert of TLS"),
        pytest.param(b"\x15\x02" + b"x" * 63, "\x15\x02" + "x" * 62, False, id="at length"),
    ],
)
def test_another_protocol_is_told_by_its_first_bytes(
    beginning: bytes, text: str, *, speaks_tls: bool
) -> None:
    error = OtherProtocol(beginning)
    assert str(error) == text
    assert error.speaks_tls is speaks_tls
