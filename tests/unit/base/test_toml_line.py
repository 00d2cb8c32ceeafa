"""The line that was meant by one that is not TOML, and what is said about it."""

from __future__ import annotations

import pytest

from nixfetch_docker.base.toml_line import LONGEST, meant

EXAMPLES = {"image": '"redis:7"'}
MISSING = "the quotation marks are missing"
UNCLOSED = "the string is not closed"
CURLY = "“ (U+201C) is no quotation mark of TOML"
ITEMS = "an array has commas between its items, and quotation marks around them"
PAIRS = "an inline table has commas between its keys, and quotation marks around their values"
WORD = "true and false are written so"
NAME = "a name with other characters has quotation marks"
NO_END = "the header is not closed"
YAML = "this is a list of YAML; an array of TOML is on one line"
NULL = "TOML has no null; a key without a value is left out"
FOREIGN = "a comment begins with #, not with '{}'"
COLON = "':' stands where '=' belongs"


@pytest.mark.parametrize(
    ("line", "what", "written"),
    [
        ("image: redis:7", COLON, 'image = "redis:7"'),
        ("  image: a", COLON, '  image = "a"'),
        ('image := "a"', "':=' stands where '=' belongs", 'image = "a"'),
        ('image => "a"', "'=>' stands where '=' belongs", 'image = "a"'),
        ('image == "a"', "'==' stands where '=' belongs", 'image = "a"'),
        ('image "a"', "the '=' behind the key is missing", 'image = "a"'),
        ("image = “redis:7”", CURLY, 'image = "redis:7"'),
        ('“image” = "a"', CURLY, 'image = "a"'),
        ("“image” = image", CURLY, 'image = "image"'),
        ('“é” = "a"', CURLY, '"é" = "a"'),
        ('x“y = "a"', CURLY, 'x“y = "a"'),
        ("image = redis:7", MISSING, 'image = "redis:7"'),
        ('"a b" = c', MISSING, '"a b" = "c"'),
        ("x = a#b", MISSING, 'x = "a#b"'),
        ("x = a  # b", MISSING, 'x = "a"  # b'),
        ('x = "a # b', UNCLOSED, 'x = "a" # b'),
        ('image = "redis:7', UNCLOSED, 'image = "redis:7"'),
        ("image = 'redis:7", UNCLOSED, 'image = "redis:7"'),
        ('image = "a;', UNCLOSED, 'image = "a"'),
        ("x = \"a\\d'", UNCLOSED, "x = 'a\\d'"),
        ('image = "a";', "a semicolon stands behind the value", 'image = "a"'),
        ("image = a;", "a semicolon stands behind the value", 'image = "a"'),
        ('image = "a" ,', "a comma stands behind the value", 'image = "a"'),
        ('image\u00a0= "a"', "a space is no plain one, but U+00A0", 'image = "a"'),
        ("image = ''a''", "'' is a quotation mark of Nix, not of TOML", 'image = "a"'),
        ('x = "a\\d"', "a backslash between these quotation marks begins an escape", "x = 'a\\d'"),
        ("verify = True", WORD, "verify = true"),
        ("verify = TRUE", WORD, "verify = true"),
        ("verify = False", WORD, "verify = false"),
        ("verify = FALSE", WORD, "verify = false"),
        ("verify: true", COLON, "verify = true"),
        ("verify: false", COLON, "verify = false"),
        ("x = [a b", "the array is not closed", 'x = ["a", "b"]'),
        ("x = [a]X", "the array is not closed", 'x = ["a", "X"]'),
        ("x = [a b]", ITEMS, 'x = ["a", "b"]'),
        ("x = [a];", "a semicolon stands behind the value", 'x = ["a"]'),
        ("x = [a]  # c", ITEMS, 'x = ["a"]  # c'),
        ("x = {image: a", "the table is not closed", 'x = { image = "a" }'),
        ("x = {image: a}", PAIRS, 'x = { image = "a" }'),
        ("x = {XX: XX}", PAIRS, 'x = { XX = "XX" }'),
        ('x = {"a b" = c; t: d }', PAIRS, 'x = { "a b" = "c", t = "d" }'),
        ("x = {a = b, , c = \td ,}", PAIRS, 'x = { a = "b", c = "d" }'),
        ("x = { “a”: “b” }", CURLY, 'x = { a = "b" }'),
        ("x = aX", MISSING, 'x = "aX"'),
        ("x = Xab", MISSING, 'x = "Xab"'),
        ("a = XaX", MISSING, 'a = "XaX"'),
        ("x = nullX", MISSING, 'x = "nullX"'),
        ('x: "a # b" # c', COLON, 'x = "a # b" # c'),
        ('x: "a #"', COLON, 'x = "a #"'),
        ("- a", YAML, ""),
        ("x = null", NULL, ""),
        ("x: ~", NULL, ""),
        ("x = None ;, # c", NULL, ""),
        ('x = "a" /* b */ ', FOREIGN.format("/*"), 'x = "a" # b'),
        ("x = 'a' // b*/b", FOREIGN.format("//"), "x = 'a' # b*/b"),
        ("x = [a] -- XbX", FOREIGN.format("--"), "x = [a] # XbX"),
        ("x = true ; b", FOREIGN.format(";"), "x = true # b"),
        ('x = "aX', UNCLOSED, 'x = "aX"'),
    ],
)
def test_a_key_and_its_value(line: str, what: str, written: str) -> None:
    found = meant(line, is_item=False, examples=EXAMPLES)
    assert found is not None
    assert (found.what, found.line, found.is_example) == (what, written, False)


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("image =", 'image = "redis:7"'),
        ("  image", '  image = "redis:7"'),
        ("image:  ", 'image = "redis:7"'),
        ("image = # the cache", 'image = "redis:7" # the cache'),
    ],
)
def test_an_example_stands_in_for_a_value_that_is_not_there(line: str, written: str) -> None:
    found = meant(line, is_item=False, examples=EXAMPLES)
    assert found is not None
    assert (found.what, found.line, found.is_example) == ("the key has no value", written, True)


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("// c", "# c"),
        ("  // c", "  # c"),
        ("--  c", "# c"),
        ("; c", "# c"),
        ("/* c */ ", "# c"),
        ("// XcX*/X", "# XcX*/X"),
        ("/* c", "# c"),
    ],
)
def test_a_comment_of_another_language(line: str, written: str) -> None:
    found = meant(line, is_item=False, examples={})
    assert found is not None
    assert (found.what, found.line) == ("a comment begins with #", written)


@pytest.mark.parametrize(
    ("line", "what", "written"),
    [
        ("  [a", NO_END, "  [a]"),
        ("[images.a:b", NO_END, '[images."a:b"]'),
        ('[images."a" # c', NO_END, "[images.a] # c"),
        ("[ a . b", NO_END, "[a.b]"),
        ("[a.b.c d", NO_END, '[a."b.c d"]'),
        ("[X.aX", NO_END, "[X.aX]"),
        ("[a.b.", NO_END, "[a.b]"),
        ('["a.b" c', NO_END, None),
        ("[images.a b]", NAME, '[images."a b"]'),
        ("\t[images.é]  # c", NAME, '\t[images."é"]  # c'),
        ("[images.a b] ", NAME, '[images."a b"]'),
        ("[images.XaX b]", NAME, '[images."XaX b"]'),
        ("[“images”.a]", CURLY, "[images.a]"),
        ("[images.“a b”]", CURLY, '[images."a b"]'),
        ("[a;", "';' stands behind the header", "[a]"),
        ("[a]:", "':' stands behind the header", "[a]"),
        ("[a],", "',' stands behind the header", "[a]"),
        ("[a] ; ", "';' stands behind the header", "[a]"),
        ("[images.XX] ;", "';' stands behind the header", "[images.XX]"),
    ],
)
def test_the_header_of_a_table(line: str, what: str, written: str | None) -> None:
    found = meant(line, is_item=False, examples={})
    assert (found and (found.what, found.line)) == (written and (what, written))


@pytest.mark.parametrize(
    ("line", "what", "written"),
    [
        ('  "a" "b"', ITEMS, '  "a", "b",'),
        ("  - a", ITEMS, '  "a",'),
        ("- “a”", CURLY, '"a",'),
        ("  a, b]", ITEMS, '  "a", "b"]'),
        ("\ta; b  # c", ITEMS, '\t"a", "b",  # c'),
        ("XXaXX", ITEMS, '"XXaXX",'),
        ("  // a", ITEMS, '  "//", "a",'),
    ],
)
def test_the_items_of_an_array(line: str, what: str, written: str) -> None:
    found = meant(line, is_item=True, examples={})
    assert found is not None
    assert (found.what, found.line, found.is_example) == (what, written, False)


@pytest.mark.parametrize(
    "line",
    [
        *('image = "', "image = “", 'image = ""', "other =", "image = image", "word", "= a"),
        *("x = a\x01b", "x = a\x01\\b", 'x = a\\"b"', "x = “a\\'b”"),
        *("x = {}", "x = {,}", "x = {a = [b]}", "x = {a = {b = c}}", "x = {a, b = c}"),
        *("x = {a = }", "x = {= b}", "x = {a = b, = c}"),
        *("[]", "[“a b”.c]", "[images.a\\b]", '[images."a"b"]', "[images.a\x01]", "[a]b]"),
    ],
)
def test_nobody_can_tell_what_was_meant(line: str) -> None:
    assert meant(line, is_item=False, examples=EXAMPLES) is None


@pytest.mark.parametrize("line", ["", "  ", "-", "# a", "a = b", "- a = b", "[,]"])
def test_no_item_can_be_told(line: str) -> None:
    assert meant(line, is_item=True, examples=EXAMPLES) is None


@pytest.mark.parametrize(("length", "is_read"), [(LONGEST, True), (LONGEST + 1, False)])
def test_no_longer_line_is_read(length: int, is_read: bool) -> None:
    line = "x = ".ljust(length, "a")
    assert (meant(line, is_item=False, examples={}) is not None) is is_read


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("  image: a  # c", 'image = "a"'),
        ("  // c", "# c"),
    ],
)
def test_the_code_of_a_line_is_without_its_comment(line: str, code: str) -> None:
    found = meant(line, is_item=False, examples={})
    assert found is not None
    assert found.code == code
