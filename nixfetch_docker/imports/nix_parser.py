"""A parser of the parts of Nix that name images: attribute sets, bindings, `let` and functions.

https://nix.dev/manual/nix/latest/language/syntax. Other expressions are skipped, and texts that
Nix refuses may be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from ..base.redact import literal
from ..base.values import dataclass, field
from .nix_lexer import InvalidNix, Token, tokens_of

# In characters: no reference is longer, and a template that doubles from name to name has no bound.
_LONGEST = 4096
# Names that stand for one another, or are in the templates of one another.
_DEEPEST = 100
_BY_HAND = "add its images to images.toml yourself"
_CLOSING = {"{": "}", "${": "}", "(": ")", "[": "]"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Names and the tokens that they are bound to, None for other expressions.

    Names that are not here are looked up in `outer`. `found` are the strings of the names that were
    looked up here: each of them once, however often templates have it.
    """

    bindings: dict[str, Token | None] = field(default_factory=dict)
    outer: Scope | None = None
    found: dict[str, str | None] = field(default_factory=dict, compare=False, repr=False)

    def value(
        self, token: Token | None, *, seen: frozenset[tuple[int, str]] = frozenset()
    ) -> str | None:
        """The string that a token stands for in this scope, or None where that is computed.

        `seen` are the scopes and names of the look-ups so far, so that a circle ends. Raises
        `InvalidNix` for a string that is too long, or made of too many names in a row.
        """
        match token:
            case Token(kind="string"):
                return token.text
            case Token(kind="name"):
                return self._find(token.text, seen)
            case Token(kind="template"):
                return self._filled(token, seen)
            case _:
                return None

    def _filled(self, template: Token, seen: frozenset[tuple[int, str]]) -> str | None:
        """The string of a template, or None where one of its names is computed."""
        found: list[str] = []
        length = 0
        for position, piece in enumerate(template.pieces):
            value = self._find(piece, seen) if position % 2 else piece
            if value is None:
                return None
            found.append(value)
            length += len(value)
            if length > _LONGEST:
                raise InvalidNix(
                    f"the string in line {template.line} is longer than {_LONGEST} characters",
                    hint=_BY_HAND,
                )
        return "".join(found)

    def _find(self, name: str, seen: frozenset[tuple[int, str]]) -> str | None:
        scope: Scope | None = self
        while scope is not None and name not in scope.bindings:
            scope = scope.outer
        if scope is None or (id(scope), name) in seen:
            return None
        if name in scope.found:
            return scope.found[name]
        token = scope.bindings[name]
        if len(seen) == _DEEPEST:
            raise InvalidNix(
                f"its string is made of more than {_DEEPEST} names in a row, the last of them "
                f"{literal(name)}{f' in line {token.line}' if token is not None else ''}",
                hint=_BY_HAND,
            )
        is_inherited = token is not None and token.kind == "name" and token.text == name
        # `inherit name;` means the name of the scope outside.
        home = scope.outer if is_inherited else scope
        value = home.value(token, seen=seen | {(id(scope), name)}) if home is not None else None
        scope.found[name] = value
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeSet:
    """`{ … }`, and the line that it begins on.

    `head` is the name before it, such as "pullImage", or "". `path` is the path of the binding that
    it is in. `own` are its attributes, whose names are looked up in `scope`. `first` and `last` are
    the positions of its braces among the file's tokens.
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
        """The string of an attribute, or None where it is computed or missing.

        Raises the errors of `Scope.value`.
        """
        return self.scope.value(self.own.get(name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """`path = …;`, and its line. The path begins with the paths of the bindings around it.

    A computed part of the path is "". With `is_local` it binds a name in a `let`, no attribute.
    """

    path: tuple[str, ...]
    line: int
    token: Token | None
    scope: Scope
    is_local: bool = False

    @property
    def string(self) -> str | None:
        """The string that the path is bound to, or None where that is computed.

        Raises the errors of `Scope.value`.
        """
        return self.scope.value(self.token)


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A Nix file: its tokens, its attribute sets in the order of their ends, and its bindings."""

    tokens: tuple[Token, ...]
    sets: tuple[AttributeSet, ...]
    bindings: tuple[Binding, ...]


def parse(text: str) -> File:
    """Read a Nix file; raises `InvalidNix`."""
    tokens = tuple(tokens_of(text))
    parser = _Parser(tokens)
    try:
        parser.expression(Scope(), stops=frozenset())
    except RecursionError:
        raise InvalidNix("its expressions are nested too deeply", hint=_BY_HAND).at(
            f"line {parser.line}"
        ) from None
    return File(tokens=tokens, sets=tuple(parser.sets), bindings=tuple(parser.found_bindings))


class _Parser:
    """Reads tokens into `sets` and `found_bindings`."""

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self._tokens = tokens
        self._index = 0
        self._path: tuple[str, ...] = ()
        self.sets: list[AttributeSet] = []
        self.found_bindings: list[Binding] = []

    @property
    def line(self) -> int:
        """The line that was read last."""
        return self._tokens[min(self._index, len(self._tokens) - 1)].line

    def expression(self, scope: Scope, *, stops: frozenset[str]) -> Token | None:
        """Read an expression up to one of `stops`; its token, if it is a string or a name alone."""
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
        """Whether the tokens just read are the parameters of a function."""
        token = self._peek()
        return token is not None and (token.is_sign(":") or token.is_sign("@"))

    def _peek(self) -> Token | None:
        return self._tokens[self._index] if self._index < len(self._tokens) else None

    def _set(self, scope: Scope) -> None:
        """Read an attribute set, or the parameters of a function, after the opening brace."""
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
        """Read `name = …;` and `inherit …;` up to `end` into `bindings`, the values in `scope`."""
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
                # Text that is no binding, such as a parameter of a function, is skipped too.
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
                self.found_bindings.append(
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
                self.found_bindings.append(
                    Binding(
                        path=(*self._path, token.text),
                        line=token.line,
                        token=value,
                        scope=scope,
                        is_local=is_local,
                    )
                )
        self._index += 1


def _is_priority(words: list[str]) -> bool:
    """Whether these words are `mkDefault` or `mkForce`, which the value of an option follows."""
    return words[-1:] in (["mkDefault"], ["mkForce"]) and words[:-1] in ([], ["lib", "."])
