"""TOML as Nix reads it: what a parser takes and `builtins.fromTOML` refuses, or reads otherwise.

Nix reads TOML 1.0 without dates, by toml11. A lock of a document that Nix refuses is of no use, so
it is refused before. tests/support/toml_documents.py has documents of every kind; with them the
end-to-end tests compare this module with Nix itself.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from .regex import regex
from .table import Table
from .toml import InvalidDocument, parse
from .toml_spans import Kind, Token, tokens, where

_LONE_RETURN = regex(r"\r(?!\n)")
_ESCAPE = regex(r"\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", re.DOTALL)
_NEW_ESCAPES = ("\\x", "\\e")
_NUL = ("\\u0000", "\\U00000000")
# In a string of several lines: a line break after a backslash, with the white space behind it, and
# any other line break. The one behind the opening quotes is no part of the value.
_FOLDED = regex(r"\\[ \t]*\r?\n\s*|\\.|(?P<kept>\r\n)", re.DOTALL)
_BREAK = regex(r"(?P<kept>\r\n)")
_DATE = regex(r"\d{4}-\d\d-\d\d|\d\d:\d\d")
_INTEGER = regex(r"[+-]?(?:\d[\d_]*|0x[0-9A-Fa-f_]+|0o[0-7_]+|0b[01_]+)")
_FLOAT = regex(r"[+-]?\d[\d_]*(?:\.[\d_]+)?(?:[eE][+-]?[\d_]+)?")
_LARGEST = 2**63 - 1
_VERSION = "this is of TOML 1.1, which Nix does not read"


def parse_for_nix(text: str) -> Table:
    """The document as a table; raises `InvalidDocument`, placed at a line and a column."""
    if text.startswith("\ufeff"):
        raise InvalidDocument(
            "it begins with a byte order mark (U+FEFF)", hint="save it as UTF-8 without one"
        ).at("line 1, column 1")
    if found := _LONE_RETURN.search(text):
        raise _fault(
            text,
            found.start(),
            "a carriage return stands here without a line feed",
            "save it with line ends of Linux or Windows (LF or CRLF)",
        )
    table = parse(text)
    for error in _faults(text):
        raise error
    return table


def _faults(text: str) -> Iterator[InvalidDocument]:
    """What Nix refuses of a document that the parser took."""
    brackets: list[str] = []
    last = "\n"
    for token in tokens(text):
        kind, found = token.kind, token.text
        inside = brackets[-1] if brackets else ""
        if kind is Kind.SPACE:
            continue
        if kind is Kind.STRING:
            yield from _faults_of_string(text, token)
        elif kind is Kind.WORD and (last == "=" or inside == "["):
            yield from _faults_of_word(text, token)
        elif inside == "{" and kind in (Kind.NEWLINE, Kind.COMMENT):
            what = f"an inline table ends on its line; {_VERSION}"
            yield _fault(text, token.start, what, "write it on one line, or as a table")
        elif inside == "{" and found == "}" and last == ",":
            what = f"a comma stands behind the last key; {_VERSION}"
            yield _fault(text, token.start, what, "remove the comma")
        elif found in ("[", "{"):
            is_header = found == "[" and (last == "\n" or inside == "header")
            brackets.append("header" if is_header else found)
        if found in ("]", "}"):
            brackets.pop()
        if kind is not Kind.COMMENT:
            last = "\n" if kind is Kind.NEWLINE else found


def _faults_of_string(text: str, token: Token) -> Iterator[InvalidDocument]:
    is_long = token.text[:3] in ('"""', "'''")
    if token.text[0] == '"':
        for found in _ESCAPE.finditer(token.text):
            place = token.start + found.start()
            if found[0].startswith(_NEW_ESCAPES):
                what, hint = f"the escape {found[0]}: {_VERSION}", "write \\u and four digits"
                yield _fault(text, place, what, hint)
            if found[0] in _NUL:
                yield _fault(text, place, "a string with NUL, which Nix does not have", "remove it")
    if is_long:
        breaks = _BREAK if token.text[0] == "'" else _FOLDED
        for found in breaks.finditer(token.text, 5 if token.text[3:5] == "\r\n" else 3):
            if found["kept"]:
                what = "a line break CRLF in a string, which Nix reads otherwise"
                place = token.start + found.start()
                yield _fault(text, place, what, "write the string on one line, with \\n")


def _faults_of_word(text: str, token: Token) -> Iterator[InvalidDocument]:
    word = token.text
    if _DATE.match(word):
        what = "a date or a time, which Nix does not read"
        yield _fault(text, token.start, what, "put it between quotes")
    elif _INTEGER.fullmatch(word):
        if not -_LARGEST - 1 <= int(word, 0) <= _LARGEST:
            hint = "put it between quotes, or write a smaller one"
            yield _fault(text, token.start, "an integer beyond 2^63 - 1", hint)
    elif _FLOAT.fullmatch(word) and math.isinf(float(word)):
        what = "a number that no floating-point number can be"
        yield _fault(text, token.start, what, "write a smaller one")


def _fault(text: str, place: int, what: str, hint: str) -> InvalidDocument:
    return InvalidDocument(what, hint=hint).at(where(text, place))
