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
        (
            {"source": "https://github.com/a/b.git#1a2b:web", "revision": "1a2b"},
            "https://github.com/a/b.git#1a2b:web at 1a2b",
        ),
        ({"source": "https://a.b/web?token=secret"}, "https://a.b/web?…"),
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


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(
            pytest.param("revision", text, id=f"no revision: {text[:20]!a}")
            for text in [
                "a" * 65,
                "a b",
                "Fixes #1",
                "[skip ci]",
                "[a](https://evil.example)",
                "a|b",
                "`a`",
                "@ann",
                "a\nCo-authored-by: Eve <eve@evil.example>",
                "a\n",
                "\u0661\u0662",
                "\u202ea",
                "<b>",
                "../../evil/repository",
                "a/../../b",
                "/a",
                "a//b",
                "##[add-mask]a",
                "::error::a",
            ]
        ),
        *(
            pytest.param("created", text, id=f"no date: {text[:20]!a}")
            for text in [
                "yesterday",
                "2026-13-01",
                "2026-02-30T00:00:00Z",
                "2026-01-02T25:00:00Z",
                "2026-01-02T03:04:05",
                "2026-01-02T03:04:05Z [a](https://evil.example)",
                "2026-01-02\n::error::a",
                "2026-01-02 <img src=a>",
                "2026-1-2",
                "20260102",
                "\u0662\u0660\u0662\u0666-01-02",
                "2026-01-02T03:04:05." + "0" * 1000 + "Z",
            ]
        ),
        *(
            pytest.param("source", text, id=f"no URL: {text[:30]!a}")
            for text in [
                "javascript:alert(1)",
                "ftp://a.b/c",
                "//a.b/c",
                "https://",
                "https:///c",
                "https://?a",
                "https://ann:secret@a.b/c",
                "https://ann@a.b/c",
                "https://a.b/)[c](https://evil.example",
                "https://a.b/[c]",
                "https://a.b/(c)",
                "https://a.b/<b>",
                "https://a.b/c d",
                "https://a.b/`c",
                "https://a.b/c|d",
                "https://a.b/c\\d",
                "https://a.b/'c\"",
                "https://a.b/{c}",
                "https://a.b/\x1b[2J",
                "https://a.b/c\n",
                "https://a.b/\u202ec",
                "https://[::1]/c",
                "https://b\u00fccher.example/c",
                "https://a.b/" + "c" * 300,
            ]
        ),
    ],
)
def test_a_label_that_is_not_of_its_kind_is_left_out_and_named(name: str, text: str) -> None:
    origin = Origin.from_config(config(**{name: text}))
    assert origin == Origin(left_out=(f"org.opencontainers.image.{name}",))
    assert origin.text == ""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("revision", HASH),
        ("revision", "release/1.2"),
        ("revision", "v1.2.3-4-g1a2b3c4_dirty"),
        ("created", "2026-01-02"),
        ("created", "2026-01-02T03:04:05Z"),
        ("created", "2026-01-02t03:04:60.123456789+05:30"),
        ("source", "http://git.lab:3000/a/b"),
        ("source", "https://a.b/~c/d_e?f;g#h"),
        ("source", "https://a.b/@scope/c%20d"),
    ],
)
def test_a_label_of_its_kind_is_kept(name: str, text: str) -> None:
    assert Origin.from_config(config(**{name: text})) == Origin(**{name: text})  # type: ignore[arg-type]


@given(st.text(), st.text(), st.text())
def test_any_labels_need_no_quotes_anywhere(source: str, revision: str, created: str) -> None:
    data = config(source=f"https://a.b/{source}", revision=revision, created=f"2026-01-02{created}")
    text = Origin.from_config(data).text
    assert not set(text) & set("[](){}<>|`'\"\\")
    assert "\u202e" not in text


@pytest.mark.parametrize(
    ("name", "longest"),
    [
        pytest.param("source", "https://example.org/" + "a" * 280, id="URL of 300 characters"),
        pytest.param("revision", "a" * 64, id="revision of 64 characters"),
    ],
)
def test_a_value_has_a_longest_length(name: str, longest: str) -> None:
    assert getattr(Origin.from_config(config(**{name: longest})), name) == longest
    found = Origin.from_config(config(**{name: f"{longest}a"}))
    assert getattr(found, name) == ""
    assert found.left_out == (f"org.opencontainers.image.{name}",)
