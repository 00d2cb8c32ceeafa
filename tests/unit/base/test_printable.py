from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixfetch_docker.base.printable import document, json_text, lines, one_line, visible

# Commands that some CI obeys in the output of a program, and the same text without its power.
COMMANDS = [
    pytest.param("::add-mask::a", ": :add-mask::a", id="GitHub"),
    pytest.param("  ::set-output name=a::b", "  : :set-output name=a::b", id="GitHub, indented"),
    pytest.param("a ##[add-mask]b", "a # #[add-mask]b", id="GitHub, older"),
    pytest.param("####[group]", "# # # #[group]", id="more of these signs"),
    pytest.param("a ##vso[task.setvariable]", "a # #vso[task.setvariable]", id="Azure"),
    pytest.param("##teamcity[buildStop]", "# #teamcity[buildStop]", id="TeamCity"),
    pytest.param(
        "\x1b[0Ksection_start:1:a\r\x1b[0K", r"\x1b[0Ksection_start:1:a\r\x1b[0K", id="GitLab"
    ),
    pytest.param("--- a", "- -- a", id="Buildkite, a closed group"),
    pytest.param("+++ a", "+ ++ a", id="Buildkite, an open group"),
    pytest.param("~~~ a", "~ ~~ a", id="Buildkite, a pale group"),
    pytest.param("^^^ +++", "^ ^^ +++", id="Buildkite, the group before is opened"),
    pytest.param("travis_fold:start:a", "t ravis_fold:start:a", id="Travis"),
    pytest.param("a\n::error::b", r"a\n::error::b", id="behind a line feed"),
    pytest.param("a\r::error::b", r"a\r::error::b", id="behind a carriage return"),
    pytest.param("\xa0::error::b", r"\xa0::error::b", id="behind a space that .NET trims"),
]

# What nobody sees, or what a terminal obeys.
UNSEEN = [
    pytest.param("\x1b]8;;https://evil.example\x1b\\a", id="a hyperlink"),
    pytest.param("\x1b[31m", id="a colour"),
    pytest.param("\x9b31m", id="a colour by a C1 control"),
    pytest.param("\x07\x08\x7f\x00\t", id="C0 controls"),
    pytest.param("\x85", id="next line"),
    pytest.param("\u2028\u2029", id="separators of lines and paragraphs"),
    pytest.param("\u202a\u202b\u202c\u202d\u202e", id="embedded directions"),
    pytest.param("\u2066\u2067\u2068\u2069", id="isolated directions"),
    pytest.param("\u200e\u200f\u061c", id="marks of direction"),
    pytest.param("\u200b\u200c\u200d\u2060\ufeff", id="no width"),
    pytest.param("\xad\u034f\u180e", id="hyphen and joiners"),
    pytest.param("\U000e0041\U000e007f\U000e0001", id="tags"),
    pytest.param("\ufe0f\U000e0100", id="selectors of variants"),
    pytest.param("\u3164\u115f\uffa0\u2800", id="empty letters"),
    pytest.param("\ud800\ue000\U0010ffff", id="no character at all"),
    pytest.param("\u3000\u2003", id="spaces that are no space"),
]


@pytest.mark.parametrize(("text", "shown"), COMMANDS)
def test_no_line_is_a_command_of_a_ci(text: str, shown: str) -> None:
    assert one_line(text) == shown


@pytest.mark.parametrize("text", UNSEEN)
def test_what_would_not_be_seen_is_escaped(text: str) -> None:
    assert visible(f"a{text}b").isascii()
    assert visible(f"a{text}b").isprintable()


@pytest.mark.parametrize(
    "text", ["", "redis: 7.4.1 -> 7.4.2", "größer", "読む", "a::b", "#1", "- a", "a -- b", "🙂"]
)
def test_a_plain_line_stays(text: str) -> None:
    assert one_line(text) == lines(text) == document(text) == text


@given(st.text())
def test_any_text_becomes_one_line_that_stays_as_it_is_the_next_time(text: str) -> None:
    line = one_line(text)
    assert line.isprintable()
    assert "##" not in line
    assert not line.lstrip().startswith("::")
    assert one_line(line) == line


def test_each_line_is_looked_at() -> None:
    assert lines("a\n::b\n\r::c\n##[d]") == "a\n: :b\n\\r::c\n# #[d]"


def test_a_document_keeps_its_lines_its_tabs_and_its_signs() -> None:
    assert document("{\n\t##\x1b[31m\u202e}\n") == "{\n\t##\\x1b[31m\\u202e}\n"


@given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_json_keeps_every_value(value: object) -> None:
    assert json.loads(json_text(value)) == value


@pytest.mark.parametrize("text", [*UNSEEN, *(pytest.param(case.values[0]) for case in COMMANDS)])
def test_json_holds_no_command_and_nothing_that_would_not_be_seen(text: str) -> None:
    made = json_text({text: [text]})
    assert lines(made) == made
    assert made.isascii()


def test_json_is_indented_ascii_without_what_a_terminal_obeys() -> None:
    text = json_text({"a": ["é\x7f\x1b", "##[x]"]})
    assert text == '{\n  "a": [\n    "\\u00e9\\u007f\\u001b",\n    "#\\u0023[x]"\n  ]\n}'
    assert json.loads(text) == {"a": ["é\x7f\x1b", "##[x]"]}
