"""The tokens of the Nix language, with the values of its strings.

https://nix.dev/manual/nix/latest/language/identifiers and
https://nix.dev/manual/nix/latest/language/string-literals. Texts that Nix refuses may be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, TypeAlias

from ...base.regex import regex
from ...base.values import dataclass
from ...errors import NixfetchError

Kind: TypeAlias = Literal["string", "interpolated", "name", "sign", "path", "number"]

_SPACE_AND_COMMENTS = regex(r"(?:\s+|#[^\n]*|/\*.*?\*/)+", re.DOTALL)
_NAME = regex(r"[A-Za-z_][A-Za-z0-9_'-]*")
# A scheme and the first part of a path are bounded: each token looks no further ahead than that.
_URL = regex(r"[A-Za-z][A-Za-z0-9+.-]{0,63}+:[A-Za-z0-9%/?:@&=+$,_.!~*'-]+")
_PATH = regex(
    r"<[A-Za-z0-9._+-]{1,255}+(?:/[A-Za-z0-9._+-]{1,255}+){0,16}+>"  # a path to look up
    r"|[A-Za-z0-9._~+-]{0,255}+(?:/[A-Za-z0-9._+-]++)++"
    r"|[A-Za-z0-9._~+-]{0,255}+/(?=\$\{)"
)
# What may stand in a path between interpolations, or behind them.
_IN_PATH = regex(r"[A-Za-z0-9._+-]*+(?:/[A-Za-z0-9._+-]++)*+/?")
_NUMBER = regex(r"\d[\d.]*(?:[eE][+-]?\d+)?")
_PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("string", _URL),
    ("path", _PATH),
    ("number", _NUMBER),
    ("name", _NAME),
)
_SIGN = regex(r"\$\{|\|>|<\||==|!=|<=|>=|&&|\|\||->|//|\+\+|\.\.\.|.", re.DOTALL)
# Text that stands for itself in each kind of string.
_PLAIN = regex(r'[^"\\$]+')
_INDENTED_PLAIN = regex(r"[^'$]+")
_BLANK_LINE = regex(r" *\n")
# Stands for an interpolation while the indentation is taken away. No text of Nix has it.
_HOLE = "\0"
_STRING_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


class InvalidNix(NixfetchError):
    """A text that is not Nix."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token and the line that it begins on.

    The `text` of a "string" is its value. An "interpolated" string has `parts` instead: text, and
    the tokens of expressions. A "path" that interpolates has no text. Keywords are names.
    """

    kind: Kind
    text: str
    line: int
    parts: tuple[str | tuple[Token, ...], ...] = ()

    def is_sign(self, text: str) -> bool:
        """Whether the token is this sign or this keyword."""
        return self.kind in {"sign", "name"} and self.text == text


def tokens_of(text: str) -> Iterator[Token]:
    """The tokens of a text; raises `InvalidNix`."""
    if _HOLE in text:
        raise InvalidNix("it has a NUL character", hint="save it as text")
    lexer = _Lexer(text)
    try:
        while (token := lexer.next()) is not None:
            yield token
    except RecursionError:
        raise InvalidNix(
            "its strings are nested too deeply", hint="add its images to images.toml yourself"
        ).at(f"line {lexer.line}") from None


class _Lexer:
    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._line = 1

    @property
    def line(self) -> int:
        """The line that was read last."""
        return self._line

    def next(self) -> Token | None:
        """The next token, None at the end."""
        self._take(_SPACE_AND_COMMENTS)
        if self._position == len(self._text):
            return None
        line = self._line
        if self._text.startswith('"', self._position):
            return self._string(line)
        if self._text.startswith("''", self._position):
            return self._indented_string(line)
        if self._text.startswith("/*", self._position):
            raise InvalidNix("this comment has no end", hint="close it with */").at(f"line {line}")
        for kind, pattern in _PATTERNS:
            if (text := self._take(pattern)) is not None:
                if kind == "path" and self._is_completed(line):
                    text = ""
                return Token(kind=kind, text=text, line=line)
        return Token(kind="sign", text=self._take(_SIGN) or "", line=line)

    def _take(self, pattern: re.Pattern[str]) -> str | None:
        match = pattern.match(self._text, self._position)
        if match is None:
            return None
        self._advance(len(match[0]))
        return match[0]

    def _advance(self, length: int) -> str:
        passed = self._text[self._position : self._position + length]
        self._position += length
        self._line += passed.count("\n")
        return passed

    def _string(self, line: int) -> Token:
        """The string that begins with the quote at the position."""
        self._advance(1)
        parts: list[str | tuple[Token, ...]] = []
        while not self._is_at('"', line):
            if self._is_at("\\", line):
                letter = self._advance(2)[1:]
                parts.append(_STRING_ESCAPES.get(letter, letter))
            elif self._is_at("${", line):
                parts.append(self._interpolation(line))
            else:
                parts.append(self._plain(_PLAIN))
        self._advance(1)
        return _string(parts, line)

    def _is_completed(self, line: int) -> bool:
        """Read on in a path that interpolates expressions; whether it does."""
        begin = self._position
        while self._text.startswith(("${", "/${"), self._position):
            self._take(_IN_PATH)
            self._interpolation(line)
            self._take(_IN_PATH)
        return self._position > begin

    def _indented_string(self, line: int) -> Token:
        """The indented string that begins with the two apostrophes at the position."""
        self._advance(2)
        self._take(_BLANK_LINE)
        # Escaped spaces do not indent: `shape` is the text with an "x" for each escaped character.
        text: list[str] = []
        shape: list[str] = []
        expressions: list[tuple[Token, ...]] = []
        while True:
            if self._is_at("'''", line) or self._is_at("''$", line) or self._is_at("''\\", line):
                text.append(self._indented_escape())
                shape.append("x" * len(text[-1]))
            elif self._is_at("''", line):
                break
            elif self._is_at("${", line):
                expressions.append(self._interpolation(line))
                text.append(_HOLE)
                shape.append("x")
            else:
                text.append(self._plain(_INDENTED_PLAIN))
                shape.append(text[-1])
        self._advance(2)
        first, *others = _without_indentation("".join(text), "".join(shape)).split(_HOLE)
        pairs = zip(expressions, others, strict=True)
        return _string([first, *(part for pair in pairs for part in pair)], line)

    def _is_at(self, sign: str, line: int) -> bool:
        """Whether `sign` is next in a string from `line`; raises `InvalidNix` at the text's end."""
        if self._position >= len(self._text):
            raise _no_end(line)
        return self._text.startswith(sign, self._position)

    def _plain(self, pattern: re.Pattern[str]) -> str:
        """The next text that stands for itself, by `pattern`."""
        if self._text.startswith("$$", self._position):
            return self._advance(2)
        return self._take(pattern) or self._advance(1)

    def _indented_escape(self) -> str:
        escape = self._advance(3)
        if escape == "'''":
            return "''"
        if escape == "''$":
            return "$"
        letter = self._advance(1)
        return _STRING_ESCAPES.get(letter, letter)

    def _interpolation(self, line: int) -> tuple[Token, ...]:
        """Read an interpolation: the tokens between its braces."""
        depth = 0
        tokens: list[Token] = []
        while (token := self.next()) is not None:
            tokens.append(token)
            if token.is_sign("{") or token.is_sign("${"):
                depth += 1
            elif token.is_sign("}"):
                depth -= 1
                if depth == 0:
                    return tuple(tokens[1:-1])
        raise _no_end(line)


def _no_end(line: int) -> InvalidNix:
    return InvalidNix("this string has no end", hint="close it with the quotes that open it").at(
        f"line {line}"
    )


def _string(parts: list[str | tuple[Token, ...]], line: int) -> Token:
    """The token of a string."""
    if all(isinstance(part, str) for part in parts):
        return Token(kind="string", text="".join(map(str, parts)), line=line)
    return Token(kind="interpolated", text="", line=line, parts=tuple(filter(None, parts)))


def _without_indentation(text: str, shape: str) -> str:
    """The value of an indented string; the spaces in `shape` tell how far it is indented."""
    shapes = shape.split("\n")
    indentations = [_indentation(line) for line in shapes if line.strip(" ")]
    indentation = min(indentations, default=len(text))
    lines, position = [], 0
    for line in shapes:
        own = text[position : position + len(line)]
        lines.append(own[min(indentation, _indentation(line)) :])
        position += len(line) + 1
    if not shapes[-1].strip(" "):
        lines[-1] = ""
    return "\n".join(lines)


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
