"""As much of the language of Nix as it takes to find attribute sets with strings in them.

Whatever else there is in a file is passed over, also what Nix itself would refuse.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from .nix_lexer import InvalidNix, Token, tokens_of

# No image's name is longer; what doubles itself from name to name would be, without end.
_LONGEST = 4096
_CLOSING = {"{": "}", "${": "}", "(": ")", "[": "]"}


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
        tokens = tuple(tokens_of(text))
        parser = _Parser(tokens)
        parser.expression(Scope(), stops=frozenset())
    except RecursionError:
        raise InvalidNix("it is nested too deeply") from None
    return File(tokens=tokens, sets=tuple(parser.sets), bindings=tuple(parser.found))


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


def _is_priority(words: list[str]) -> bool:
    """Whether what follows these words is the value of an option, with a priority."""
    return words[-1:] in (["mkDefault"], ["mkForce"]) and words[:-1] in ([], ["lib", "."])
