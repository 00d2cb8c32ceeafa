"""A 404 for a reference tells which part of it is missing, by one request more at the most."""

from __future__ import annotations

import pytest
from support.faults.answers import (
    body,
    close_without_answer,
    endless_body,
    html,
    json_error,
    status,
)
from support.faults.client import WEB, MakeClient
from support.faults.registry import FaultRegistry
from support.faults.server import Answer

from nixfetch_docker.base.faults import brief
from nixfetch_docker.errors import NixfetchError, NotFoundError

TAGS = "/v2/redis/tags/list"
UNKNOWN = "MANIFEST_UNKNOWN: manifest unknown"
PRIVATE = "is its name right? If it is private, log in with docker login or podman login"
DIGEST = f"sha256:{'0' * 64}"


def push(registry: FaultRegistry, *tags: str) -> None:
    for tag in tags:
        registry.add(f"redis:{tag}", WEB)


def lists(registry: FaultRegistry) -> str:
    return f"`nixfetch-docker tags {registry.host}/redis` lists all"


@pytest.mark.parametrize(
    ("tag", "tags", "hint"),
    [
        pytest.param("7.4-alpin", ["7.4-alpine", "6.2", "latest"], "the nearest is 7.4-alpine; ",
                     id="one letter"),
        pytest.param("7.5", ["7.4", "7.2", "7.4.1", "edge"], "the nearest are 7.4, 7.2; ",
                     id="a version"),
        pytest.param("v2.1", ["2.1", "stable"], "the nearest is 2.1; ", id="with a v"),
        pytest.param("latset", ["latest", "1"], "the nearest is latest; ", id="two letters"),
        pytest.param("jammy", ["1", "2"], "it has 2, 1; ", id="none is near"),
        pytest.param("latest", ["nightly", "10.0", "9.1", "9.0"],
                     "it has 10.0, 9.1, 9.0 and others; ",
                     id="the default tag"),
        pytest.param("7.4-alpin", [*(f"{n}" for n in range(3000)), "7.4-alpine"],
                     "the nearest is 7.4-alpine; ", id="many tags"),
    ],
)  # fmt: skip
def test_a_missing_tag_is_told_the_nearest_ones(
    registry: FaultRegistry, client: MakeClient, tag: str, tags: list[str], hint: str
) -> None:
    push(registry, *tags)
    made = client(registry)
    with pytest.raises(NotFoundError) as caught:
        made.data(f"redis:{tag}")
    what = f"the repository redis has no tag {tag}; {hint}{lists(registry)}"
    url = f"{registry.url}/v2/redis/manifests/{tag}"
    assert str(caught.value) == f"GET {url} answered 404 ({UNKNOWN}): {what}"
    assert brief(caught.value) == f"{registry.host}: {what}"
    assert registry.lines() == [f"GET /v2/redis/manifests/{tag}", f"GET {TAGS}"]


def test_the_first_page_of_a_long_list_is_enough(
    registry: FaultRegistry, client: MakeClient
) -> None:
    page = b'{"tags": ["7.4", "7.2"]}'
    registry.add_manifest("redis", WEB.manifest, "")
    registry.script("GET", TAGS, body(page, {"Link": f'<{TAGS}?last=7.2>; rel="next"'}))
    message = client(registry).fails(client(registry).data, "redis:7.5")
    assert "has no tag 7.5; the nearest of the first 2 are 7.4, 7.2; " in message
    assert len(registry.requests) == 2


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(status(401), id="401"),
        pytest.param(json_error(403, "DENIED"), id="403"),
        pytest.param(status(405), id="405"),
        pytest.param(status(429, {"Retry-After": "600"}), id="429"),
        pytest.param(status(500), id="500"),
        pytest.param(html(), id="a page"),
        pytest.param(body(b"[]"), id="no object"),
        pytest.param(close_without_answer(), id="no answer"),
        pytest.param(endless_body(), id="endless"),
    ],
)
def test_where_no_tags_are_listed_both_may_be_missing(
    registry: FaultRegistry, client: MakeClient, answer: Answer
) -> None:
    push(registry, "7.4")
    registry.script("GET", TAGS, answer, repeat=True)
    made = client(registry)
    assert made.fails(made.data, "redis:7.5").endswith(
        f"answered 404 ({UNKNOWN}): there is no tag 7.5, or no such repository; {PRIVATE}"
    )
    # One that a used connection ends without an answer is sent on another connection, once.
    assert registry.lines()[1:] in ([f"GET {TAGS}"], [f"GET {TAGS}"] * 2)


@pytest.mark.parametrize(
    ("answers", "requests"),
    [
        pytest.param([json_error(404, "NAME_UNKNOWN")], 1, id="as the manifest says"),
        pytest.param([json_error(404, "MANIFEST_UNKNOWN")], 2, id="as the list says"),
    ],
)
def test_a_missing_repository_is_told_apart(
    registry: FaultRegistry, client: MakeClient, answers: list[Answer], requests: int
) -> None:
    registry.script("GET", "/manifests/7.4", *answers)
    made = client(registry)
    assert made.fails(made.data, "nope:7.4").endswith(f": there is no repository nope; {PRIVATE}")
    assert len(registry.requests) == requests


def test_an_empty_repository_is_told(registry: FaultRegistry, client: MakeClient) -> None:
    registry.script("GET", TAGS, body(b'{"name": "redis", "tags": null}'))
    made = client(registry)
    assert made.fails(made.data, "redis:7").endswith(
        "the repository redis has no tag 7; push the image first"
    )


def test_a_missing_digest_is_told(registry: FaultRegistry, client: MakeClient) -> None:
    push(registry, "7.4")
    made = client(registry)
    assert made.fails(made.data, f"redis:7.4@{DIGEST}").endswith(
        f"the repository redis has no manifest {DIGEST[:19]}; a registry may delete what no tag "
        "points at; name a tag instead, and lock it again"
    )
    assert made.fails(made.data, f"nope@{DIGEST}").endswith(
        f"there is no repository nope; {PRIVATE}"
    )


def test_content_that_an_index_or_a_lock_names_costs_no_request_more(
    registry: FaultRegistry, client: MakeClient
) -> None:
    push(registry, "7.4")
    made = client(registry)
    deleted = (
        "check the repository and the digest; where a lock has them, the registry has deleted it: "
        "run `nixfetch-docker update`"
    )
    for ask in (made.manifest, made.blob):
        with pytest.raises(NixfetchError) as caught:
            ask(*((f"redis@{DIGEST}", 5) if ask == made.manifest else (DIGEST,)))
        assert str(caught.value).endswith(f"; {deleted}")
    assert len(registry.requests) == 2
