"""Secrets that a server repeats, in the encodings that servers and their libraries use."""

from __future__ import annotations

import base64
import html
import json
import os
import re
from collections.abc import Callable
from urllib.parse import quote as percent
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixfetch_docker.base.echo import secrets_of, strike, strike_quotations
from nixfetch_docker.base.redact import literal, quote

USER = "ann"
# One of each kind that an encoding changes, one that is changed by printing, and plain ones.
PASSWORDS = [
    pytest.param("pa55-0f-ann", id="plain"),
    pytest.param("pa55+of/ann=", id="like base64"),
    pytest.param("p@ss:w0rd/%41&\"x'<y>\\z", id="signs"),
    pytest.param("&lt;pa55%20word\\n", id="like escapes"),
    pytest.param("my  pass\tword of  ann", id="blanks"),
    pytest.param("pässwörd-€-of-ann", id="beyond ASCII"),
    pytest.param("пароль-от-ани", id="no ASCII"),
    pytest.param("pass\U0001f511word-of-ann", id="beyond 16 bits"),
    pytest.param("glpat-" + "x" * 900 + "-end", id="longer than a message"),
]


def basic(password: str) -> str:
    return base64.b64encode(f"{USER}:{password}".encode()).decode()


def hexadecimal(form: str) -> Callable[[str], str]:
    return lambda text: "".join(form.format(byte) for byte in text.encode())


def lower_percent(text: str) -> str:
    return re.sub("%..", lambda escape: escape[0].lower(), percent(text, safe=""))


def references(form: str) -> Callable[[str], str]:
    return lambda text: "".join(form.format(ord(letter)) for letter in text)


def units(text: str) -> str:
    """Every UTF-16 unit as JSON escapes it."""
    data = text.encode("utf-16-be")
    return "".join(f"\\u{data[at]:02x}{data[at + 1]:02X}" for at in range(0, len(data), 2))


def in_longer(before: int) -> Callable[[str], str]:
    return lambda text: base64.b64encode(b"x" * before + text.encode() + b"yyyyyyy").decode()


def in_lines(text: str) -> str:
    encoded = base64.b64encode(b"some words before it " + text.encode()).decode()
    return "\n".join(encoded[at : at + 20] for at in range(0, len(encoded), 20))


ENCODINGS = [
    pytest.param(str, id="none"),
    pytest.param(str.lower, id="lower case"),
    pytest.param(str.upper, id="upper case"),
    pytest.param(lambda text: percent(text.upper()), id="upper case, percent"),
    pytest.param(percent, id="percent"),
    pytest.param(lambda text: percent(text, safe=""), id="percent, slashes too"),
    pytest.param(lower_percent, id="percent, lower hex"),
    pytest.param(hexadecimal("%{:02X}"), id="percent, all of it"),
    pytest.param(hexadecimal("%{:02x}"), id="percent, all of it, lower hex"),
    pytest.param(lambda text: percent(percent(text, safe=""), safe=""), id="percent twice"),
    pytest.param(quote_plus, id="form"),
    pytest.param(html.escape, id="HTML"),
    pytest.param(lambda text: html.escape(html.escape(text)), id="HTML twice"),
    pytest.param(references("&#{};"), id="HTML, decimal"),
    pytest.param(references("&#x{:x};"), id="HTML, hexadecimal"),
    pytest.param(references("&#X{:08X};"), id="HTML, zeros before"),
    pytest.param(lambda text: json.dumps(text)[1:-1], id="JSON"),
    pytest.param(lambda text: json.dumps(text)[1:-1].replace("/", "\\/"), id="JSON of PHP"),
    pytest.param(
        lambda text: json.dumps(text)[1:-1].replace("&", "\\u0026").replace("<", "\\u003C"),
        id="JSON of Go",
    ),
    pytest.param(units, id="JSON, all of it"),
    pytest.param(lambda text: json.dumps(json.dumps(text)), id="JSON twice"),
    pytest.param(lambda text: json.dumps(html.escape(text)), id="HTML in JSON"),
    pytest.param(lambda text: percent(json.dumps(text)), id="JSON in a URL"),
    pytest.param(repr, id="Python"),
    pytest.param(lambda text: repr(text.encode()), id="Python's bytes"),
    pytest.param(in_longer(0), id="base64"),
    pytest.param(in_longer(1), id="base64, second alignment"),
    pytest.param(in_longer(2), id="base64, third alignment"),
    pytest.param(
        lambda text: in_longer(2)(text).replace("+", "-").replace("/", "_"), id="base64url"
    ),
    pytest.param(lambda text: in_longer(1)(text).replace("+", " "), id="base64 as a form"),
    pytest.param(lambda text: percent(in_longer(0)(text), safe=""), id="base64 in a URL"),
    pytest.param(in_lines, id="base64 in lines"),
    pytest.param(lambda text: json.dumps(in_lines(text)), id="base64 in lines in JSON"),
    pytest.param(lambda text: base64.b64encode(f"{text}:{USER}".encode()).decode(), id="reversed"),
    pytest.param(lambda text: text.encode().hex(), id="hexadecimal"),
    pytest.param(lambda text: " ".join(text.split()), id="blanks collapsed"),
    pytest.param("\x00".join, id="control characters within"),
    pytest.param("\u200b".join, id="invisible characters within"),
]
OF_A_LOGIN = [
    pytest.param(basic, id="Basic"),
    pytest.param(lambda text: basic(text).rstrip("="), id="Basic without padding"),
    pytest.param(lambda text: in_longer(1)(basic(text)), id="base64 of Basic"),
]


def twin(secret: str) -> str:
    """Another secret with the same letters, of which the first four and the last are in place."""
    return secret[:4] + secret[4:-1][::-1] + secret[-1]


# A message that is the same for two secrets tells nothing of them.
@pytest.mark.parametrize("password", PASSWORDS)
@pytest.mark.parametrize("encoding", ENCODINGS + OF_A_LOGIN)
def test_a_password_is_struck_in_every_encoding(
    encoding: Callable[[str], str], password: str
) -> None:
    first, second = (
        quote(f"I do not know <{encoding(one)}> here", secrets_of(f"Basic {basic(one)}"))
        for one in (password, twin(password))
    )
    assert first == second
    assert first.startswith("I do not know <")
    assert "…" in first


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(
    "token",
    [
        pytest.param("eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2ln-_ln", id="JWT"),
        pytest.param("1dentity/0f+ann==", id="refresh token"),
    ],
)
def test_a_token_is_struck_in_every_encoding(encoding: Callable[[str], str], token: str) -> None:
    first, second = (
        quote(f"say {encoding(one)} again", secrets_of(f"Bearer {one}"))
        for one in (token, twin(token))
    )
    assert first == second
    assert "…" in first


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_no_cut_shows_a_part_of_a_secret(encoding: Callable[[str], str]) -> None:
    password = "pa55/of ann & others"  # noqa: S105 - of nobody
    for kept in range(1, len(encoding(password))):
        first, second = (
            strike(f"I know {encoding(one)[:kept]}", secrets_of(f"Basic {basic(one)}"), is_cut=True)
            for one in (password, twin(password))
        )
        assert first == second


def test_what_is_read_of_a_text_shows_no_part_of_a_secret() -> None:
    password = "pa55/of ann & others"  # noqa: S105 - of nobody
    for kept in range(1, len(lower_percent(password)), 9):
        first, second = (_cut_after(kept, one, lower_percent) for one in (password, twin(password)))
        assert first == second


def _cut_after(kept: int, password: str, encoding: Callable[[str], str]) -> str:
    """A quoted text whose part that is read ends with `kept` characters of an encoded password."""
    length = 4096
    # What comes before is struck, and takes little room in what is shown.
    before = f"{password} " * ((length - kept) // (len(password) + 1))
    text = f"{before}{'.' * (length - len(before) - kept)}{encoding(password)}"
    return quote(text, secrets_of(f"Basic {basic(password)}"))


def test_a_text_that_was_cut_elsewhere_may_end_within_a_secret() -> None:
    assert quote("I know pa55-0f", {"pa55-0f-ann"}, is_cut=True) == "I know …"
    assert quote("I know pa55-0f", {"pa55-0f-ann"}) == "I know pa55-0f"


def test_a_message_may_quote_texts_that_end_within_a_secret() -> None:
    message = "its header (pa55-0f…) and 'pa55-0…' and pa55-0"
    assert strike_quotations(message, {"pa55-0f-ann"}) == "its header (…) and '…' and pa55-0"
    assert strike_quotations("it said pa55-0f-ann there", {"pa55-0f-ann"}) == "it said … there"


@pytest.mark.parametrize("length", range(1, 12))
def test_of_a_cut_secret_four_characters_are_struck(length: int) -> None:
    secret = "pa55-0f-ann"  # noqa: S105 - of nobody
    begun = secret[:length]
    assert strike(f"I know {begun}", {secret}, is_cut=True) == (
        "I know …" if length >= 4 else f"I know {begun}"
    )
    assert strike(begun, {secret}, is_cut=True) == ("…" if length >= 4 else begun)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("a pa55 b", "a … b", id="as it stands"),
        pytest.param("a p%6155 b", "a … b", id="percent"),
        pytest.param("a p a\n55 b", "a … b", id="blanks within"),
        pytest.param("a p+a+5+5 b", "a … b", id="plus signs within"),
        pytest.param("a p.a.5.5 b", "a … b", id="signs within"),
        pytest.param("a cGE1NQ== b", "a …Q== b", id="base64"),
        pytest.param("a 70613535 b", "a … b", id="hexadecimal"),
        pytest.param("a pa5-b5 b", "a pa5-b5 b", id="another"),
    ],
)
def test_four_letters_are_a_secret(text: str, shown: str) -> None:
    assert strike(text, {"pa55"}) == shown


def test_a_literal_is_cut_before_it_is_escaped() -> None:
    assert literal("a\nb") == r"'a\nb'"
    assert literal("x" * 5000) == f"'{'x' * 199}…"


def test_a_secret_in_another_is_struck_with_it() -> None:
    assert strike("token-12 token-1", {"token-1", "token-12"}) == "… …"


def test_secrets_side_by_side_are_struck_as_one() -> None:
    assert strike("pa55pa55 pa55", {"pa55"}) == "… …"
    assert strike("I say aaaaa", {"aaaa"}) == "I say …"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("its manifest is at /v2/web/manifests/7.4", id="path"),
        pytest.param("asked for sha256:0123456789abcdef, got nothing", id="digest"),
        pytest.param("100% of &c; C:\\users\\ann &#0; &#x110000; %zz \\u12", id="signs"),
    ],
)
def test_a_text_without_secrets_stays(text: str) -> None:
    secrets = secrets_of(f"Basic {basic('pa55-0f-ann')}") | secrets_of("Bearer eyJhbGciOi.x")
    assert strike(text, secrets, is_cut=True) == text


def test_a_secret_of_three_letters_is_not_struck() -> None:
    assert secrets_of("Basic " + base64.b64encode(b"a:b").decode()) == {"YTpi"}


def test_a_token_is_a_secret_as_it_stands() -> None:
    assert secrets_of("Bearer eyJhbGciOi.x") == {"eyJhbGciOi.x"}


@given(st.text())
def test_any_header_has_secrets_that_can_be_struck(header: str) -> None:
    for secret in secrets_of(header):
        assert len(secret) >= 4
        assert secret not in strike(f"a {secret} b", {secret})


@given(st.text(min_size=4), st.text(alphabet="%&#xu0041\\;+ ab\n"), st.booleans())
def test_any_text_and_secret_can_be_compared(secret: str, text: str, is_cut: bool) -> None:
    assert isinstance(strike(text, {secret}, is_cut=is_cut), str)


@pytest.mark.parametrize(
    ("header", "secrets"),
    [
        pytest.param("Bearer XabcX==", {"XabcX==", "XabcX"}, id="with padding"),
        pytest.param("Bearer =abcd", {"=abcd"}, id="an equals sign in front"),
        pytest.param("Custom pa55 word", {"pa55 word"}, id="a blank"),
        pytest.param("Bearer YW5uOnBh.NTU1", {"YW5uOnBh.NTU1"}, id="almost base64"),
        pytest.param("Basic YW5uOnBhNTU=", {"YW5uOnBhNTU=", "YW5uOnBhNTU", "ann:pa55", "pa55"}),
        pytest.param("Basic", set(), id="no value"),
    ],
)
def test_a_header_has_its_value_and_its_login_as_secrets(header: str, secrets: set[str]) -> None:
    assert secrets_of(header) == secrets


@pytest.mark.parametrize(
    "end",
    [
        "%",
        "%2",
        "%252",
        "&",
        "&#4",
        "&#x2",
        "&am",
        "\\",
        "\\u00",
        "\\u002",
        "\\x2",
        "\\05",
        "%5Cu0",
    ],
)
def test_a_text_that_is_cut_may_end_within_an_escape_of_a_secret(end: str) -> None:
    assert strike(f"I know pa55{end}", {"pa55/of-ann"}, is_cut=True) == "I know …"
    assert strike(f"I know pa55{end}", {"pa55/of-ann"}) == f"I know pa55{end}"


def test_a_secret_that_was_never_seen_is_struck_with_blanks_in_it() -> None:
    secret = os.urandom(2).hex()
    assert strike(f"- {' '.join(secret)} -", {secret}) == "- … -"
    assert strike("", {secret}) == ""


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        pytest.param("!?+?!+#$", "!? ?! #$", id="signs with blanks, as a form"),
        pytest.param("Pa55WORD", "pA55word", id="in another case"),
    ],
)
def test_a_secret_is_struck_beside_any_letters(text: str, secret: str) -> None:
    assert strike(f"İ say {text} ok", {secret}) == "İ say … ok"
