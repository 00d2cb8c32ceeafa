"""The expressions of a Nix file.

https://nix.dev/manual/nix/latest/language/operators has the operators. Texts that Nix refuses may
be read.
"""

from __future__ import annotations

from collections.abc import Iterable

from .cursor import Cursor
from .lexer import InvalidNix, Token, tokens_of
from .syntax import (
    AttributeSet,
    Bind,
    Call,
    Expression,
    Function,
    If,
    Items,
    Let,
    Name,
    Number,
    Operation,
    Other,
    Select,
    Text,
    With,
)

BY_HAND = "add its images to images.toml yourself"
# How strongly an operator holds what stands on its left and on its right.
_OPERATORS = {
    "|>": (1, 2),
    "<|": (2, 1),
    "->": (4, 3),
    "||": (5, 6),
    "&&": (7, 8),
    "==": (9, 10),
    "!=": (9, 10),
    "<": (11, 12),
    ">": (11, 12),
    "<=": (11, 12),
    ">=": (11, 12),
    "//": (14, 13),
    "+": (17, 18),
    "-": (17, 18),
    "*": (19, 20),
    "/": (19, 20),
    "++": (22, 21),
    "?": (23, 24),
}
_PREFIXES = {"!": 16, "-": 25}
_KEYWORDS = frozenset({"let", "in", "with", "if", "then", "else", "assert", "inherit", "or"})
# Keywords that begin an expression; `let {` is a set.
_WHOLE = frozenset({"let", "with", "assert", "if"})
_OPENING = frozenset({"(", "[", "{"})


def parse(text: str) -> Expression:
    """Read a Nix file; raises `InvalidNix`."""
    tokens = tuple(tokens_of(text))
    if not tokens:
        return AttributeSet(line=1, binds=())
    parser = _Parser(tokens, line=1)
    try:
        return parser.whole()
    except RecursionError:
        raise InvalidNix("its expressions are nested too deeply", hint=BY_HAND).at(
            f"line {parser.line}"
        ) from None


class _Parser(Cursor):
    def whole(self) -> Expression:
        """Read an expression that ends where the tokens do."""
        found = self._expression()
        if self.index < len(self.tokens):
            raise self.unexpected("the end")
        return found

    def _expression(self, power: int = 0) -> Expression:
        """Read an expression with the operators that hold more strongly than `power`."""
        left = self._operand()
        while (token := self.peek()) is not None and token.kind == "sign":
            on_left, on_right = _OPERATORS.get(token.text, (-1, 0))
            if on_left <= power:
                break
            self.index += 1
            if token.text == "?":
                left = Other(line=token.line, parts=(left, *self._path()))
                continue
            right = self._expression(on_right - 1)
            left = Operation(line=token.line, sign=token.text, left=left, right=right)
        return left

    def _operand(self) -> Expression:
        token = self.peek()
        if token is None:
            raise self.unexpected("an expression")
        if token.kind == "sign" and token.text in _PREFIXES:
            self.index += 1
            return Other(line=token.line, parts=(self._expression(_PREFIXES[token.text] - 1),))
        is_named = token.kind == "name" and self.is_at(":", "@", ahead=1)
        if is_named or (token.is_sign("{") and self._is_parameter()):
            return self._function(token.line)
        is_set = token.text == "let" and self.is_at("{", ahead=1)
        if token.kind == "name" and token.text in _WHOLE and not is_set:
            return self._keyword(token)
        return self._calls()

    def _keyword(self, token: Token) -> Expression:
        """Read the expression that a keyword begins."""
        if token.text == "if":
            return self._if(token.line)
        self.index += 1
        if token.text == "let":
            binds = self._binds("in")
            return Let(line=token.line, binds=binds, body=self._expression())
        first = self._expression()
        self.expect(";")
        body = self._expression()
        if token.text == "assert":
            return body
        return With(line=token.line, attributes=first, body=body)

    def _if(self, line: int) -> Expression:
        self.index += 1
        condition = self._expression()
        self.expect("then")
        this = self._expression()
        self.expect("else")
        return If(line=line, condition=condition, this=this, that=self._expression())

    def _is_parameter(self) -> bool:
        """Whether the brace that is next opens the parameter of a function."""
        token = self.peek(1)
        if token is None or token.is_sign("..."):
            return token is not None
        if token.is_sign("}"):
            return self.is_at(":", "@", ahead=2)
        return token.kind == "name" and self.is_at(",", "?", "}", ahead=2)

    def _function(self, line: int) -> Function:
        parameter = ""
        names: tuple[tuple[str, Expression | None], ...] | None = None
        while not self.skip(":"):
            if self.is_at("{"):
                names = self._parameters()
            elif (token := self.peek()) is not None and token.kind == "name":
                parameter = token.text
                self.index += 1
            elif not self.skip("@"):
                raise self.unexpected("':'")
        return Function(line=line, parameter=parameter, names=names, body=self._expression())

    def _parameters(self) -> tuple[tuple[str, Expression | None], ...]:
        self.index += 1
        names: list[tuple[str, Expression | None]] = []
        while not self.skip("}"):
            if self.skip("...") or self.skip(","):
                continue
            token = self.peek()
            if token is None or token.kind != "name":
                raise self.unexpected("the name of a parameter")
            self.index += 1
            names.append((token.text, self._expression() if self.skip("?") else None))
        return tuple(names)

    def _calls(self) -> Expression:
        """Read `a b c`: a value, or calls of it."""
        called = self._select()
        while (token := self.peek()) is not None and (
            (token.text in _OPENING or token.is_sign("rec"))
            if token.kind == "sign"
            else token.kind != "name" or token.text not in _KEYWORDS
        ):
            called = Call(line=token.line, function=called, argument=self._select())
        return called

    def _select(self) -> Expression:
        found = self._simple()
        while self.skip("."):
            key = self._key()
            default = None
            if not self.is_at(".") and self.skip("or"):
                default = self._select()
            found = Select(line=key.line, base=found, key=key, default=default)
        return found

    def _key(self) -> Expression:
        """Read one part of the path of an attribute."""
        token = self.peek()
        if token is not None and token.kind == "name":
            self.index += 1
            return Text(line=token.line, parts=(token.text,))
        if token is not None and token.kind in {"string", "interpolated"}:
            return self._simple()
        self.expect("${")
        found = self._expression()
        self.expect("}")
        return found

    def _path(self) -> tuple[Expression, ...]:
        path = [self._key()]
        while self.skip("."):
            path.append(self._key())
        return tuple(path)

    def _simple(self) -> Expression:
        token = self.peek()
        if token is None:
            raise self.unexpected("an expression")
        self.index += 1
        line = token.line
        found: Expression
        match token.kind:
            case "string":
                found = Text(line=line, parts=(token.text,))
            case "interpolated":
                found = Text(line=line, parts=tuple(_parts(token)))
            case "path":
                found = Other(line=line, text=token.text)
            case "number":
                found = Number(line=line, text=token.text)
            case "name" if token.text not in _KEYWORDS | {"rec"}:
                found = Name(line=line, text=token.text)
            case _:
                found = self._enclosed(token)
        return found

    def _enclosed(self, token: Token) -> Expression:
        """Read what brackets enclose, behind the first of them."""
        match token.text:
            case "(":
                found = self._expression()
                self.expect(")")
                return found
            case "[":
                items: list[Expression] = []
                while not self.skip("]"):
                    items.append(self._select())
                return Items(line=token.line, items=tuple(items))
            case "{":
                return AttributeSet(line=token.line, binds=self._binds("}"))
            case "rec" | "let" if self.skip("{"):
                return AttributeSet(line=token.line, binds=self._binds("}"), is_recursive=True)
        self.index -= 1
        raise self.unexpected("an expression")

    def _binds(self, end: str) -> tuple[Bind, ...]:
        """Read `path = value;` and `inherit …;` up to `end`."""
        binds: list[Bind] = []
        while not self.skip(end):
            line = self.line
            if self.skip("inherit"):
                binds += self._inherited()
                continue
            path = self._path()
            self.expect("=")
            binds.append(Bind(line=line, path=path, value=self._expression()))
            self.expect(";")
        return tuple(binds)

    def _inherited(self) -> Iterable[Bind]:
        source: Expression | None = None
        if self.skip("("):
            source = self._expression()
            self.expect(")")
        while not self.skip(";"):
            key = self._key()
            name = key.literal if isinstance(key, Text) else None
            value: Expression
            if source is not None:
                value = Select(line=key.line, base=source, key=key)
            else:
                value = Name(line=key.line, text=name or "")
            yield Bind(line=key.line, path=(key,), value=value, is_inherited=source is None)


def _parts(token: Token) -> Iterable[str | Expression]:
    for part in token.parts:
        yield part if isinstance(part, str) else _Parser(part, line=token.line).whole()
