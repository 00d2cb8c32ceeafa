"""Requests that fail again and again end, however much of their answers came."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from support.faults.answers import (
    body,
    chain,
    redirect,
    reset_after,
    stall_after,
    truncate_after,
)
from support.faults.client import IMPATIENT, Client, MakeClient
from support.faults.registry import FaultRegistry
from support.faults.server import Answer
from support.oci import MANIFEST, digest

PATIENCE = replace(IMPATIENT, silence=0.1)
MUCH = PATIENCE.progress_bytes + 10_000
LONG = b'{"schemaVersion": 2, "tags": [], "token": "t", "filler": "' + b"x" * 2 * MUCH + b'"}'
JSON = {"Content-Type": MANIFEST}
NAME = digest(LONG)
Ask = Callable[[Client], object]


def _tags(registry: FaultRegistry, answer: Answer) -> Ask:
    registry.script("GET", "/tags/list", chain(body(LONG), answer), repeat=True)
    return Client.tags


def _second_page(registry: FaultRegistry, answer: Answer) -> Ask:
    link = {"Link": '</v2/web/tags/list?last=a>; rel="next"'}
    registry.script("GET", "/tags/list?last=a", chain(body(LONG), answer), repeat=True)
    registry.script("GET", "/tags/list", body(b'{"tags": ["a"]}', link), repeat=True)
    return Client.tags


def _by_tag(registry: FaultRegistry, answer: Answer) -> Ask:
    registry.script("GET", "/manifests/1", chain(body(LONG, JSON), answer), repeat=True)
    return lambda client: client.manifest("web:1")


def _by_digest(registry: FaultRegistry, answer: Answer) -> Ask:
    registry.script("GET", f"/manifests/{NAME}", chain(body(LONG, JSON), answer), repeat=True)
    return lambda client: client.manifest(f"web@{NAME}", len(LONG))


def _behind_a_redirect(registry: FaultRegistry, answer: Answer) -> Ask:
    registry.script("GET", "/manifests/1", redirect("/elsewhere"), repeat=True)
    registry.script("GET", "/elsewhere", chain(body(LONG, JSON), answer), repeat=True)
    return lambda client: client.manifest("web:1")


def _token(registry: FaultRegistry, answer: Answer) -> Ask:
    registry.grant_tokens()
    registry.script("GET", "/token", chain(body(LONG[: 2 * MUCH]), answer), repeat=True)
    return lambda client: client.manifest("web:1")


def _blob_from_the_start(registry: FaultRegistry, answer: Answer) -> Ask:
    """A server that knows no ranges, and breaks off at the same place each time."""
    registry.script("GET", f"/blobs/{NAME}", chain(body(LONG), answer), repeat=True)
    return lambda client: client.blob(NAME, len(LONG))


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(reset_after(MUCH), id="reset"),
        pytest.param(truncate_after(MUCH), id="truncated"),
        pytest.param(stall_after(MUCH), id="stalled"),
    ],
)
@pytest.mark.parametrize(
    "script",
    [
        pytest.param(_tags, id="tags"),
        pytest.param(_second_page, id="second page"),
        pytest.param(_by_tag, id="manifest by tag"),
        pytest.param(_by_digest, id="manifest by digest"),
        pytest.param(_behind_a_redirect, id="redirect"),
        pytest.param(_token, id="token"),
        pytest.param(_blob_from_the_start, id="blob without ranges"),
    ],
)
def test_bytes_that_are_thrown_away_are_no_progress(
    registry: FaultRegistry,
    client: MakeClient,
    script: Callable[[FaultRegistry, Answer], Ask],
    answer: Answer,
) -> None:
    ask = script(registry, answer)
    made = client(registry, patience=PATIENCE)
    made.fails(lambda: ask(made))
    assert registry.lines().count(registry.lines()[-1]) == PATIENCE.tries
    assert len(made.said) == PATIENCE.tries - 1
