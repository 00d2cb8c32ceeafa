"""The tokens of the Nix language, with the values of its strings.

https://nix.dev/manual/nix/latest/language/identifiers and
https://nix.dev/manual/nix/latest/language/string-literals. Texts that Nix refuses may be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias

from ..base.regex import regex
from ..base.values import dataclass
from ..errors import NixfetchError

Kind: TypeAlias = Literal["string", "template", "computed", "name", "sign", "other"]

_SPACE_AND_COMMENTS = regex(r"(?:\s+|#[^\n]*|/\*.*?\*/)+", re.DOTALL)
_NAME = regex(r"[A-Za-z_][A-Za-z0-9_'-]*")
# A scheme and the first part of a path are bounded: each token looks no further ahead than that.
_URL = regex(r"[A-Za-z][A-Za-z0-9+.-]{0,31}+://[A-Za-z0-9%/?:@&=+$,_.!~*'-]+")
_OTHER = regex(
    r"<[A-Za-z0-9._+-]{1,255}+(?:/[A-Za-z0-9._+-]{1,255}+){0,16}+>"  # a path to look up
    r"|[A-Za-z0-9._~+-]{0,255}+(?:/[A-Za-z0-9._+-]++)++"  # a path
    r"|\d[\d.]*(?:[eE][+-]?\d+)?"  # a number
)
_PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("string", _URL),
    ("other", _OTHER),
    ("name", _NAME),
)
_SIGN = regex(r"\$\{|==|!=|<=|>=|&&|\|\||->|//|\+\+|\.\.\.|.", re.DOTALL)
# Text that stands for itself in each kind of string.
_PLAIN = regex(r'[^"\\$]+')
_INDENTED_PLAIN = regex(r"[^'$]+")
_BLANK_LINE = regex(r" *\n")
_STRING_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


class InvalidNix(NixfetchError):
    """A text that is not Nix."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token and the line that it begins on.

    The `text` of a "string" is its value. A "template" is a string that interpolates names alone,
    as in "${name}:${tag}"; its `pieces` are text and names by turns, text first and last. A
    "computed" string interpolates other expressions. Keywords are names; "other" are paths and
    numbers.
    """

    kind: Kind
    text: str
    line: int
    pieces: tuple[str, ...] = ()

    def is_sign(self, text: str) -> bool:
        """Whether the token is this sign or this keyword."""
        return self.kind in {"sign", "name"} and self.text == text


def tokens_of(text: str) -> Iterator[Token]:
    """The tokens of a text; raises `InvalidNix`."""
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
        pieces: list[str] = []
        names: dict[int, str] = {}
        is_computed = False
        while not self._is_at('"', line):
            if self._is_at("\\", line):
                letter = self._advance(2)[1:]
                pieces.append(_STRING_ESCAPES.get(letter, letter))
            elif self._is_at("${", line):
                name = self._interpolation(line)
                is_computed = is_computed or name is None
                names[len(pieces)] = name or ""
                pieces.append(name or "")
            else:
                pieces.append(self._plain(_PLAIN))
        self._advance(1)
        if is_computed:
            return Token(kind="computed", text="", line=line)
        if not names:
            return Token(kind="string", text="".join(pieces), line=line)
        return Token(kind="template", text="", line=line, pieces=_alternate(pieces, names))

    def _indented_string(self, line: int) -> Token:
        """The indented string that begins with the two apostrophes at the position."""
        self._advance(2)
        self._take(_BLANK_LINE)
        # Escaped spaces do not indent: `shape` is the text with an "x" for each escaped character.
        text: list[str] = []
        shape: list[str] = []
        is_computed = False
        while True:
            if self._is_at("'''", line) or self._is_at("''$", line) or self._is_at("''\\", line):
                text.append(self._indented_escape())
                shape.append("x" * len(text[-1]))
            elif self._is_at("''", line):
                break
            elif self._is_at("${", line):
                self._interpolation(line)
                is_computed = True
            else:
                text.append(self._plain(_INDENTED_PLAIN))
                shape.append(text[-1])
        self._advance(2)
        if is_computed:
            return Token(kind="computed", text="", line=line)
        value = _without_indentation("".join(text), "".join(shape))
        return Token(kind="string", text=value, line=line)

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

    def _interpolation(self, line: int) -> str | None:
        """Read an interpolation: the name in it, or None for another expression."""
        depth = 0
        tokens: list[Token] = []
        while (token := self.next()) is not None:
            tokens.append(token)
            if token.is_sign("{") or token.is_sign("${"):
                depth += 1
            elif token.is_sign("}"):
                depth -= 1
                if depth == 0:
                    is_name = len(tokens) == 3 and tokens[1].kind == "name"
                    return tokens[1].text if is_name else None
        raise _no_end(line)


def _no_end(line: int) -> InvalidNix:
    return InvalidNix("this string has no end", hint="close it with the quotes that open it").at(
        f"line {line}"
    )


def _alternate(pieces: list[str], names: Mapping[int, str]) -> tuple[str, ...]:
    """The pieces of a template: text and names by turns, text first and last."""
    turns: list[str] = []
    text: list[str] = []
    for position, piece in enumerate(pieces):
        if position in names:
            turns += ["".join(text), piece]
            text = []
        else:
            text.append(piece)
    return (*turns, "".join(text))


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
