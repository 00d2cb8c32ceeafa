"""Variables in `.env` files, as docker's compose reads them.

https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/#env-file-syntax
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ...base.regex import regex
from ...errors import NixfetchError
from .interpolation import Incomplete, Interpolated, InvalidTemplate, interpolate

_BLANK = regex(r"(?:\s++|#[^\n]*+)+")
_NAME = regex(r"(?:export[ \t]++)?+([A-Za-z_][A-Za-z0-9_.\-\[\]]*+)[ \t]*+")
_EQUALS = regex(r"[=:][ \t]*+")
# Python 3.11 takes a possessive group of alternatives for an empty one, so these groups are greedy.
# The value without quotation marks ends before " #", and at the end of its line.
_BARE = regex(r"(?:[^\s#]|[ \t]++(?![\s#])|(?<![ \t])#)*")
_SINGLE = regex(r"'([^'\\]*+(?:\\.[^'\\]*+)*)'", re.DOTALL)
_DOUBLE = regex(r'"([^"\\]*+(?:\\.[^"\\]*+)*)"', re.DOTALL)
_REST = regex(r"[ \t]*+(?:#[^\n]*+)?+(?:\n|\Z)")
_ESCAPE = regex(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v", "a": "\a", "b": "\b"}


class InvalidEnvFile(NixfetchError):
    """A line of a `.env` file that sets no variable. The message never has its text."""


def parse_env_file(text: str, value_of: Callable[[str], str | None]) -> dict[str, str]:
    """The variables that a file sets; raises `InvalidEnvFile` with a line.

    A value may name variables: those that `value_of` knows, or those of lines above. Where one of
    them has no value, that of the line is `Incomplete`. A name without "=" has the value that
    `value_of` returns for it.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    variables: dict[str, str] = {}

    def known(name: str) -> str | None:
        value = value_of(name)
        return variables.get(name) if value is None else value

    position = 0
    while True:
        blank = _BLANK.match(text, position)
        position = blank.end() if blank else position
        if position == len(text):
            return variables
        start = position
        try:
            name, value, position = _assignment(text, position, known)
        except NixfetchError as error:
            # The text of a line may be a password, also that of a wrong one.
            what = "its '$' is no variable" if isinstance(error, InvalidTemplate) else error.what
            line = text.count("\n", 0, start) + 1
            raise InvalidEnvFile(what, hint=error.hint).at(f"line {line}") from None
        if value is not None:
            variables[name] = value


def _assignment(
    text: str, position: int, value_of: Callable[[str], str | None]
) -> tuple[str, str | None, int]:
    """The name and the value that the line at `position` has, and where it ends."""
    name = _NAME.match(text, position)
    equals = _EQUALS.match(text, name.end()) if name else None
    if name is None:
        value, end = None, position
    elif equals is None:
        value, end = value_of(name[1]), name.end()
    else:
        value, end = _value(text, equals.end(), value_of)
    rest = _REST.match(text, end)
    if name is None or rest is None:
        raise InvalidEnvFile("this is no NAME=VALUE", hint="write it so, in quotation marks")
    return name[1], value, rest.end()


def _value(text: str, position: int, value_of: Callable[[str], str | None]) -> tuple[str, int]:
    """The value that begins at `position`, and where it ends."""
    if single := _SINGLE.match(text, position):
        return single[1].replace("\\'", "'"), single.end()
    if double := _DOUBLE.match(text, position):
        # An escaped $ begins no variable, and values of variables have no escapes.
        body = _ESCAPE.sub(lambda one: "$$" if one[1] == "$" else one[0], double[1])

        def escaped(name: str) -> str | None:
            value = value_of(name)
            if value is None or isinstance(value, Incomplete):
                return value
            return value.replace("\\", "\\\\")

        found = interpolate(body, escaped)
        unescaped = _ESCAPE.sub(lambda one: _ESCAPES.get(one[1], one[1]), found.text)
        return _complete(Interpolated(unescaped, found.missing)), double.end()
    if text.startswith(("'", '"'), position):
        raise InvalidEnvFile("its quotation marks have no end", hint="close them")
    bare = _BARE.match(text, position)
    end = bare.end() if bare else position
    return _complete(interpolate(text[position:end].rstrip(), value_of)), end


def _complete(found: Interpolated) -> str:
    return Incomplete(next(iter(found.missing))) if found.missing else found.text
