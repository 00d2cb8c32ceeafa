from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixfetch_docker.base.redact import quote, secrets_of, strike

PASSWORD = "pa55"  # noqa: S105 - of nobody
PAIR = base64.b64encode(f"ann:{PASSWORD}".encode()).decode()


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        pytest.param(" a\r\n\tb ", "a b", id="blanks"),
        pytest.param("a\x1b[2Jb\x00c\u202ed", "a[2Jbcd", id="control characters"),
        pytest.param("x" * 300, "x" * 200 + "…", id="long"),
        pytest.param(f"Authorization: Basic {PAIR}", "Authorization: Basic …", id="header"),
        pytest.param("bearer eyJhbGciOi.eyJpc3Mi.c2ln", "bearer …", id="token"),
        pytest.param("to https://ann:pw@a.b/c", "to https://a.b/c", id="userinfo"),
        pytest.param("to https://a.b/c?sig=x&e=1 now", "to https://a.b/c?… now", id="query"),
        pytest.param("Bea\x00rer eyJhbGciOiJIUzI1", "Bearer …", id="hidden by control characters"),
    ],
)
def test_a_quoted_text_is_short_printable_and_without_secrets(text: str, quoted: str) -> None:
    assert quote(text) == quoted


def test_a_secret_that_was_sent_is_not_quoted() -> None:
    secrets = secrets_of(f"Basic {PAIR}")
    text = f"I know {PASSWORD}, {PAIR}, {PAIR.rstrip('=')} and ann:{PASSWORD}"
    assert quote(text, secrets) == "I know …, …, … and …"


def test_a_secret_at_the_limit_is_struck_whole() -> None:
    assert quote("x" * 198 + "secret", {"secret"}) == "x" * 198 + "…"


def test_a_secret_in_another_is_struck_with_it() -> None:
    assert strike("token-12 token-1", {"token-1", "token-12"}) == "… …"


def test_a_secret_of_three_letters_is_not_struck() -> None:
    assert secrets_of("Basic " + base64.b64encode(b"a:b").decode()) == {"YTpi"}


def test_a_token_is_a_secret_as_it_stands() -> None:
    assert secrets_of("Bearer eyJhbGciOi.x") == {"eyJhbGciOi.x"}


@given(st.text())
def test_any_text_becomes_one_printable_line(text: str) -> None:
    line = quote(text)
    assert line.isprintable()
    assert len(line) <= 201


@given(st.text())
def test_any_header_has_secrets_that_can_be_struck(header: str) -> None:
    for secret in secrets_of(header):
        assert len(secret) >= 4
