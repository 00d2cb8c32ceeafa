"""Finding out what the expressions of a Nix file stand for. Nothing is read but the file.

Values are looked up as Nix does it, as lazily: by lexical scope, recursive sets, `with`, calls of
functions of the file. Priorities and conditions of NixOS modules are seen through.
https://nixos.org/manual/nixos/stable/#sec-option-definitions
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .functions import CONDITION, apply_known
from .scopes import Scopes
from .syntax import (
    AttributeSet,
    Call,
    Expression,
    Function,
    If,
    Items,
    Let,
    Name,
    Number,
    Operation,
    Select,
    Text,
    With,
    call,
)
from .value import (
    MOST_STRINGS,
    NOTHING,
    Closure,
    Later,
    Scope,
    Unknown,
    Value,
    concatenated,
    joined,
    overridden,
    union,
    with_notes,
)

# Values that are found out inside one another: what is deeper is unknown.
_MOST_NESTED = 100
# Values that are found out in one file; others are unknown.
_MOST = 50_000
_CHANGED = "a function that is not in this file may change it"
# Notes on sets that may lack an attribute which the file writes down.
_MAY_LACK = frozenset({CONDITION, _CHANGED})
_CONSTANTS = frozenset({"null", "true", "false"})


class Evaluation:
    """Finds out the values of one file; `option` has that of an option of the file by its path."""

    def __init__(self, option: Callable[[tuple[str, ...]], Value]) -> None:
        self._option = option
        self._values: dict[tuple[Any, ...], tuple[Later, Value]] = {}
        self.scopes = Scopes(lambda key, scope: self.at(key, scope).only_string)
        self._count = 0
        self._nested = 0
        self._kinds: dict[type, Callable[[Any, Scope], Value]] = {
            Text: self._text,
            Number: self._number,
            Name: self._name,
            AttributeSet: self._set,
            Let: self._body,
            With: self._body,
            Function: lambda function, scope: Value(
                closures=(Closure(function=function, scope=scope),)
            ),
            If: self._if,
            Items: lambda whole, scope: Value(
                items=tuple(Later(expression=one, scope=scope) for one in whole.items)
            ),
            Select: self._select,
            Operation: self._operation,
            Call: self._call,
        }

    def value(self, later: Later) -> Value:
        """The value of an expression, found out once."""
        match later:
            case Later(expression=Text(parts=(str() as text,)), arguments=()):
                return Value(strings=(text,), notes=later.notes)
        known = self._values.get(later.key)
        if known is not None:
            return with_notes(known[1], later.notes)
        # A value that is made of itself is unknown.
        unknown = Value(unknown=(Unknown(line=later.expression.line),))
        if self._nested == _MOST_NESTED or self._count == _MOST:
            return unknown
        self._count += 1
        self._values[later.key] = (later, unknown)
        self._nested += 1
        try:
            value = self._found_out(later)
        finally:
            self._nested -= 1
        self._values[later.key] = (later, value)
        return with_notes(value, later.notes)

    def _found_out(self, later: Later) -> Value:
        if not later.arguments:
            return self._evaluate(later.expression, later.scope)
        value = self.at(later.expression, later.scope)
        for argument in later.arguments:
            value = self._entered(value, argument)
        return value

    def opened(self, value: Value) -> Value:
        """A value, and what its functions return for arguments that are not known."""
        bodies = [
            self.at(one.function.body, self.scopes.inner(one.function, one.scope))
            for one in value.closures
        ]
        return union([value, *bodies])

    def at(self, expression: Expression, scope: Scope) -> Value:
        """The value of an expression in a scope."""
        return self.value(Later(expression=expression, scope=scope))

    def _evaluate(self, expression: Expression, scope: Scope) -> Value:
        find = self._kinds.get(type(expression))
        if find is None:
            return Value(unknown=(Unknown(line=expression.line),))
        return find(expression, scope)

    def _set(self, attributes: AttributeSet, scope: Scope) -> Value:
        inner = self.scopes.inner(attributes, scope)
        computed = tuple(
            Unknown(line=bind.line, is_name=True)
            for bind in attributes.binds
            if self.at(bind.path[0], inner).only_string is None
        )
        definitions = self.scopes.definitions(attributes.binds, inner, scope)
        return Value(
            attributes={name: (later,) for name, later in definitions.items()}, unknown=computed
        )

    def _if(self, whole: If, scope: Scope) -> Value:
        found = union([self.at(whole.this, scope), self.at(whole.that, scope)], note=CONDITION)
        if len(found.strings) > MOST_STRINGS:
            return Value(unknown=(Unknown(line=whole.line),))
        return found

    def _number(self, number: Number, _scope: Scope) -> Value:
        """A whole number; Nix writes others in another way than the file."""
        if number.text.isdecimal():
            return Value(numbers=(number.text.lstrip("0") or "0",))
        return Value(unknown=(Unknown(line=number.line),))

    def _body(self, whole: Let | With, scope: Scope) -> Value:
        return self.at(whole.body, self.scopes.inner(whole, scope))

    def _text(self, text: Text, scope: Scope) -> Value:
        found = Value(strings=("",))
        for part in text.parts:
            one = Value(strings=(part,)) if isinstance(part, str) else self.at(part, scope)
            found = joined(found, one, line=text.line)
            if not found.strings:
                break
        return found

    def _name(self, name: Name, scope: Scope) -> Value:
        if name.text in _CONSTANTS:
            return NOTHING
        found: Scope | None = scope
        while found is not None and name.text not in found.names:
            found = found.outer
        if found is not None:
            later = found.names[name.text]
            if later is None:
                return self._asked(name.line, (name.text,))
            return self.value(later)
        found = scope
        while found is not None:
            if found.within is not None:
                attributes = self.value(found.within)
                if name.text in attributes.attributes:
                    return self.attribute(attributes, name.text, line=name.line)
                if attributes.unknown:
                    break
            found = found.outer
        return self._asked(name.line, (name.text,))

    def _asked(self, line: int, path: tuple[str, ...]) -> Value:
        if path[0] == "config" and len(path) > 1:
            option = self._option(path[1:])
            if option.strings:
                return option
        return Value(unknown=(Unknown(line=line, path=path),))

    def attribute(self, value: Value, name: str, *, line: int) -> Value:
        """The value of an attribute, which is unknown where the attributes are."""
        if name in value.attributes:
            definitions = value.attributes[name]
            return union(map(self.value, definitions))
        if value.path:
            return self._asked(line, (*value.path, name))
        return Value(unknown=(Unknown(line=line),))

    def _select(self, select: Select, scope: Scope) -> Value:
        base = self.at(select.base, scope)
        name = self.at(select.key, scope).only_string
        if name is None:
            return Value(unknown=(Unknown(line=select.line),))
        found = self.attribute(base, name, line=select.line)
        definitions = base.attributes.get(name, ())
        notes = {*base.notes, *(note for one in definitions for note in one.notes)}
        is_certain = definitions and notes.isdisjoint(_MAY_LACK)
        if select.default is None or is_certain:
            return found
        default = self.at(select.default, scope)
        if not definitions and not base.unknown:
            return default
        return union([found, default], note=CONDITION if CONDITION in notes else "")

    def _operation(self, operation: Operation, scope: Scope) -> Value:
        left, right = self.at(operation.left, scope), self.at(operation.right, scope)
        match operation.sign:
            case "+":
                return joined(left, right, line=operation.line)
            case "++":
                return concatenated(left, right, line=operation.line)
            case "//":
                return overridden(left, right)
            case "|>" | "<|":
                function, argument = operation.left, operation.right
                if operation.sign == "|>":
                    function, argument = argument, function
                whole = Call(line=operation.line, function=function, argument=argument)
                return self._call(whole, scope)
            case _:
                return Value(unknown=(Unknown(line=operation.line),))

    def _call(self, whole: Call, scope: Scope) -> Value:
        function, arguments = call(whole)
        known = apply_known(self, function, arguments, scope, line=whole.line)
        if known is not None:
            return known
        called = self.at(whole.function, scope)
        if called.closures:
            return self._entered(called, Later(expression=whole.argument, scope=scope))
        # What an unknown function is given is kept: it may be what a container is made of.
        given = union(self.at(argument, scope) for argument in arguments)
        return _computed_from(given, line=whole.line)

    def _entered(self, called: Value, argument: Later) -> Value:
        """What functions of this file return for an argument."""
        if not called.closures:
            return _computed_from(self.value(argument), line=argument.expression.line)
        entered = union(self._enter(closure, argument) for closure in called.closures)
        return with_notes(entered, called.notes)

    def _enter(self, closure: Closure, argument: Later) -> Value:
        function = closure.function
        names: dict[str, Later | None] = {}
        inner = Scope(names=names, outer=closure.scope)
        if function.parameter:
            names[function.parameter] = argument
        if function.names is not None:
            given = self.value(argument)
            for name, default in function.names:
                definitions = given.attributes.get(name, ())
                if definitions:
                    is_certain = default is None or not given.notes
                    is_one = len(definitions) == 1 and is_certain
                    names[name] = definitions[0] if is_one else None
                elif default is not None and not given.unknown:
                    names[name] = Later(expression=default, scope=inner)
                else:
                    names[name] = None
        return self.at(function.body, inner)


def _computed_from(given: Value, *, line: int) -> Value:
    """What a function that is not in the file makes of a value: perhaps a set with its parts."""
    attributes = with_notes(given, (_CHANGED,)).attributes
    return Value(attributes=attributes, unknown=(Unknown(line=line),))
