"""As much of the language of Nix as it takes to find attribute sets with strings in them.

Whatever else there is in a file is passed over, also what Nix itself would refuse. The tokens are
those of https://nix.dev/manual/nix/stable/language/syntax.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from .errors import NixfetchError

_PASSED_OVER = re.compile(r"(?:\s+|#[^\n]*|/\*.*?\*/)+", re.DOTALL)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_'-]*")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[A-Za-z0-9%/?:@&=+$,_.!~*'-]+")
_OTHER = re.compile(
    r"<[A-Za-z0-9._+-]+(?:/[A-Za-z0-9._+-]+)*>"  # a path to look up
    r"|[A-Za-z0-9._~+-]*(?:/[A-Za-z0-9._+-]+)+"  # a path
    r"|\d[\d.]*(?:[eE][+-]?\d+)?"  # a number
)
_SIGN = re.compile(r"\$\{|==|!=|<=|>=|&&|\|\||->|//|\+\+|\.\.\.|.", re.DOTALL)
# What has no meaning of its own in either kind of string.
_PLAIN = re.compile(r'[^"\\$]+')
_INDENTED_PLAIN = re.compile(r"[^'$]+")
_BLANK_LINE = re.compile(r" *\n")
_STRING_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
# No image's name is longer; what doubles itself from name to name would be, without end.
_LONGEST = 4096
_CLOSING = {"{": "}", "${": "}", "(": ")", "[": "]"}


class InvalidNix(NixfetchError):
    """A text that is not Nix, as far as it was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A word of Nix on its line.

    `kind` is "string", with its value for `text`; "template" for a string with names in it, as in
    "${name}:${tag}", and `pieces` of which every other one is such a name; "computed" for one with
    anything else in it; "name", "sign", or "other".
    """

    kind: str
    text: str
    line: int
    pieces: tuple[str, ...] = ()

    def is_sign(self, text: str) -> bool:
        """Whether it is this sign, or this keyword."""
        return self.kind in {"sign", "name"} and self.text == text


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Names and what they were bound to, None for what is computed; `outer` is looked at next."""

    bindings: dict[str, Token | None] = field(default_factory=dict)
    outer: Scope | None = None

    def value(
        self, token: Token | None, *, seen: frozenset[tuple[int, str]] = frozenset()
    ) -> str | None:
        """The string that something bound in this scope is, or None.

        `seen` are the names that led here, which cannot depend on themselves.
        """
        match token:
            case Token(kind="string"):
                return token.text
            case Token(kind="name"):
                return self._find(token.text, seen)
            case Token(kind="template"):
                found = list(token.pieces)
                for position in range(1, len(found), 2):
                    value = self._find(found[position], seen)
                    if value is None or len(value) > _LONGEST:
                        return None
                    found[position] = value
                return "".join(found)
            case _:
                return None

    def _find(self, name: str, seen: frozenset[tuple[int, str]]) -> str | None:
        scope: Scope | None = self
        while scope is not None and name not in scope.bindings:
            scope = scope.outer
        if scope is None or (id(scope), name) in seen:
            return None
        token = scope.bindings[name]
        is_inherited = token is not None and token.kind == "name" and token.text == name
        # What is inherited is looked for further out.
        home = scope.outer if is_inherited else scope
        return home.value(token, seen=seen | {(id(scope), name)}) if home is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeSet:
    """`{ … }` with the line that it begins on, and what stands before it, as "pullImage".

    `path` is that of the binding that it stands in, and `first` and `last` are the positions of the
    tokens that are its braces.
    """

    path: tuple[str, ...]
    line: int
    head: str
    own: Mapping[str, Token | None]
    scope: Scope
    first: int
    last: int

    def __contains__(self, name: str) -> bool:
        return name in self.own

    def string(self, name: str) -> str | None:
        """The string that an attribute is, None where it is computed or not there."""
        return self.scope.value(self.own.get(name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """`path = …;` on its line; the path begins with those of the bindings that it stands in.

    A computed part of the path is "". What is `is_local` is a name of a `let`, and no attribute.
    """

    path: tuple[str, ...]
    line: int
    token: Token | None
    scope: Scope
    is_local: bool = False

    @property
    def string(self) -> str | None:
        """The string that it is bound to, None where that is computed."""
        return self.scope.value(self.token)


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """The tokens of a file, its attribute sets in the order of their ends, and its bindings."""

    tokens: tuple[Token, ...]
    sets: tuple[AttributeSet, ...]
    bindings: tuple[Binding, ...]


def parse(text: str) -> File:
    """Read a file of Nix; raises `InvalidNix` with the line."""
    try:
        tokens = tuple(_tokens(text))
        parser = _Parser(tokens)
        parser.expression(Scope(), stops=frozenset())
    except RecursionError:
        raise InvalidNix("it is nested too deeply") from None
    return File(tokens=tokens, sets=tuple(parser.sets), bindings=tuple(parser.found))


def _tokens(text: str) -> Iterator[Token]:
    lexer = _Lexer(text)
    while (token := lexer.next()) is not None:
        yield token


class _Lexer:
    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._line = 1

    def next(self) -> Token | None:
        """The next token, None at the end."""
        self._take(_PASSED_OVER)
        if self._position == len(self._text):
            return None
        line = self._line
        if self._text.startswith('"', self._position):
            return self._string(line)
        if self._text.startswith("''", self._position):
            return self._indented_string(line)
        if self._text.startswith("/*", self._position):
            raise InvalidNix("a comment never ends").at(f"line {line}")
        for kind, pattern in (("string", _URL), ("other", _OTHER), ("name", _NAME)):
            if (found := self._take(pattern)) is not None:
                return Token(kind=kind, text=found, line=line)
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
        """A string from its opening quote on."""
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
        if is_computed or not names:
            kind = "computed" if is_computed else "string"
            return Token(kind=kind, text="".join(pieces), line=line)
        return Token(kind="template", text="", line=line, pieces=_alternate(pieces, names))

    def _indented_string(self, line: int) -> Token:
        """A string from its two apostrophes on."""
        self._advance(2)
        self._take(_BLANK_LINE)
        # What is escaped is no indentation; in the shape of the text it is an "x".
        text: list[str] = []
        shape: list[str] = []
        kind = "string"
        while True:
            if self._is_at("'''", line) or self._is_at("''$", line) or self._is_at("''\\", line):
                text.append(self._indented_escape())
                shape.append("x" * len(text[-1]))
            elif self._is_at("''", line):
                break
            elif self._is_at("${", line):
                self._interpolation(line)
                kind = "computed"
            else:
                text.append(self._plain(_INDENTED_PLAIN))
                shape.append(text[-1])
        self._advance(2)
        return Token(kind=kind, text=_without_indentation("".join(text), "".join(shape)), line=line)

    def _is_at(self, sign: str, line: int) -> bool:
        """Whether a sign is next in the string that begins on a line."""
        if self._position >= len(self._text):
            raise InvalidNix("a string never ends").at(f"line {line}")
        return self._text.startswith(sign, self._position)

    def _plain(self, pattern: re.Pattern[str]) -> str:
        """The next text without a meaning of its own."""
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
        """The name that is interpolated, None where it is anything else, passed over."""
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
        raise InvalidNix("a string never ends").at(f"line {line}")


class _Parser:
    """Finds attribute sets, and what the names in them may stand for."""

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self._tokens = tokens
        self._index = 0
        self._path: tuple[str, ...] = ()
        self.sets: list[AttributeSet] = []
        self.found: list[Binding] = []

    def expression(self, scope: Scope, *, stops: frozenset[str]) -> Token | None:
        """Pass over an expression up to one of `stops`; the string or name that it is, if so."""
        first = self._index
        only: Token | None = None
        while (token := self._peek()) is not None and not (
            token.kind in {"sign", "name"} and token.text in stops
        ):
            self._index += 1
            only = token if self._index == first + 1 else None
            if token.is_sign("{"):
                opening = self._index
                self._set(scope)
                if self._is_pattern():
                    inside = pairwise(self._tokens[opening - 1 : self._index])
                    names = [
                        one.text
                        for before, one in inside
                        if one.kind == "name" and (before.is_sign("{") or before.is_sign(","))
                    ]
                    scope = Scope(bindings=dict.fromkeys(names), outer=scope)
            elif token.kind == "name" and self._is_pattern():
                scope = Scope(bindings={token.text: None}, outer=scope)
            elif token.kind == "sign" and token.text in _CLOSING:
                self.expression(scope, stops=frozenset(_CLOSING[token.text]))
                self._index += 1
            elif token.is_sign("let"):
                inner = Scope(outer=scope)
                self._bindings(inner.bindings, inner, inner, end="in")
                self.expression(inner, stops=stops)
            elif token.is_sign("with") or token.is_sign("assert"):
                self.expression(scope, stops=frozenset(";"))
                self._index += 1
        if _is_priority([one.text for one in self._tokens[first : self._index - 1]]):
            only = self._tokens[self._index - 1]
        return only if only is not None and only.kind in {"string", "template", "name"} else None

    def _is_pattern(self) -> bool:
        """Whether what was just passed are the arguments of a function."""
        token = self._peek()
        return token is not None and (token.is_sign(":") or token.is_sign("@"))

    def _peek(self) -> Token | None:
        return self._tokens[self._index] if self._index < len(self._tokens) else None

    def _set(self, scope: Scope) -> None:
        """An attribute set, or the arguments of a function, from behind its brace on."""
        first = self._index - 1
        before = self._tokens[first - 1] if first else None
        is_recursive = before is not None and before.is_sign("rec")
        if is_recursive:
            before = self._tokens[first - 2] if first > 1 else None
        inner = Scope(outer=scope)
        self._bindings(inner.bindings, inner if is_recursive else scope, inner, end="}")
        self.sets.append(
            AttributeSet(
                path=self._path,
                line=self._tokens[first].line,
                head=before.text if before is not None and before.kind == "name" else "",
                own=inner.bindings,
                scope=inner if is_recursive else scope,
                first=first,
                last=self._index - 1,
            )
        )

    def _bindings(
        self, bindings: dict[str, Token | None], scope: Scope, inherited: Scope, *, end: str
    ) -> None:
        """`name = …;` and `inherit …;` up to `end`, into `bindings`, read in `scope`."""
        while (token := self._peek()) is not None:
            if token.is_sign(end):
                self._index += 1
                return
            if token.is_sign("inherit"):
                self._inherit(bindings, inherited, is_local=end == "in")
                continue
            path: list[Token] = []
            while (token := self._peek()) is not None and not any(
                token.is_sign(sign) for sign in ("=", ";", end)
            ):
                # What is no binding, such as the argument of a function, is passed over too.
                path.append(token)
                self._index += 1
                if token.kind == "sign" and token.text in _CLOSING:
                    self.expression(scope, stops=frozenset(_CLOSING[token.text]))
                    self._index += 1
            if token is None or not token.is_sign("="):
                self._index += token is not None and token.is_sign(";")
                continue
            self._index += 1
            outer = self._path
            self._path += tuple(
                one.text if one.kind in {"name", "string"} else ""
                for one in path
                if not one.is_sign(".")
            )
            value = self.expression(scope, stops=frozenset({";", end} - {"in"}))
            self._index += (following := self._peek()) is not None and following.is_sign(";")
            if path:
                bindings[path[0].text] = value if len(path) == 1 else None
                self.found.append(
                    Binding(
                        path=self._path,
                        line=path[0].line,
                        token=value,
                        scope=scope,
                        is_local=end == "in" and len(path) == 1,
                    )
                )
            self._path = outer

    def _inherit(self, bindings: dict[str, Token | None], scope: Scope, *, is_local: bool) -> None:
        self._index += 1
        has_source = False
        while (token := self._peek()) is not None and not token.is_sign(";"):
            self._index += 1
            if token.is_sign("("):
                has_source = True
                self.expression(scope, stops=frozenset(")"))
                self._index += 1
            else:
                value = bindings[token.text] = None if has_source else token
                self.found.append(
                    Binding(
                        path=(*self._path, token.text),
                        line=token.line,
                        token=value,
                        scope=scope,
                        is_local=is_local,
                    )
                )
        self._index += 1


def _alternate(pieces: list[str], names: Mapping[int, str]) -> tuple[str, ...]:
    """Text and names by turns, text first and last."""
    turns = [""]
    for position, piece in enumerate(pieces):
        if position in names:
            turns += [piece, ""]
        else:
            turns[-1] += piece
    return tuple(turns)


def _without_indentation(text: str, shape: str) -> str:
    """What Nix leaves of an indented string; `shape` tells which of its spaces indent it."""
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


def _is_priority(words: list[str]) -> bool:
    """Whether what follows these words is the value of an option, with a priority."""
    return words[-1:] in (["mkDefault"], ["mkForce"]) and words[:-1] in ([], ["lib", "."])
