"""Answers that come so slowly that no single read of them is silent."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from support.faults.answers import chain, delay, redirect, status
from support.faults.client import BLOB, IDENTITY, IMPATIENT, Client, MakeClient, login
from support.faults.registry import FaultRegistry
from support.faults.server import Answer, Exchange
from support.faults.slow import endless_head, flood, slow_chunks, slow_head
from support.oci import digest

PATIENCE = replace(IMPATIENT, head=0.3, silence=0.3, tries=1)
PATIENT = replace(PATIENCE, tries=3)
TAGGED = "/v2/web/manifests/1"
NAME = digest(BLOB)
OK = b"HTTP/1.1 200 OK\r\n"
EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
LATE_HEAD = "no whole head of an answer came within 0 s; tell the registry's operator"
LATE_BODY = "no more of its body came within 0 s; try again later"
Ask = Callable[[Client], object]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(slow_head(), id="byte by byte"),
        pytest.param(slow_head(30), id="the end byte by byte"),
        pytest.param(endless_head(b"", b"HTTP/1.1 200 OK"), id="a status line without end"),
        pytest.param(endless_head(OK, b"X-Filler: x\r\n"), id="fields without end"),
        pytest.param(endless_head(OK + b"X-Filler: ", b"x"), id="a field without end"),
        pytest.param(endless_head(b"", EARLY), id="103 again and again"),
        pytest.param(endless_head(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), id="100"),
        pytest.param(endless_head(EARLY * 20, b"HTTP/1.1 102 Processing\r\n\r\n"), id="102"),
    ],
)
def test_the_head_of_an_answer_has_a_deadline(
    registry: FaultRegistry, client: MakeClient, answer: Answer
) -> None:
    registry.script("GET", TAGGED, answer)
    made = client(registry, patience=PATIENT)
    assert made.fails(made.data) == f"GET {registry.url}{TAGGED}: {LATE_HEAD}"
    assert made.said == []


def early(number: int) -> Answer:
    """So many informational answers, and then the answer; its body looks like more of them."""

    def answer(exchange: Exchange) -> None:
        head = exchange.reply.head
        exchange.connection.send(EARLY * number + head + exchange.payload)

    return answer


def _tags(registry: FaultRegistry) -> Ask:
    registry.script("GET", "/tags/list", slow_head())
    return Client.tags


def _digest(registry: FaultRegistry) -> Ask:
    for method in ("HEAD", "GET"):
        registry.script(method, TAGGED, slow_head())
    return lambda client: client.digest() or client.data()


def _blob(registry: FaultRegistry) -> Ask:
    registry.add_blob(BLOB)
    registry.script("GET", NAME, slow_head())
    return lambda client: client.blob(NAME)


def _redirected(registry: FaultRegistry) -> Ask:
    registry.script("GET", TAGGED, redirect("/elsewhere"))
    registry.script("GET", "/elsewhere", slow_head())
    return Client.data


def _token(registry: FaultRegistry) -> Ask:
    registry.grant_tokens()
    registry.script("GET", "/token", slow_head())
    return Client.data


def _oauth(registry: FaultRegistry) -> Ask:
    registry.grant_tokens(refresh_token=IDENTITY)
    registry.script("POST", "/token", slow_head())
    return Client.data


def _refusal(registry: FaultRegistry) -> Ask:
    registry.script("GET", TAGGED, chain(status(404), slow_head()))
    return Client.data


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(_tags, id="tags"),
        pytest.param(_digest, id="HEAD"),
        pytest.param(_blob, id="blob"),
        pytest.param(_redirected, id="redirect"),
        pytest.param(_token, id="token"),
        pytest.param(_oauth, id="OAuth 2"),
        pytest.param(_refusal, id="refusal"),
    ],
)
def test_every_request_has_it(
    registry: FaultRegistry, client: MakeClient, script: Callable[[FaultRegistry], Ask]
) -> None:
    ask = script(registry)
    known = login(username="", identity_token=IDENTITY) if script is _oauth else login()
    made = client(registry, patience=PATIENCE, logins={registry: known})
    assert made.fails(lambda: ask(made)).endswith(LATE_HEAD)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda: flood(EARLY), id="103"),
        pytest.param(lambda: flood(b"HTTP/1.1 100 Continue\r\n\r\n"), id="100"),
        pytest.param(lambda: flood(b"HTTP/1.1 199\n\n"), id="199, with short line ends"),
        pytest.param(lambda: early(101), id="one too many"),
    ],
)
def test_informational_answers_without_end_are_refused_at_once(
    registry: FaultRegistry, client: MakeClient, answer: Callable[[], Answer]
) -> None:
    registry.script("GET", TAGGED, answer())
    made = client(registry, patience=replace(IMPATIENT, head=8))
    assert made.fails(made.data) == (
        f"GET {registry.url}{TAGGED}: more than 100 informational answers (1xx) came before its "
        "answer; tell the registry's operator"
    )
    assert made.said == []


def test_large_informational_answers_without_end_are_refused_at_once(
    registry: FaultRegistry, client: MakeClient
) -> None:
    registry.script("GET", TAGGED, flood(EARLY[:-4] + b"x" * 4096 + EARLY[-4:]))
    made = client(registry, patience=replace(IMPATIENT, head=8))
    assert made.fails(made.data) == (
        f"GET {registry.url}{TAGGED}: more than 262144 bytes came before the head of its answer "
        "ended; tell the registry's operator"
    )
    assert made.said == []


def test_some_informational_answers_are_passed_by(
    registry: FaultRegistry, client: MakeClient
) -> None:
    registry.script("GET", TAGGED, early(100))
    made = client(registry, patience=PATIENCE)
    assert len(made.data()) > 0
    assert made.said == []


BODIES = [
    pytest.param(slow_chunks(after=b"0\r\n", more=b"X-Trailer: x\r\n"), id="trailers"),
    pytest.param(slow_chunks(after=b"0\r\nX-Trailer: ", more=b"x"), id="a trailer"),
    pytest.param(slow_chunks(after=b"5;name=", more=b"x"), id="a chunk's extension"),
    pytest.param(slow_chunks(before=b"5;name=", more=b"x"), id="the first chunk's extension"),
    pytest.param(slow_chunks(more=b"0"), id="the size of a chunk"),
]


@pytest.mark.parametrize("answer", BODIES)
@pytest.mark.parametrize(("path", "ask"), [(TAGGED, Client.data), ("/tags/list", Client.tags)])
def test_every_piece_of_a_body_has_a_deadline(
    registry: FaultRegistry, client: MakeClient, answer: Answer, path: str, ask: Ask
) -> None:
    registry.script("GET", path, answer)
    made = client(registry, patience=PATIENCE)
    assert made.fails(lambda: ask(made)).endswith(LATE_BODY)


@pytest.mark.parametrize("answer", BODIES)
def test_a_blob_goes_on_after_it(
    registry: FaultRegistry, client: MakeClient, answer: Answer
) -> None:
    registry.add_blob(BLOB)
    registry.script("GET", NAME, answer)
    made = client(registry, patience=replace(PATIENCE, tries=2))
    assert made.blob(NAME) == BLOB


@pytest.mark.parametrize("answer", BODIES)
def test_a_refusal_is_told_after_it(
    registry: FaultRegistry, client: MakeClient, answer: Answer
) -> None:
    registry.script("GET", TAGGED, chain(status(404), answer))
    made = client(registry, patience=PATIENCE)
    assert "answered 404" in made.fails(made.data)


def test_a_wait_for_a_free_connection_is_no_part_of_it(
    registry: FaultRegistry, client: MakeClient
) -> None:
    registry.script("GET", TAGGED, *[delay(0.25)] * 4)
    made = client(registry, patience=replace(PATIENCE, head=0.9, silence=0.9), connections=1)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: made.data(), range(4)))
    assert len(set(found)) == 1


def test_the_answer_of_a_proxy_has_one(
    registry: FaultRegistry, elsewhere: FaultRegistry, client: MakeClient
) -> None:
    elsewhere.script("CONNECT", "registry.test:443", slow_head())
    environment = {"HTTPS_PROXY": elsewhere.url}
    made = client(registry, at="registry.test", environment=environment, patience=PATIENCE)
    assert made.fails(made.data) == f"GET https://registry.test{TAGGED}: {LATE_HEAD}"


def test_the_refusal_of_a_proxy_is_cut(
    registry: FaultRegistry, elsewhere: FaultRegistry, client: MakeClient
) -> None:
    refusal = b"HTTP/1.1 403 " + b"No! " * 3000 + b"\r\nContent-Length: 0\r\n\r\n"
    elsewhere.script(
        "CONNECT", "registry.test:443", lambda exchange: exchange.connection.send(refusal)
    )
    environment = {"HTTPS_PROXY": elsewhere.url}
    made = client(registry, at="registry.test", environment=environment)
    assert "the proxy refuses (403 No! No!" in made.fails(made.data)
