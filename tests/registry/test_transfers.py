"""Blobs: resumed, tried again, wrong, encoded, and over few connections."""

from __future__ import annotations

import gzip
import itertools
import random
import re
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from email.utils import formatdate

import pytest
from support.faults.answers import (
    as_if,
    bad_content_range,
    body,
    chain,
    chunked_broken,
    close_without_answer,
    delay,
    drip,
    endless_body,
    garbage,
    gzip_encoded,
    headers,
    html,
    huge_headers,
    ignore_range,
    json_error,
    no_content_length,
    redirect,
    reset_after,
    stall_after,
    status,
    truncate_after,
    truncate_head,
    unsatisfiable,
    wrong_bytes,
)
from support.faults.client import BLOB, IMPATIENT, WEB, MakeClient, ranges
from support.faults.registry import FaultRegistry
from support.faults.server import Answer, Exchange
from support.oci import digest

from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.registry.retry import Patience

NAME = digest(BLOB)
PATH = f"/v2/web/blobs/{NAME}"
LAYER = WEB.layers[0].data
LAYER_NAME = digest(LAYER)
OTHER = bytes(reversed(BLOB))
NO_RANGE = {"Content-Range": None}
HINT = "the registry, or something on the way, sends wrong bytes"


@pytest.fixture(autouse=True)
def _blobs(registry: FaultRegistry) -> None:
    registry.add_blob(BLOB)


class TestResumed:
    @pytest.mark.parametrize(
        ("answer", "said"),
        [
            pytest.param(reset_after(10_000), "the connection broke off", id="reset"),
            pytest.param(truncate_after(10_000), "the connection broke off", id="truncated"),
            pytest.param(
                chain(no_content_length(), truncate_after(10_000)),
                f"10000 of the 40000 bytes of {NAME} came",
                id="truncated, of no known length",
            ),
            pytest.param(stall_after(10_000), "silent for", id="stalled"),
            pytest.param(
                chain(
                    as_if({"Range": "bytes=0-9999"}),
                    headers({"Content-Range": "bytes 0-9999/40000", "Content-Length": "40000"}),
                    truncate_after(10_000),
                ),
                "the connection broke off",
                id="206 unasked",
            ),
        ],
    )
    def test_a_transfer_that_breaks_off_is_resumed_by_range(
        self, registry: FaultRegistry, client: MakeClient, answer: Answer, said: str
    ) -> None:
        registry.script("GET", PATH, answer)
        made = client(registry)
        assert made.blob(NAME) == BLOB
        assert registry.lines() == [f"GET {PATH}"] * 2
        assert ranges(registry) == [None, "bytes=10000-"]
        (told,) = made.said
        assert told.startswith(f"GET {registry.url}{PATH}: {said}")
        assert "; trying again in 0.0 s" in told

    @pytest.mark.parametrize(
        ("answer", "asked"),
        [
            pytest.param(reset_after(10_000), [None, "bytes=10000-"], id="reset"),
            pytest.param(truncate_after(10_000), [None, "bytes=10000-"], id="truncated"),
            pytest.param(
                chain(no_content_length(), truncate_after(10_000)), [None] * 2, id="short"
            ),
            pytest.param(wrong_bytes(), [None] * 2, id="wrong"),
            pytest.param(ignore_range(), [None], id="whole"),
        ],
    )
    def test_a_blob_of_unknown_size_is_resumed(
        self,
        registry: FaultRegistry,
        client: MakeClient,
        answer: Answer,
        asked: list[str | None],
    ) -> None:
        registry.script("GET", PATH, answer)
        assert client(registry).blob(NAME, None) == BLOB
        assert ranges(registry) == asked

    def test_a_transfer_is_resumed_again_and_again(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.script("GET", PATH, reset_after(1), reset_after(39_998), wrong_bytes())
        registry.script("GET", PATH, reset_after(30_000), reset_after(9_999))
        made = client(registry)
        # The one byte that is left has its bit flipped: all of it is asked for anew.
        assert made.blob(NAME) == BLOB
        assert ranges(registry) == [
            None,
            "bytes=1-",
            "bytes=39999-",
            None,
            "bytes=30000-",
            "bytes=39999-",
        ]

    def test_progress_begins_the_count_anew(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        large = BLOB * 5
        registry.add_blob(large)
        registry.script("GET", digest(large), *[reset_after(30_000)] * 6)
        made = client(registry)
        assert made.blob(digest(large), len(large)) == large
        assert len(made.said) == 6

    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param(close_without_answer(), id="closed"),
            pytest.param(close_without_answer(reset=True), id="reset"),
            pytest.param(truncate_head(20), id="head"),
            pytest.param(truncate_after(0), id="no byte"),
            pytest.param(stall_after(0), id="silent"),
            pytest.param(garbage(), id="garbage"),
            pytest.param(
                garbage(b"<html>" + b"x" * 40_000 + b"</html>\r\n\r\n"), id="much garbage"
            ),
            pytest.param(garbage(b"HTTP/1.1 200 OK\r\nno header\r\n\r\n"), id="header"),
            pytest.param(garbage(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"), id="length"),
            pytest.param(huge_headers(), id="huge headers"),
            pytest.param(chain(body(b""), headers({"Transfer-Encoding": "x"})), id="coding"),
        ],
    )
    def test_without_a_first_byte_there_is_no_range(
        self, registry: FaultRegistry, client: MakeClient, answer: Answer
    ) -> None:
        registry.script("GET", PATH, answer)
        made = client(registry)
        assert made.blob(NAME) == BLOB
        assert ranges(registry) == [None, None]
        assert len(made.said) == 1

    def test_a_broken_chunked_transfer_is_resumed(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        large = BLOB * 5
        registry.add_blob(large)
        registry.script("GET", digest(large), chain(body(large[:70_000]), chunked_broken()))
        made = client(registry)
        assert made.blob(digest(large), len(large)) == large
        assert registry.requests[1].headers.get("Range") in {"bytes=65536-", "bytes=70000-"}

    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param(ignore_range(), id="200"),
            pytest.param(unsatisfiable(), id="416"),
            pytest.param(bad_content_range("bytes 0-39999/40000"), id="from the beginning"),
            pytest.param(bad_content_range("bytes 10001-39999/40000"), id="one off"),
            pytest.param(bad_content_range("bytes 10000-39999/50000"), id="of another size"),
            pytest.param(bad_content_range("bytes 10000-50000/*"), id="beyond the end"),
            pytest.param(bad_content_range("items 10000-39999/40000"), id="other units"),
            pytest.param(bad_content_range("bytes */40000"), id="unsatisfied"),
            pytest.param(bad_content_range(None), id="none"),
            pytest.param(
                headers(
                    {"Content-Type": "multipart/byteranges; boundary=x", "Content-Range": None}
                ),
                id="multipart",
            ),
        ],
    )
    def test_a_transfer_restarts_where_resuming_fails(
        self, registry: FaultRegistry, client: MakeClient, answer: Answer
    ) -> None:
        registry.script("GET", PATH, reset_after(10_000), answer)
        made = client(registry)
        assert made.blob(NAME) == BLOB
        assert ranges(registry)[:2] == [None, "bytes=10000-"]
        assert ranges(registry)[2:] in ([], [None])

    def test_a_range_without_a_total_is_accepted(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.script("GET", PATH, reset_after(10_000), bad_content_range("bytes 10000-39999/*"))
        assert client(registry).blob(NAME) == BLOB
        assert ranges(registry) == [None, "bytes=10000-"]

    def test_a_range_that_ends_early_is_resumed(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        """Some gateways serve ranges of at most so many bytes."""
        registry.script(
            "GET",
            PATH,
            reset_after(10_000),
            as_if({"Range": "bytes=10000-19999"}),
            as_if({"Range": "bytes=20000-29999"}),
        )
        assert client(registry).blob(NAME) == BLOB

    def test_a_blob_with_a_broken_end_alone_is_complete(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.script("GET", PATH, chunked_broken())
        assert client(registry).blob(NAME) == BLOB

    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param(chain(body(OTHER), chunked_broken()), id="broken chunks"),
            pytest.param(
                chain(body(OTHER), headers({"Content-Length": "40001"}), truncate_after(40_000)),
                id="truncated",
            ),
            pytest.param(
                chain(body(OTHER), headers({"Content-Length": "40001"}), stall_after(40_000)),
                id="stalled",
            ),
        ],
    )
    def test_as_many_bytes_and_wrong_ones_are_fetched_again(
        self, registry: FaultRegistry, client: MakeClient, answer: Answer
    ) -> None:
        """What breaks off behind the last byte is verified like anything else."""
        registry.script("GET", PATH, answer)
        made = client(registry)
        assert made.blob(NAME) == BLOB
        assert ranges(registry) == [None, None]

    @pytest.mark.parametrize(
        ("first", "later"),
        [
            pytest.param([], [reset_after(30_000), unsatisfiable()], id="416"),
            pytest.param([], [reset_after(30_000), bad_content_range(None)], id="no Content-Range"),
            pytest.param([], [chain(ignore_range(), reset_after(30_000))], id="200"),
            pytest.param(
                [gzip_encoded()], [chain(gzip_encoded(), reset_after(30_000))], id="encoded"
            ),
        ],
    )
    def test_a_transfer_is_not_resumed_for_ever(
        self,
        registry: FaultRegistry,
        client: MakeClient,
        first: list[Answer],
        later: list[Answer],
    ) -> None:
        """What is thrown away again is no progress."""
        turn = itertools.chain(first, itertools.cycle(later))

        def answer(exchange: Exchange) -> None:
            next(turn)(exchange)

        registry.script("GET", PATH, answer, repeat=True)
        made = client(registry)
        assert made.fails(made.blob, NAME)
        assert len(registry.requests) <= 10


class TestTriedAgain:
    @pytest.mark.parametrize("code", [408, 429, 500, 502, 503, 504])
    def test_a_failure_that_may_pass_is_tried_again(
        self, registry: FaultRegistry, client: MakeClient, code: int
    ) -> None:
        registry.script("GET", PATH, *[status(code)] * 2)
        made = client(registry)
        assert made.blob(NAME) == BLOB
        assert ranges(registry) == [None] * 3
        assert [one.partition(" in ")[0] for one in made.said] == [
            f"GET {registry.url}{PATH} answered {code}; trying again"
        ] * 2

    @pytest.mark.parametrize("code", [400, 403, 404, 405, 410, 418, 451, 501, 505])
    def test_a_failure_that_stays_is_final(
        self, registry: FaultRegistry, client: MakeClient, code: int
    ) -> None:
        registry.script("GET", PATH, status(code))
        made = client(registry)
        assert f"GET {registry.url}{PATH} answered {code}" in made.fails(made.blob, NAME)
        assert (len(registry.requests), made.said) == (1, [])

    def test_failures_of_all_kinds_in_a_row(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        patience = replace(IMPATIENT, tries=9)
        registry.script(
            "GET",
            PATH,
            status(503),
            reset_after(10_000),
            status(500),
            stall_after(5_000),
            status(429, {"Retry-After": "0"}),
            truncate_after(5_000),
        )
        made = client(registry, patience=patience)
        assert made.blob(NAME) == BLOB
        assert ranges(registry) == [
            None,
            None,
            *["bytes=10000-"] * 2,
            *["bytes=15000-"] * 2,
            "bytes=20000-",
        ]

    def test_patience_ends(self, registry: FaultRegistry, client: MakeClient) -> None:
        error = json_error(503, "UNAVAILABLE", "down for maintenance")
        registry.script("GET", PATH, *[error] * 3)
        made = client(registry)
        assert made.fails(made.blob, NAME) == (
            f"GET {registry.url}{PATH} answered 503 (UNAVAILABLE: down for maintenance); "
            "the registry is in trouble; try again later"
        )
        assert len(made.said) == 2

    @pytest.mark.parametrize(
        ("answer", "message"),
        [
            pytest.param(
                close_without_answer(),
                r"the connection broke off \(Server disconnected without sending a response.\); "
                "try again",
                id="closed",
            ),
            pytest.param(stall_after(0), r"silent for [0-9.]+ s; try again later", id="silent"),
            pytest.param(
                drip(1000),
                r"only \d+ bytes came in [0-9.]+ s; try again later",
                id="trickle",
            ),
        ],
    )
    def test_the_last_failure_is_the_error(
        self, registry: FaultRegistry, client: MakeClient, answer: Answer, message: str
    ) -> None:
        registry.script("GET", PATH, *[answer] * 3)
        made = client(registry)
        found = made.fails(made.blob, NAME)
        assert re.fullmatch(f"{re.escape(f'GET {registry.url}{PATH}')}: {message}", found), found

    def test_a_trickle_counts_as_stalled(self, registry: FaultRegistry, client: MakeClient) -> None:
        registry.script("GET", PATH, *[drip(100)] * 3)
        made = client(registry)
        started = time.monotonic()
        assert "bytes came in" in made.fails(made.blob, NAME)
        assert time.monotonic() - started < 5

    def test_slow_but_steady_is_fine(self, registry: FaultRegistry, client: MakeClient) -> None:
        registry.script("GET", PATH, drip(25_000))
        made = client(registry)
        assert made.blob(NAME) == BLOB
        assert made.said == []


class TestRetryAfter:
    def test_a_number_of_seconds(self, registry: FaultRegistry, client: MakeClient) -> None:
        registry.script("GET", PATH, status(429, {"Retry-After": "1"}))
        made = client(registry)
        started = time.monotonic()
        assert made.blob(NAME) == BLOB
        assert time.monotonic() - started >= 1
        assert made.said == [f"GET {registry.url}{PATH} answered 429; trying again in 1.0 s"]

    def test_a_date(self, registry: FaultRegistry, client: MakeClient) -> None:
        registry.script(
            "GET", PATH, status(503, {"Retry-After": formatdate(time.time() + 2, usegmt=True)})
        )
        made = client(registry, patience=replace(IMPATIENT, longest_pause=5))
        started = time.monotonic()
        assert made.blob(NAME) == BLOB
        assert 0.9 <= time.monotonic() - started < 4

    @pytest.mark.parametrize(
        "value",
        ["0", "soon", "-5", "1.5e3", "", "Thu, 01 Jan 1970 00:00:00 GMT", "99999999999999999999"],
    )
    def test_a_value_that_is_neither_is_ignored(
        self, registry: FaultRegistry, client: MakeClient, value: str
    ) -> None:
        registry.script("GET", PATH, status(503, {"Retry-After": value}))
        made = client(registry)
        assert made.blob(NAME) == BLOB

    @pytest.mark.parametrize(
        ("value", "seconds"), [("3600", 3600), (formatdate(4e9, usegmt=True), None)]
    )
    def test_a_longer_wait_than_patience_has_is_an_error(
        self, registry: FaultRegistry, client: MakeClient, value: str, seconds: int | None
    ) -> None:
        registry.script(
            "GET", PATH, json_error(429, "TOOMANYREQUESTS", "slow down", {"Retry-After": value})
        )
        made = client(registry)
        message = made.fails(made.blob, NAME)
        expected = (
            f"GET {registry.url}{PATH} answered 429 (TOOMANYREQUESTS: slow down), and asks for a "
            "wait of "
        )
        assert message.startswith(expected)
        if seconds is not None:
            assert message == (
                f"{expected}{seconds} s; the registry limits how often it is asked; log in for a "
                "higher limit, or try again later"
            )
        assert made.said == []

    def test_a_last_answer_with_a_longer_wait_is_an_error(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.script("GET", PATH, status(503), status(503), status(429, {"Retry-After": "3600"}))
        made = client(registry)
        assert "asks for a wait of 3600 s" in made.fails(made.blob, NAME)

    def test_waits_within_patience_that_are_in_vain(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.script("GET", PATH, *[status(429, {"Retry-After": "0"})] * 3)
        made = client(registry)
        assert made.fails(made.blob, NAME) == (
            f"GET {registry.url}{PATH} answered 429; the registry limits how often it is asked; "
            "log in for a higher limit, or try again later"
        )


class TestWrongBytes:
    def test_wrong_bytes_are_fetched_again_once(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.script("GET", PATH, wrong_bytes())
        assert client(registry).blob(NAME) == BLOB
        assert ranges(registry) == [None, None]

    def test_wrong_bytes_twice_are_an_error(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.script("GET", PATH, *[body(OTHER)] * 2)
        made = client(registry)
        assert made.fails(made.blob, NAME) == (
            f"GET {registry.url}{PATH}: asked for {NAME}, got {digest(OTHER)}; {HINT}"
        )
        assert len(registry.requests) == 2

    def test_wrong_bytes_before_a_break_are_fetched_again(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.script("GET", PATH, chain(wrong_bytes(0), reset_after(10_000)))
        assert client(registry).blob(NAME) == BLOB
        assert ranges(registry) == [None, "bytes=10000-", None]

    @pytest.mark.parametrize("length", ["told", "not told", "chunked"])
    def test_too_many_bytes_are_an_error(
        self, registry: FaultRegistry, client: MakeClient, length: str
    ) -> None:
        forms = {
            "told": body(BLOB + b"!"),
            "not told": chain(body(BLOB + b"!"), no_content_length()),
            "chunked": chain(body(BLOB + b"!"), no_content_length(chunked=True)),
        }
        registry.script("GET", PATH, *[forms[length]] * 2)
        made = client(registry)
        assert made.fails(made.blob, NAME) == (
            f"GET {registry.url}{PATH}: more than the 40000 bytes of {NAME} came; {HINT}"
        )
        assert len(registry.requests) == 2

    def test_endless_bytes_are_an_error(self, registry: FaultRegistry, client: MakeClient) -> None:
        registry.script("GET", PATH, *[endless_body()] * 2)
        made = client(registry)
        tracemalloc.start()
        try:
            assert "more than the 40000 bytes" in made.fails(made.blob, NAME)
            assert tracemalloc.get_traced_memory()[1] < 16 * 1024 * 1024
        finally:
            tracemalloc.stop()

    def test_a_page_in_the_blobs_place_is_an_error(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.script("GET", PATH, *[html()] * 2)
        made = client(registry)
        message = made.fails(made.blob, NAME)
        assert message == (
            f"GET {registry.url}{PATH}: 58 of the 40000 bytes of {NAME} came; {HINT}"
        )

    def test_an_answer_without_content_is_an_error(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.script("GET", PATH, status(204))
        made = client(registry)
        assert f"GET {registry.url}{PATH} answered 204" in made.fails(made.blob, NAME)

    def test_bytes_for_an_empty_blob_are_an_error(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        """A size that is not the digest's: nothing is not what it names."""
        made = client(registry)
        assert NAME in made.fails(made.blob, NAME, 0)

    def test_another_size_is_an_error(self, registry: FaultRegistry, client: MakeClient) -> None:
        made = client(registry)
        assert f"of {NAME} came" in made.fails(made.blob, NAME, 40_001)
        assert f"of {NAME} came" in made.fails(made.blob, NAME, 39_999)


def test_an_empty_blob(registry: FaultRegistry, client: MakeClient) -> None:
    registry.add_blob(b"")
    made = client(registry)
    assert made.blob(digest(b""), 0) == b""
    assert len(registry.requests) <= 1


@pytest.mark.parametrize("chunked", [False, True])
def test_of_no_known_length(registry: FaultRegistry, client: MakeClient, *, chunked: bool) -> None:
    registry.script("GET", PATH, no_content_length(chunked=chunked))
    made = client(registry)
    assert made.blob(NAME) == BLOB
    assert len(registry.requests) == 1


class TestEncoding:
    def test_requests_refuse_compression(self, registry: FaultRegistry, client: MakeClient) -> None:
        made = client(registry)
        made.blob(NAME)
        made.data()
        for request in registry.requests:
            assert request.headers.all("Accept-Encoding") == ["identity"]

    @pytest.mark.parametrize("coding", ["gzip", "identity", "x-gzip", "aws-chunked", "zstd", ""])
    def test_a_gzip_layer_with_a_content_encoding_is_kept_as_it_is(
        self, registry: FaultRegistry, client: MakeClient, coding: str
    ) -> None:
        registry.script("GET", LAYER_NAME, headers({"Content-Encoding": coding}), repeat=True)
        made = client(registry)
        assert made.blob(LAYER_NAME, len(LAYER)) == LAYER
        assert len(registry.requests) == 1

    def test_a_gzip_layer_with_a_content_encoding_is_resumed(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        label = headers({"Content-Encoding": "gzip"})
        registry.script("GET", LAYER_NAME, chain(label, reset_after(50)), label)
        made = client(registry)
        assert made.blob(LAYER_NAME, len(LAYER)) == LAYER
        assert ranges(registry) == [None, "bytes=50-"]

    def test_a_gzip_layer_with_a_content_encoding_is_wrong_once(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        label = headers({"Content-Encoding": "gzip"})
        registry.script("GET", LAYER_NAME, chain(wrong_bytes(), label), label)
        made = client(registry)
        assert made.blob(LAYER_NAME, len(LAYER)) == LAYER

    @pytest.mark.parametrize(
        "data",
        [
            pytest.param(BLOB, id="that does not shrink"),
            pytest.param(bytes(3_000_000), id="that shrinks"),
            pytest.param(LAYER, id="a layer"),
        ],
    )
    def test_an_encoded_blob_is_decoded(
        self, registry: FaultRegistry, client: MakeClient, data: bytes
    ) -> None:
        registry.add_blob(data)
        registry.script("GET", digest(data), gzip_encoded(), repeat=True)
        made = client(registry)
        assert made.blob(digest(data), len(data)) == data
        assert len(registry.requests) == 2

    def test_an_encoded_blob_that_breaks_off_is_fetched_again(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        """Ranges count the bytes of the encoding."""
        coded = gzip_encoded()
        registry.script("GET", PATH, coded, chain(coded, reset_after(30_000)), coded)
        made = client(registry)
        assert made.blob(NAME) == BLOB
        assert ranges(registry) == [None, None, None]

    def test_a_gzip_bomb_is_an_error(self, registry: FaultRegistry, client: MakeClient) -> None:
        bomb = gzip.compress(bytes(64 * 1024 * 1024), 9)
        coded = body(bomb, {"Content-Encoding": "gzip"})
        registry.script("GET", PATH, *[coded] * 3)
        made = client(registry)
        tracemalloc.start()
        try:
            assert "more than the 40000 bytes" in made.fails(made.blob, NAME)
            assert tracemalloc.get_traced_memory()[1] < 16 * 1024 * 1024
        finally:
            tracemalloc.stop()

    @pytest.mark.parametrize("coding", ["gzip", "zstd", "br"])
    def test_broken_gzip_is_an_error(
        self, registry: FaultRegistry, client: MakeClient, coding: str
    ) -> None:
        coded = body(OTHER, {"Content-Encoding": coding})
        registry.script("GET", PATH, *[coded] * 3)
        made = client(registry)
        assert made.fails(made.blob, NAME).startswith(f"GET {registry.url}{PATH}: ")

    def test_truncated_gzip_is_an_error(self, registry: FaultRegistry, client: MakeClient) -> None:
        coded = body(gzip.compress(BLOB)[:20_000], {"Content-Encoding": "gzip"})
        registry.script("GET", PATH, *[coded] * 3)
        made = client(registry)
        assert f"of the 40000 bytes of {NAME} came" in made.fails(made.blob, NAME)

    def test_endless_gzip_without_content_is_an_error(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        """Members that are empty, as many as fit."""
        _ended(registry, PATH, gzip.compress(b"") * 10_000)
        made = client(registry)
        assert f"GET {registry.url}{PATH}: " in made.fails(made.blob, NAME)

    def test_gzip_of_several_members_is_decoded(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        coded = gzip.compress(BLOB[:10_000]) + gzip.compress(BLOB[10_000:])
        registry.script("GET", PATH, body(coded, {"Content-Encoding": "gzip"}), repeat=True)
        made = client(registry)
        assert made.blob(NAME) == BLOB

    def test_endless_bytes_after_gzip_are_an_error(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        """A gzip stream that has ended, and a body that does not."""
        _ended(registry, PATH, gzip.compress(b"short"))
        made = client(registry)
        tracemalloc.start()
        try:
            assert made.fails(made.blob, NAME)
            assert tracemalloc.get_traced_memory()[1] < 12 * 1024 * 1024
        finally:
            tracemalloc.stop()


class TestConnections:
    def test_connections_to_a_host_are_limited(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.script("GET", PATH, delay(0.03), repeat=True)
        made = client(registry, connections=3)
        with ThreadPoolExecutor(12) as pool:
            done = [pool.submit(made.blob, NAME, name=f"blob{n}") for n in range(12)]
            assert [one.result() for one in done] == [BLOB] * 12
        assert registry.peak == 3
        assert registry.connections == 3

    def test_connections_to_a_cdn_are_limited_too(
        self, registry: FaultRegistry, elsewhere: FaultRegistry, client: MakeClient
    ) -> None:
        elsewhere.add_blob(BLOB)
        registry.script("GET", PATH, redirect(elsewhere.url, keep_path=True), repeat=True)
        elsewhere.script("GET", PATH, delay(0.03), repeat=True)
        made = client(registry, connections=2)
        with ThreadPoolExecutor(8) as pool:
            done = [pool.submit(made.blob, NAME, name=f"blob{n}") for n in range(8)]
            assert [one.result() for one in done] == [BLOB] * 8
        assert elsewhere.peak == 2

    def test_waiting_for_a_connection_is_no_silence(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        """The others are slow, not the registry."""
        registry.script("GET", PATH, drip(25_000), repeat=True)
        made = client(registry, connections=1, patience=replace(IMPATIENT, tries=1))
        with ThreadPoolExecutor(2) as pool:
            done = [pool.submit(made.blob, NAME, name=f"blob{n}") for n in range(2)]
            assert [one.result() for one in done] == [BLOB] * 2
        assert made.said == []

    def test_connections_are_used_again_after_redirects_and_heads(
        self, registry: FaultRegistry, elsewhere: FaultRegistry, client: MakeClient
    ) -> None:
        elsewhere.add_blob(BLOB)
        registry.script("GET", PATH, redirect(elsewhere.url, keep_path=True), repeat=True)
        made = client(registry)
        for _ in range(5):
            assert made.blob(NAME) == BLOB
            assert made.digest() == WEB.digest
        assert registry.connections == 1
        assert elsewhere.connections == 1

    def test_connections_are_used_again(self, registry: FaultRegistry, client: MakeClient) -> None:
        made = client(registry)
        for _ in range(5):
            assert made.blob(NAME) == BLOB
        assert registry.connections == 1

    def test_a_connection_that_died_while_idle_is_replaced(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        def close(exchange: Exchange) -> None:
            exchange.finish()
            exchange.connection.close()

        registry.script("GET", PATH, close, close)
        made = client(registry)
        for _ in range(3):
            assert made.blob(NAME) == BLOB
            time.sleep(0.05)
        assert registry.connections == 3


def test_a_large_blob_takes_little_memory(registry: FaultRegistry, client: MakeClient) -> None:
    data = random.Random(1).randbytes(1024 * 1024) * 48  # noqa: S311 - no secret
    registry.add_blob(data)
    name = digest(data)
    made = client(registry, patience=Patience(first_pause=0.01))
    path = made.directory / "large"
    tracemalloc.start()
    try:
        with path.open("wb") as file:
            reference = made.reference("web")
            made.registries.blob(reference, Digest.parse(name), len(data), file)
        assert tracemalloc.get_traced_memory()[1] < 24 * 1024 * 1024
    finally:
        tracemalloc.stop()


def _ended(registry: FaultRegistry, path: str, data: bytes, size: int = 16 * 1024 * 1024) -> None:
    """Encoded `data`, then `size` blanks: as good as endless, but a test that fails ends."""

    def answer(exchange: Exchange) -> None:
        exchange.connection.send(
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n" + data
        )
        for _ in range(size // 65_536):
            exchange.connection.send(b" " * 65_536)
        exchange.connection.close()

    registry.script("GET", path, *[answer] * 3)
