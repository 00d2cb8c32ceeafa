"""The faults in the syntax of a document, each with what was meant, and the text without them."""

from __future__ import annotations

import pytest

from nixfetch_docker.base.nix_toml import parse_for_nix
from nixfetch_docker.base.toml_mending import Mending, mend

EXAMPLES = {"image": '"redis:7"'}
COLON = "':' stands where '=' belongs"
TABLE = "a table has its name between brackets"
COMMAS = "an array has commas between its items"
NO_END = "the array is not closed"
ITEMS = f"{COMMAS}, and quotation marks around them"
UNCLOSED = "the string is not closed"
HEADER = "the header is not closed"
SECOND = "this is the second value of its name"
TWO = "the table x.a is there twice"


def mended(text: str, most: int = 5) -> Mending:
    return mend(text, read=parse_for_nix, examples=EXAMPLES, named="x", most=most)


@pytest.mark.parametrize(
    ("text", "faults", "meant"),
    [
        ("a = 1\n", [], "a = 1\n"),
        ("a: b\n", [(1, 2, COLON, 'a = "b"')], 'a = "b"\n'),
        (
            "a: b\r\n  x: X\r\n",
            [(1, 2, COLON, 'a = "b"'), (2, 4, COLON, 'x = "X"')],
            'a = "b"\r\n  x = "X"\r\n',
        ),
        (
            "images:\n  redis:\n    image: a\n",
            [
                (1, 1, TABLE, "[images]"),
                (2, 3, TABLE, "[images.redis]"),
                (3, 10, COLON, 'image = "a"'),
            ],
            '[images]\n  [images.redis]\n    image = "a"\n',
        ),
        ("[X]\r\n\tY:\r\n", [(2, 2, TABLE, "[X.Y]")], "[X]\r\n\t[X.Y]\r\n"),
        ("[a]\n  [a.b]\n  c:\n", [(3, 3, TABLE, "[a.c]")], "[a]\n  [a.b]\n  [a.c]\n"),
        ("x = 1\n[a]\n y: # c", [(3, 2, TABLE, "[a.y]# c")], "x = 1\n[a]\n [a.y]# c"),
        ("[x]\nredis:", [(2, 1, TABLE, "[redis]")], "[x]\n[redis]"),
        (
            'p = [\n "a" # c\n\n "b"\n]\nq: 1\n',
            [(2, 5, COMMAS, '"a",'), (6, 2, COLON, 'q = "1"')],
            'p = [\n "a", # c\n\n "b"\n]\nq = "1"\n',
        ),
        (
            '\np = [\r\n "aX"\r\n "b"\r\n]\r\n',
            [(3, 6, COMMAS, '"aX",')],
            '\np = [\r\n "aX",\r\n "b"\r\n]\r\n',
        ),
        (
            'p = [\n  "a",\n  "b"\n\nq = 1\n',
            [(3, 6, NO_END, '"b"]')],
            'p = [\n  "a",\n  "b"]\n\nq = 1\n',
        ),
        ('p = ["a"\nq = 1\n', [(1, 9, NO_END, 'p = ["a"]')], 'p = ["a"]\nq = 1\n'),
        ('p = ["a", "b"', [(1, 14, NO_END, 'p = ["a", "b"]')], 'p = ["a", "b"]'),
        (
            "p = [\n a\n “b”\n]\n",
            [
                (2, 2, ITEMS, '"a",'),
                (3, 2, "“ (U+201C) is no quotation mark of TOML", '"b",'),
            ],
            'p = [\n "a",\n "b",\n]\n',
        ),
        ('p = [[1], [\n"a"\n"b"]]', [(2, 4, COMMAS, '"a",')], 'p = [[1], [\n"a",\n"b"]]'),
        (
            'a = "x\nb = "y\n',
            [(1, 7, UNCLOSED, 'a = "x"'), (2, 7, UNCLOSED, 'b = "y"')],
            'a = "x"\nb = "y"\n',
        ),
        ('a = 1\nb = """x\nc = 2\n', [(2, 6, UNCLOSED, 'b = "x"')], 'a = 1\nb = "x"\nc = 2\n'),
        ("p = { a = [1 }", [(1, 13, NO_END, "p = { a = [1] }")], "p = { a = [1] }"),
        ("p = { a = [}", [(1, 12, NO_END, "p = { a = []}")], "p = { a = []}"),
        ("a: b # cX \r\n", [(1, 2, COLON, 'a = "b"')], 'a = "b" # cX \r\n'),
        (
            "a: b\n[cX \n\n",
            [(1, 2, COLON, 'a = "b"'), (2, 4, HEADER, "[cX]")],
            'a = "b"\n[cX]\n\n',
        ),
        ("\np = [\n'a'\n'b']", [(3, 4, COMMAS, "'a',")], "\np = [\n'a',\n'b']"),
        ("a = 1\n  a = 2\n", [(2, 3, SECOND, "")], "a = 1\n\n"),
        (
            "a = 1\r\na = 2\r\nb: c\r\n",
            [(2, 1, SECOND, ""), (3, 2, COLON, 'b = "c"')],
            'a = 1\r\n\r\nb = "c"\r\n',
        ),
    ],
)
def test_each_fault_is_told_and_mended(
    text: str, faults: list[tuple[int, int, str, str]], meant: str
) -> None:
    found = mended(text)
    assert [(one.line, one.column, one.what, one.write) for one in found.faults] == faults
    assert not any(one.renamed or one.is_example for one in found.faults)
    assert (found.text, found.renamed) == (meant, {})


def test_an_example_is_told_as_one() -> None:
    found = mended("\n  image =\t\n")
    assert [(one.line, one.column, one.write, one.is_example) for one in found.faults] == [
        (2, 10, 'image = "redis:7"', True)
    ]


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("???\n", (1, 1), "Invalid statement"),
        ("\n\nx", (3, 2), "Expected '=' after a key in a key/value pair"),
        ("a = 1 # \x01\n", (1, 9), "Found invalid character '\\x01'"),
        ('a = "\n', (1, 6), "Illegal character '\\n'"),
        ("<<<<<<< HEAD\na: 1\n", (1, 1), "Invalid statement"),
        ("a: 1\n<<<<<<< HEAD\n", (1, 2), "Expected '=' after a key in a key/value pair"),
        ("aX", (1, 3), "Expected '=' after a key in a key/value pair"),
        ("a  ", (1, 4), "Expected '=' after a key in a key/value pair"),
        ("a \r\n\n", (1, 3), "Expected '=' after a key in a key/value pair"),
        (f"a = {'[' * 5000}", (0, 0), "its values are nested too deeply"),
    ],
)
def test_it_ends_where_nobody_can_tell(text: str, place: tuple[int, int], what: str) -> None:
    found = mended(text)
    (fault,) = found.faults
    assert (fault.line, fault.column, fault.what, fault.write) == (*place, what, "")
    assert fault.error.what == what
    assert found.text is None


@pytest.mark.parametrize(("most", "told"), [(0, 0), (1, 1), (2, 2), (3, 3), (4, 3)])
def test_at_most_so_many_faults_are_told(most: int, told: int) -> None:
    found = mended("a: b\nc: d\ne: f\n", most)
    assert len(found.faults) == told
    assert found.text == ('a = "b"\nc = "d"\ne = "f"\n' if told == 3 else None)


def test_each_second_table_gets_a_name_that_is_free() -> None:
    found = mended("[x.a]\n  [x.a]\r\n[x.a] # c\n[x.a-3]\n")
    assert [(one.line, one.what, one.write, one.renamed) for one in found.faults] == [
        (2, TWO, "[x.a-2]", "a-2"),
        (3, TWO, "[x.a-4]", "a-4"),
    ]
    assert found.text == "[x.a]\n  [x.a-2]\r\n[x.a-4] # c\n[x.a-3]\n"
    assert found.renamed == {"a-2": "a", "a-4": "a"}


@pytest.mark.parametrize(
    ("text", "table"),
    [
        pytest.param("[y.a]\n[y.a]\n", "y.a", id="below another key"),
        pytest.param("[x]\n[x]\n", "x", id="the table of the names"),
        pytest.param("[x.a.b]\n[x.a.b]\n", "x.a.b", id="below a name"),
        pytest.param("[x.a]\nb = 1\n[x]\na.c = 2\n", "x.a", id="without a header"),
        pytest.param("[x.a]\n[x.a] b = 1\n", "x.a", id="another fault in the line"),
    ],
)
def test_other_second_tables_stay(text: str, table: str) -> None:
    (fault,) = mended(text).faults
    assert fault.error.what == f"the table {table} is there twice"
    assert (fault.write, fault.renamed) == ("", "")


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("a = 1\na = 2\n", "line 1, column 1"),
        ("[a]\nb = 1\n[c]\n b = 1\nb = 2\nb = 3\n", "line 4, column 2"),
        ("[X]\na.b = 1\na.b = 2\n", "line 2, column 1"),
        ("a = 1\na = '2' # b\n", "line 1, column 1"),
    ],
)
def test_a_second_value_names_the_first(text: str, first: str) -> None:
    fault = mended(text).faults[0]
    assert fault.error.hint == f"remove one of the two (the first is in {first})"


@pytest.mark.parametrize("text", ["a = 1\na = 2 '\n", "a = 1\na = [\n 2,\n]\n"])
def test_a_second_value_that_cannot_be_found_is_one_all_the_same(text: str) -> None:
    fault = mended(text).faults[0]
    assert (fault.what, fault.error.hint) == (SECOND, "remove one of the two")


def test_a_line_that_means_nothing_is_removed() -> None:
    (fault,) = mended("a = 1\n  - b\n").faults
    assert (fault.line, fault.column, fault.write) == (2, 3, "")
    assert fault.error.hint == "remove the line"


@pytest.mark.parametrize("line", ["[x.a] ", "[x.a] #X", "[x.a]\t\r"])
def test_what_stands_behind_a_header_stays(line: str) -> None:
    found = mended(f"[x.a]\n{line}\n")
    assert found.text == f"[x.a]\n{line.replace('x.a', 'x.a-2')}\n"
