"""The scopes of a Nix file, and the names that are bound in each.

https://nix.dev/manual/nix/latest/language/scope
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .nix_syntax import AttributeSet, Bind, Expression, Function, Let, Operation, Text, With
from .nix_value import Later, Scope


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
                names.update(self.definitions(expression.binds, inner, scope))
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
        nested: dict[str, list[Bind]] = {}
        # Names that are computed may be made of those that are written down.
        for bind in sorted(binds, key=lambda one: not _is_literal(one.path[0])):
            name = self._string(bind.path[0], scope)
            if name is None:
                continue
            if len(bind.path) > 1:
                rest = Bind(line=bind.line, path=bind.path[1:], value=bind.value)
                nested.setdefault(name, []).append(rest)
            else:
                home = outer if bind.is_inherited else scope
                found[name] = Later(expression=bind.value, scope=home)
        for name, rests in nested.items():
            whole = AttributeSet(line=rests[0].line, binds=tuple(rests))
            if name in found:
                # `a = { … }; a.b = …;` are parts of one set.
                both = Operation(
                    line=whole.line, sign="//", left=found[name].expression, right=whole
                )
                found[name] = Later(expression=both, scope=scope)
            else:
                found[name] = Later(expression=whole, scope=scope)
        return found


def _is_literal(key: Expression) -> bool:
    return isinstance(key, Text) and key.literal is not None
