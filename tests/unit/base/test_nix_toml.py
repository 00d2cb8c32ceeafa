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
