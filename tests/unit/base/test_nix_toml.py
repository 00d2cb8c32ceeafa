from __future__ import annotations

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st
from support.builders import read_or_refused
from support.toml_documents import DOCUMENTS

from nixfetch_docker.base import toml_spans
from nixfetch_docker.base.nix_toml import parse_for_nix
from nixfetch_docker.base.toml import InvalidDocument

NEW = "this is of TOML 1.1, which Nix does not read"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "\ufeffx = 1\n",
            "line 1, column 1: it begins with a byte order mark (U+FEFF); "
            "save it as UTF-8 without one",
            id="byte order mark",
        ),
        pytest.param(
            "x = 1\ry = 2\r",
            "line 1, column 6: a carriage return stands here without a line feed; "
            "save it with line ends of Linux or Windows (LF or CRLF)",
            id="line ends of an old Mac",
        ),
        pytest.param(
            'x = "a\\\\"\ny = "\\x41"\n',
            f"line 2, column 6: the escape \\x: {NEW}; write \\u and four digits",
            id="escape of two digits",
        ),
        pytest.param(
            'x = ["""\n\\e"""]\n',
            f"line 2, column 1: the escape \\e: {NEW}; write \\u and four digits",
            id="escape of ESC",
        ),
        pytest.param(
            "x = { a = 1,\n b = 2 }\n",
            f"line 1, column 13: an inline table ends on its line; {NEW}; "
            "write it on one line, or as a table",
            id="line break in an inline table",
        ),
        pytest.param(
            "x = { a = 1, }\n",
            f"line 1, column 14: a comma stands behind the last key; {NEW}; remove the comma",
            id="comma at the end of an inline table",
        ),
        pytest.param(
            "x = [\n 07:32,\n]\n",
            "line 2, column 2: a date or a time, which Nix does not read; put it between quotes",
            id="time",
        ),
        pytest.param(
            "1979-05-27 = 1979-05-27\n",
            "line 1, column 14: a date or a time, which Nix does not read; put it between quotes",
            id="date, which may be a key",
        ),
        pytest.param(
            "x = 0xFFFF_FFFF_FFFF_FFFF\n",
            "line 1, column 5: an integer beyond 2^63 - 1; "
            "put it between quotes, or write a smaller one",
            id="integer",
        ),
        pytest.param(
            'x = "a\\u0000"\n',
            "line 1, column 7: a string with NUL, which Nix does not have; remove it",
            id="NUL",
        ),
        pytest.param(
            'x = """\r\na\\\r\n  b\r\n"""\n',
            "line 3, column 4: a line break CRLF in a string, which Nix reads otherwise; "
            "write the string on one line, with \\n",
            id="CRLF in a string",
        ),
    ],
)
def test_what_nix_refuses_is_refused_with_its_place_and_a_remedy(text: str, message: str) -> None:
    with pytest.raises(InvalidDocument) as caught:
        parse_for_nix(text)
    # tomli before 2.4 refuses TOML 1.1 itself, in its own words.
    if NEW in message and tuple(map(int, tomli_version())) < (2, 4):
        assert str(caught.value).startswith("line ")
    else:
        assert str(caught.value) == message


@pytest.mark.parametrize(
    ("value", "message"),
    [
        pytest.param(f"{2**63}", "an integer beyond 2^63 - 1", id="greatest and one"),
        pytest.param(f"+{2**63}", "an integer beyond 2^63 - 1", id="with a sign"),
        pytest.param(f"-{2**63 + 1}", "an integer beyond 2^63 - 1", id="least and one less"),
        pytest.param("9_223_372_036_854_775_808", "an integer beyond 2^63 - 1", id="underscores"),
        pytest.param("0x8000_0000_0000_0000", "an integer beyond 2^63 - 1", id="hexadecimal"),
        pytest.param("0o1000000000000000000000", "an integer beyond 2^63 - 1", id="octal"),
        pytest.param(f"0b{'1' * 64}", "an integer beyond 2^63 - 1", id="binary"),
        pytest.param("1e999", "a number that no floating-point number can be", id="exponent"),
        pytest.param("-1_0.5e9_99", "a number that no floating-point number can be", id="float"),
        pytest.param(f"{'9' * 400}.0", "a number that no floating-point number can be", id="long"),
    ],
)
def test_a_number_that_nix_does_not_have_is_refused(value: str, message: str) -> None:
    hint = "write a smaller one"
    if "integer" in message:
        hint = f"put it between quotes, or {hint}"
    for text, place in ((f"x = {value}\n", 5), (f"x = [{value}]\n", 6)):
        with pytest.raises(InvalidDocument) as caught:
            parse_for_nix(text)
        assert str(caught.value) == f"line 1, column {place}: {message}; {hint}"


@pytest.mark.parametrize(
    "value",
    [
        *("0", "-0", "+1", f"{2**63 - 1}", f"-{2**63}", "0x7fff_ffff_ffff_ffff", "0o17", "0b1"),
        *("1e308", "-1.5e-999", "inf", "-nan", "true", "1_000.000_1"),
    ],
)
def test_a_number_that_nix_has_is_read(value: str) -> None:
    text = f"x = {value}\ny = [{value}, ]\n"
    assert repr(parse_for_nix(text).values) == repr(tomli.loads(text))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[1979-05-27]\n", id="table at the start"),
        pytest.param("# c\n[1979-05-27] # c\n", id="table below a comment"),
        pytest.param("x = 1\n[1979-05-27]\n", id="table"),
        pytest.param("x = 1\r\n[1979-05-27]\r\n", id="table, CRLF"),
        pytest.param("x = 1\n [a.1979-05-27]\n", id="indented table of two names"),
        pytest.param("[[1979-05-27]]\n[[1979-05-27]]\n", id="tables of an array"),
        pytest.param("1979-05-27 = 1\n", id="key at the start"),
        pytest.param("[a]\n1979-05-27 = 1\n1979-05-28.x = 1\n", id="keys"),
        pytest.param("x = [1]\n1979-05-27 = 1\n", id="key behind an array"),
        pytest.param("x = [ [1], [{}] ]\n1979-05-27 = 1\n", id="key behind arrays of arrays"),
        pytest.param("x = { a = [1], 1979-05-27 = 1 }\ny = 1\n", id="key in an inline table"),
        pytest.param("x = [\n[1],\n]\n1979-05-27 = 1\n", id="array on a line of its own"),
        pytest.param("x = { a = {}, b = { c = 1 } }\n\n# c\n", id="inline table and a comment"),
    ],
)
def test_a_key_may_look_like_a_date(text: str) -> None:
    assert parse_for_nix(text).values == tomli.loads(text)


@pytest.mark.parametrize(
    ("string", "is_refused"),
    [
        pytest.param('"""a\r\nb"""', True, id="behind the first letter"),
        pytest.param('"""\r\nb"""', False, id="first line break"),
        pytest.param('"""\r\n\r\nb"""', True, id="second line break"),
        pytest.param('"""\\\r\n  b"""', False, id="behind a backslash"),
        pytest.param('"""\\  \r\n\r\n  b"""', False, id="several behind a backslash"),
        pytest.param('"""\\\\\r\nb"""', True, id="behind two backslashes"),
        pytest.param("'''a\r\nb'''", True, id="literal"),
        pytest.param("'''\r\nb'''", False, id="literal, first line break"),
        pytest.param("'''\r\n\r\nb'''", True, id="literal, second line break"),
        pytest.param("'''a\\\r\nb'''", True, id="literal, behind a backslash"),
        pytest.param('"""a\nb"""', False, id="LF"),
        pytest.param('"a"\r\n', False, id="behind a string"),
    ],
)
def test_a_line_break_of_two_characters_in_a_string_is_refused(
    string: str, is_refused: bool
) -> None:
    text = f"x = {string}\n"
    if is_refused:
        with pytest.raises(InvalidDocument, match="a line break CRLF in a string"):
            parse_for_nix(text)
    else:
        assert parse_for_nix(text).values == tomli.loads(text)


def tomli_version() -> list[str]:
    from importlib.metadata import version

    return version("tomli").split(".")[:2]


@pytest.mark.parametrize("data", DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_every_entry_of_a_document_has_its_place(data: bytes) -> None:
    try:
        text = data.decode()
        values = dict(parse_for_nix(text).values)
    except (UnicodeDecodeError, InvalidDocument):
        return
    for entry in toml_spans.entries(text):
        found: object = values
        for name in entry.path:
            # Of the tables of an array, the last is what TOML adds to.
            found = found[-1] if isinstance(found, list) else found
            assert isinstance(found, dict)
            found = found[name]
        if entry.value is not None and not isinstance(found, dict) and "[[" not in text:
            again = tomli.loads(f"x = {text[entry.value : entry.end]}")["x"]
            assert again == found or again != again  # noqa: PLR0124 - a NaN


@given(st.text(st.sampled_from("ab=.[]{},\"'\\#\n\r 0179-:xeuT+_")))
def test_any_text_is_read_or_refused(text: str) -> None:
    table = read_or_refused(parse_for_nix, text)
    if table is not None:
        assert table.values == tomli.loads(text)
        assert "".join(token.text for token in toml_spans.tokens(text)) == text
        toml_spans.entries(text)


def test_values_in_values_need_no_recursion() -> None:
    text = f"x = {'[' * 100_000}{']' * 100_000}\n"
    assert toml_spans.entries(text)[0].path == ("x",)
