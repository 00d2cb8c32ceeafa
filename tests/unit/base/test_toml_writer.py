from __future__ import annotations

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from nixfetch_docker.base import toml_writer


@given(st.text(), st.text(), st.lists(st.text()))
def test_a_written_table_reads_back(key: str, text: str, items: list[str]) -> None:
    line = toml_writer.inline_table(
        [(key, toml_writer.string(text)), (f"{key}s", toml_writer.strings(items))]
    )
    assert "\n" not in line
    assert tomli.loads(f"x = {line}") == {"x": {key: text, f"{key}s": items}}


@pytest.mark.parametrize(
    ("name", "written"),
    [
        pytest.param("media-type", "media-type", id="bare"),
        pytest.param("linux/amd64", '"linux/amd64"', id="slash"),
        pytest.param("1.2", '"1.2"', id="dot"),
        pytest.param("", '""', id="empty"),
        pytest.param("é", '"é"', id="letter that is not ASCII"),
    ],
)
def test_a_key_is_quoted_only_where_it_must_be(name: str, written: str) -> None:
    assert toml_writer.key(name) == written


def test_a_table_stands_on_one_line() -> None:
    line = toml_writer.inline_table([("sha256", toml_writer.string("ab")), ("size", "7")])
    assert line == '{ sha256 = "ab", size = 7 }'


def test_strings_stand_on_one_line() -> None:
    assert toml_writer.strings(["linux/amd64", "linux/arm64"]) == '["linux/amd64", "linux/arm64"]'


@pytest.mark.parametrize(
    ("text", "written"),
    [
        pytest.param("\x1b[31m", r'"\u001b[31m"', id="a colour"),
        pytest.param("\x7f\x9b", r'"\u007f\u009b"', id="other controls"),
        pytest.param("\u202ea", r'"\u202ea"', id="a direction"),
        pytest.param("\u2028", r'"\u2028"', id="an end of a line"),
        pytest.param("\U000e0041", r'"\U000e0041"', id="a tag"),
        pytest.param("##[a]", r'"#\u0023[a]"', id="a command of a CI"),
    ],
)
def test_what_nobody_sees_or_a_ci_obeys_is_escaped(text: str, written: str) -> None:
    assert toml_writer.string(text) == written
    assert tomli.loads(f"a = {written}") == {"a": text}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        pytest.param("plain", '"plain"', id="ASCII"),
        pytest.param("é", '"é"', id="a letter that is seen"),
        pytest.param("é\u202e", '"é\\u202e"', id="a mark that is not"),
        pytest.param("\x7f", '"\\u007f"', id="ASCII that is not seen"),
        pytest.param("\uffff", '"\\uffff"', id="last of four digits"),
        pytest.param("\U0010ffff", '"\\U0010ffff"', id="eight digits"),
        pytest.param("a##b", '"a#\\u0023b"', id="what a CI obeys"),
    ],
)
def test_what_nobody_sees_is_escaped(text: str, written: str) -> None:
    assert toml_writer.string(text) == written
    assert tomli.loads(f"a = {written}") == {"a": text}


def test_a_letter_that_python_takes_for_seen_is_escaped_as_well() -> None:
    assert toml_writer.string("a\u3164b") == '"a\\u3164b"'
