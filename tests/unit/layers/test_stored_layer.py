"""What the build of a layer says of it, for the store that mounts it."""

from __future__ import annotations

import json

import pytest

from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.layers.stored_layer import Facts
from nixfetch_docker.oci.digest import Digest

FACTS = Facts(diff_id=Digest.of(b""), size=1024, uids=(0, 1000), gids=(0,))


def test_facts_are_read_as_they_were_written() -> None:
    assert Facts.parse(json.dumps(FACTS.to_json())) == FACTS


@pytest.mark.parametrize(
    ("key", "value", "what"),
    [
        ("uids", ["x"], "uids[0]: expected an integer, found a string"),
        ("gids", [0, None], "gids[1]: expected an integer, found null"),
        ("gids", [True], "gids[0]: expected an integer, found true or false"),
        ("uids", {}, "uids: expected an array, found a table"),
        ("size", -1, "size: -1 is negative"),
    ],
)
def test_other_facts_are_refused_with_their_place(key: str, value: object, what: str) -> None:
    with pytest.raises(NixfetchError) as caught:
        Facts.parse(json.dumps(FACTS.to_json() | {key: value}))
    assert str(caught.value) == what
