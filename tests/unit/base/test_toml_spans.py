from __future__ import annotations

import pytest

from nixfetch_docker.base.toml import InvalidDocument
from nixfetch_docker.base.toml_spans import Kind, entries, key_parts, tokens, where


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("a = 1", [("a", "a = 1", "1")], id="key"),
        pytest.param("\na=1 # b = 2\n\n", [("a", "a=1", "1")], id="comment"),
        pytest.param(
            "a = 1\r\nb = 2\r\n", [("a", "a = 1", "1"), ("b", "b = 2", "2")], id="two lines, CRLF"
        ),
        pytest.param("a . b = 1\n", [("a/b", "a . b = 1", "1")], id="dotted key"),
        pytest.param(
            "\"a.b\".'c d'.Xe = 'x'", [("a.b/c d/Xe", "\"a.b\".'c d'.Xe = 'x'", "'x'")], id="quoted"
        ),
        pytest.param("Xa = 1", [("Xa", "Xa = 1", "1")], id="bare key"),
        pytest.param('"\\u0061" = 1', [("a", '"\\u0061" = 1', "1")], id="escape in a key"),
        pytest.param("[a]\n", [("a", "[a]", None)], id="header"),
        pytest.param(
            "[X]\nb = 1\n [ c . 'd' ] # e\nf = 2",
            [
                ("X", "[X]", None),
                ("X/b", "b = 1", "1"),
                ("c/d", "[ c . 'd' ]", None),
                ("c/d/f", "f = 2", "2"),
            ],
            id="headers",
        ),
        pytest.param(
            "[[a]]\nb = 1\n[[a]] # c\n",
            [("a", "[[a]]", None), ("a/b", "b = 1", "1"), ("a", "[[a]]", None)],
            id="array of tables",
        ),
        pytest.param("[[a]]", [("a", "[[a]]", None)], id="array of tables alone"),
        pytest.param(
            "a = [\n 1, # ]\n [2],\n]\nb = 1\n",
            [("a", "a = [\n 1, # ]\n [2],\n]", "[\n 1, # ]\n [2],\n]"), ("b", "b = 1", "1")],
            id="array of several lines",
        ),
        pytest.param(
            "a = { b = 1, c.d = [2] }\ne = 3",
            [
                ("a", "a = { b = 1, c.d = [2] }", "{ b = 1, c.d = [2] }"),
                ("a/b", "b = 1", "1"),
                ("a/c/d", "c.d = [2]", "[2]"),
                ("e", "e = 3", "3"),
            ],
            id="inline table",
        ),
        pytest.param(
            "a = { b = { c = 1 }, d = 2 }",
            [
                ("a", "a = { b = { c = 1 }, d = 2 }", "{ b = { c = 1 }, d = 2 }"),
                ("a/b", "b = { c = 1 }", "{ c = 1 }"),
                ("a/b/c", "c = 1", "1"),
                ("a/d", "d = 2", "2"),
            ],
            id="inline tables in each other",
        ),
        pytest.param(
            "a = [ { b = 1, c = { d = 2 } }, 3 ]\ne = 4",
            [
                (
                    "a",
                    "a = [ { b = 1, c = { d = 2 } }, 3 ]",
                    "[ { b = 1, c = { d = 2 } }, 3 ]",
                ),
                ("e", "e = 4", "4"),
            ],
            id="tables in an array have no path",
        ),
        pytest.param(
            "a = { b = [ { c = 1 } ], d = 2 }",
            [
                ("a", "a = { b = [ { c = 1 } ], d = 2 }", "{ b = [ { c = 1 } ], d = 2 }"),
                ("a/b", "b = [ { c = 1 } ]", "[ { c = 1 } ]"),
                ("a/d", "d = 2", "2"),
            ],
            id="a table in an array in a table has none",
        ),
        pytest.param("a = {}\n", [("a", "a = {}", "{}")], id="empty inline table"),
        pytest.param(
            'a = """\n[b]\n"""\nc = "# }"',
            [("a", 'a = """\n[b]\n"""', '"""\n[b]\n"""'), ("c", 'c = "# }"', '"# }"')],
            id="strings",
        ),
        pytest.param(
            "a = 1979-05-27 07:32:00\n", [("a", "a = 1979-05-27 07:32:00", None)], id="date"
        ),
        pytest.param("# nothing\n", [], id="nothing"),
    ],
)
def test_every_key_and_header_has_its_place(
    text: str, found: list[tuple[str, str, str | None]]
) -> None:
    shown = [
        (
            "/".join(one.path),
            text[one.start : one.end],
            None if one.value is None or "07:32" in text else text[one.value : one.end],
        )
        for one in entries(text)
    ]
    assert shown == found


def test_a_key_knows_the_inline_table_that_it_is_in() -> None:
    text = "[x]\na = { b = { c = 1 }, d = 2 }\ne = 3\n"
    assert [(one.path[-1], one.inline) for one in entries(text)] == [
        ("x", None),
        ("a", None),
        ("b", text.index("{ b")),
        ("c", text.index("{ c")),
        ("d", text.index("{ b")),
        ("e", None),
    ]


@pytest.mark.parametrize(
    ("position", "place"),
    [
        (0, "line 1, column 1"),
        (1, "line 2, column 1"),
        (2, "line 2, column 2"),
        (4, "line 3, column 1"),
        (5, "line 4, column 1"),
    ],
)
def test_a_place_has_a_line_and_a_column(position: int, place: str) -> None:
    assert where("\nab\n\nc\n\n", position) == place


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param('a = "b', "line 1, column 5", id="open string"),
        pytest.param("a = 1\nb = '", "line 2, column 5", id="open literal string"),
        pytest.param('a = 1\n\n  "', "line 3, column 3", id="open key"),
        pytest.param("a\rb", "line 1, column 2", id="lone carriage return"),
    ],
)
def test_what_toml_does_not_have_is_refused_at_its_place(text: str, place: str) -> None:
    for read in (lambda text: list(tokens(text)), entries):
        with pytest.raises(InvalidDocument) as caught:
            read(text)
        assert str(caught.value) == f"{place}: this cannot be read"


def test_a_document_is_a_row_of_tokens() -> None:
    found = list(tokens("[a]\t# b\r\nc={'d'}"))
    assert [(one.kind, one.text) for one in found] == [
        (Kind.MARK, "["),
        (Kind.WORD, "a"),
        (Kind.MARK, "]"),
        (Kind.SPACE, "\t"),
        (Kind.COMMENT, "# b"),
        (Kind.NEWLINE, "\r\n"),
        (Kind.WORD, "c"),
        (Kind.MARK, "="),
        (Kind.MARK, "{"),
        (Kind.STRING, "'d'"),
        (Kind.MARK, "}"),
    ]
    assert [one.end for one in found[:-1]] == [one.start for one in found[1:]]


def test_the_parts_of_a_key_keep_their_quotes() -> None:
    assert key_parts("a . \"b.c\".'d'.e-f_1") == ["a", '"b.c"', "'d'", "e-f_1"]
