"""The scopes of a Nix file, and the names that are bound in each.

https://nix.dev/manual/nix/latest/language/scope
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ...base.values import replace
from .syntax import AttributeSet, Bind, Expression, Function, Let, Text, With
from .value import Later, Scope


class Scopes:
    """The scopes inside expressions; `string` finds out what string one stands for."""

    def __init__(self, string: Callable[[Expression, Scope], str | None]) -> None:
        self._string = string
        self._scopes: dict[tuple[int, int], tuple[Expression, Scope, Scope]] = {}

    def inner(self, expression: Expression, scope: Scope) -> Scope:
        """The scope inside an expression: `let`, `rec`, `with`, a function that is not called."""
        key = (id(expression), id(scope))
        if key not in self._scopes:
            self._scopes[key] = (expression, scope, self._inner(expression, scope))
        return self._scopes[key][2]

    def _inner(self, expression: Expression, scope: Scope) -> Scope:
        match expression:
            case Let() | AttributeSet(is_recursive=True):
                names: dict[str, Later | None] = {}
                inner = Scope(names=names, outer=scope)
                # Names that are computed are not in scope.
                written = tuple(one for one in expression.binds if _is_literal(one.path[0]))
                names.update(self.definitions(written, inner, scope))
                return inner
            case Function(parameter=parameter, names=names_of):
                taken = [name for name, _ in names_of or ()]
                return Scope(names=dict.fromkeys([*taken, parameter]), outer=scope)
            case With(attributes=attributes):
                later = Later(expression=attributes, scope=scope)
                return Scope(names={}, outer=scope, within=later)
            case _:
                return scope

    def definitions(
        self, binds: tuple[Bind, ...], scope: Scope, outer: Scope
    ) -> Mapping[str, Later]:
        """What binds define in `scope`, by name; paths of one first name become one set."""
        found: dict[str, Later] = {}
        sets: dict[str, list[AttributeSet]] = {}
        for bind in binds:
            name = self._string(bind.path[0], scope)
            if name is None:
                continue
            value = bind.value
            if len(bind.path) > 1:
                rest = Bind(line=bind.line, path=bind.path[1:], value=bind.value)
                value = AttributeSet(line=bind.line, binds=(rest,))
            if isinstance(value, AttributeSet):
                sets.setdefault(name, []).append(value)
            home = outer if bind.is_inherited else scope
            found[name] = Later(expression=value, scope=home)
        for name, parts in sets.items():
            if len(parts) > 1:
                # `a = { … }; a.b = …;` are parts of one set, recursive as the first is.
                whole = replace(parts[0], binds=tuple(bind for one in parts for bind in one.binds))
                found[name] = Later(expression=whole, scope=scope)
        return found


def _is_literal(key: Expression) -> bool:
    return isinstance(key, Text) and key.literal is not None
