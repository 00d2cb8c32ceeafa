from __future__ import annotations

import pytest

from nixfetch_docker.base.escapes import readings


@pytest.mark.parametrize(
    ("text", "undone"),
    [
        pytest.param("a%41b", "aAb", id="percent"),
        pytest.param(r"\101\060", "A0", id="octal"),
        pytest.param(r"\x41", "A", id="hexadecimal"),
        pytest.param(r"\u0041", "A", id="JSON"),
        pytest.param("&#65;&#x41;", "AA", id="number of a character"),
        pytest.param("&amp;&lt;x", "&<x", id="name of a character"),
        pytest.param("&ltx", "<x", id="name of two letters without its end"),
        pytest.param("&notit;", "\u00acit;", id="the longest name that there is"),
        pytest.param("&zzz;%41", "&zzz;A", id="no name"),
        pytest.param(r"\n\q", "\nq", id="letters"),
    ],
)
def test_an_escape_is_undone(text: str, undone: str) -> None:
    assert [one.text for one in readings(text)][:2] == [text, undone]


# Where each character of a text begins and ends.
@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        pytest.param("", [""], id="nothing"),
        pytest.param("ab", ["a", "b"], id="no escape"),
        pytest.param("a%41b", ["a", "%41", "b"], id="percent"),
        pytest.param("%41%42%43d", ["%41", "%42", "%43", "d"], id="percent, several"),
        pytest.param("%c3%a9%41%C3%A9", ["%c3%a9", "%41", "%C3%A9"], id="percent, UTF-8"),
        pytest.param("%ff%41", ["%ff", "%41"], id="percent, not UTF-8"),
        pytest.param(r"a\x41\xc3\xa9b", ["a", r"\x41", r"\xc3\xa9", "b"], id="hexadecimal"),
        pytest.param(r"a\nb\qc", ["a", r"\n", "b", r"\q", "c"], id="letters"),
        pytest.param(r"a\101b", ["a", r"\101", "b"], id="octal"),
        pytest.param(r"a\u0041%u0042b", ["a", r"\u0041", "%u0042", "b"], id="JSON"),
        pytest.param("a&amp;b", ["a", "&amp;", "b"], id="name"),
        pytest.param("a&ampb", ["a", "&amp", "b"], id="name without its end"),
        pytest.param("a&notit;", ["a", "&not", "i", "t", ";"], id="name in a longer word"),
        pytest.param("a&#65;&#x0041b", ["a", "&#65;", "&#x0041b"], id="numbers"),
    ],
)
def test_each_character_knows_its_place(text: str, pieces: list[str]) -> None:
    *_, last = readings(text)
    assert [text[start:end] for start, end in zip(last.starts, last.ends, strict=True)] == (
        pieces if text else []
    )
    assert len(last.text) == len(last.starts)


def test_a_name_may_stand_for_two_characters() -> None:
    _, undone = readings("a&nvlt;b")
    assert undone.text == "a<\u20d2b"
    assert list(zip(undone.starts, undone.ends, strict=True)) == [(0, 1), (1, 7), (1, 7), (7, 8)]


@pytest.mark.parametrize(
    ("text", "undone"),
    [
        pytest.param("&#x10ffff;", "\U0010ffff", id="last character"),
        pytest.param("&#x110000;", "\ufffd", id="one more"),
        pytest.param("&#9999999;", "\ufffd", id="far more"),
        pytest.param("&#1114111;", "\U0010ffff", id="last character, decimal"),
    ],
)
def test_a_number_that_no_character_has_is_one_that_says_so(text: str, undone: str) -> None:
    assert [one.text for one in readings(text)] == [text, undone]


def test_three_layers_of_escapes_are_undone() -> None:
    assert [one.text for one in readings("%25252541")] == [
        "%25252541",
        "%252541",
        "%2541",
        "%41",
    ]
    # What comes out has the places of what came in.
    *_, last = readings("a%2541b")
    assert (last.text, last.starts, last.ends) == ("aAb", [0, 1, 6], [1, 6, 7])


@pytest.mark.parametrize(
    "cut",
    [
        *("%", "%4", "%u", "%u004", "&", "&am", "&#", "&#6", "&#x", "&#x0000004"),
        *("\\", r"\x", r"\x4", r"\u", r"\u004", r"\1", r"\10"),
    ],
)
def test_a_text_may_end_within_an_escape(cut: str) -> None:
    assert [one.text for one in readings(f"%41b{cut}", is_cut=True)] == [f"%41b{cut}", "Ab"]
    assert [one.text for one in readings(f"%41b{cut}")][1] != "Ab"
    # What stands before it may be the beginning of a secret.
    for before in ("", "b"):
        texts = [one.text for one in readings(f"{before}{cut}", is_cut=True)]
        assert texts == [f"{before}{cut}", before]


def test_an_escape_that_is_whole_is_undone_where_the_text_is_cut_behind_it() -> None:
    for text in ("b%41", r"b\x41", "b&#65;", r"b\u0041", r"b\101"):
        assert [one.text for one in readings(text, is_cut=True)] == [text, "bA"]
    *_, last = readings("&" + "x" * 60 + "%41", is_cut=True)
    assert last.text == "&" + "x" * 60 + "A"
