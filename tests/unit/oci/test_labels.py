from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixfetch_docker.oci.labels import Origin

HASH = "1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b"


def config(**labels: object) -> bytes:
    named = {f"org.opencontainers.image.{name}": value for name, value in labels.items()}
    return json.dumps({"config": {"Labels": named}}).encode()


@pytest.mark.parametrize(
    ("labels", "text"),
    [
        ({}, ""),
        ({"source": "https://github.com/a/b"}, "https://github.com/a/b"),
        (
            {"source": "https://github.com/a/b.git", "revision": HASH},
            f"https://github.com/a/b/tree/{HASH}",
        ),
        (
            {"source": "https://git.example.org/b", "revision": HASH},
            "https://git.example.org/b at 1a2b3c4d5e6f",
        ),
        ({"revision": "v1.2"}, "at v1.2"),
        ({"created": "2026-01-02T03:04:05Z"}, "of 2026-01-02"),
        ({"source": "javascript:alert(1)", "created": "2026-01-02"}, "of 2026-01-02"),
        ({"source": "https://a.b/\u001b[2J"}, "https://a.b/[2J"),
        ({"source": 7, "revision": None}, ""),
    ],
)
def test_the_labels_become_one_line(labels: dict[str, object], text: str) -> None:
    assert Origin.from_config(config(**labels)).text == text


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b'{"config": 7}', b'{"config": {"Labels": []}}']
)
def test_a_config_without_labels_gives_no_origin(data: bytes) -> None:
    assert Origin.from_config(data) == Origin()


@given(st.text(), st.text(), st.text())
def test_any_labels_become_one_printable_line(source: str, revision: str, created: str) -> None:
    data = config(source=source, revision=revision, created=created)
    assert Origin.from_config(data).text.isprintable()
