from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixfetch_docker.base.echo import secrets_of
from nixfetch_docker.base.redact import literal, quote

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
        pytest.param("to https://ann:p@w@a.b/c", "to https://a.b/c", id="userinfo with @"),
        pytest.param("to https:/ann:pw@a.b/c", "to https:/a.b/c", id="one slash"),
        pytest.param("to //ann:pw@a.b/c", "to //a.b/c", id="no scheme"),
        pytest.param("to https://a.b/c?x?sig=y now", "to https://a.b/c?… now", id="two marks"),
        pytest.param("why? a=b", "why? a=b", id="no query"),
        pytest.param("<?sig=y>", "<?…>", id="query alone"),
        pytest.param(f"https://ann:{'pw' * 3000}@a.b/c", "https://…", id="userinfo that is cut"),
        pytest.param("a b" + " " * 9000 + "c", "a b…", id="blanks that are cut"),
        pytest.param("Bearer%20eyJhbGciOiJIUzI1 x", "Bearer … x", id="escaped"),
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


@given(st.text())
def test_any_text_becomes_one_printable_line(text: str) -> None:
    line = quote(text)
    assert line.isprintable()
    assert len(line) <= 201


def test_a_literal_has_quotes_and_escapes_and_no_secret() -> None:
    assert literal("a\x1b\n'") == '"a\\x1b\\n\'"'
    assert literal("my secret-word", ["secret-word"]) == "'my …'"
    assert literal("a" * 5000) == f"'{'a' * 199}…"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("X" * 200, "X" * 200, id="as long as it may be"),
        pytest.param("X" * 201, f"{'X' * 200}…", id="longer"),
        pytest.param(f"{'X' * 199}…X", f"{'X' * 199}…", id="cut behind an ellipsis"),
        pytest.param("X".ljust(4096), "X", id="as much as is read"),
        pytest.param("X".ljust(4097), "X…", id="more than is read"),
    ],
)
def test_a_quotation_is_cut_where_it_is_long(text: str, shown: str) -> None:
    assert quote(text) == shown
