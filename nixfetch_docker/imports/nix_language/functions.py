"""What functions of nixpkgs' library make of values: those that containers are written with.

https://nixos.org/manual/nixpkgs/stable/#chap-functions
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from ...base.values import replace
from .syntax import Expression, Text, last_name
from .value import Later, Scope, Unknown, Value, joined, noted, union

CONDITION = "a condition chooses among several; all of them are taken"
# The position of the argument that a function returns as it is, or without.
_SEEN_THROUGH = {
    "mkDefault": 0,
    "mkForce": 0,
    "mkVMOverride": 0,
    "mkOverride": 1,
    "mkBefore": 0,
    "mkAfter": 0,
    "mkOrder": 1,
    "mkIf": 1,
    "unsafeDiscardStringContext": 0,
}


class Evaluation(Protocol):
    """Finds out values, as `evaluation.Evaluation` does."""

    def value(self, later: Later, /) -> Value:
        """The value of an expression."""

    def at(self, expression: Expression, scope: Scope, /) -> Value:
        """The value of an expression in a scope."""

    def attribute(self, value: Value, name: str, /, *, line: int) -> Value:
        """The value of an attribute."""


def apply_known(
    evaluation: Evaluation,
    function: Expression,
    arguments: Sequence[Expression],
    scope: Scope,
    *,
    line: int,
) -> Value | None:
    """What a function of the library returns, or None for other functions and too few arguments."""
    name = last_name(function)
    if name not in _KNOWN and name not in _SEEN_THROUGH:
        return None
    # A function of the file may have the same name.
    if (path := evaluation.at(function, scope).path) and path[-1] == name:
        given = [Later(expression=argument, scope=scope) for argument in arguments]
        count, apply = _KNOWN.get(name) or (_SEEN_THROUGH[name] + 1, _last)
        if len(given) == count:
            return apply(evaluation, given, line)
    return None


def _last(evaluation: Evaluation, given: list[Later], _line: int) -> Value:
    return evaluation.value(given[-1])


def _to_string(evaluation: Evaluation, given: list[Later], line: int) -> Value:
    value = evaluation.value(given[0])
    strings = value.strings + value.numbers
    is_other = value.attributes or value.items or value.closures or not strings
    unknown = value.unknown or ((Unknown(line=line),) if is_other else ())
    return Value(strings=strings, unknown=unknown, notes=value.notes)


def _optional(_evaluation: Evaluation, given: list[Later], _line: int) -> Value:
    return Value(items=(given[1],), notes=(CONDITION,))


def _optional_string(evaluation: Evaluation, given: list[Later], _line: int) -> Value:
    return union([evaluation.value(given[1]), Value(strings=("",))], note=CONDITION)


def _optional_attributes(evaluation: Evaluation, given: list[Later], _line: int) -> Value:
    return union([evaluation.value(given[1])], note=CONDITION)


def _merge(evaluation: Evaluation, given: list[Later], line: int) -> Value:
    value = evaluation.value(given[0])
    if value.unknown or not (value.items or value.attributes):
        return Value(unknown=value.unknown or (Unknown(line=line),))
    return union(evaluation.value(item) for item in value.items)


def _concatenate(evaluation: Evaluation, given: list[Later], line: int) -> Value:
    """`concatStringsSep separator list`."""
    separator, items = evaluation.value(given[0]), evaluation.value(given[1])
    if items.unknown or items.notes:
        # A condition chooses items, and not one of several strings.
        return Value(unknown=items.unknown or (Unknown(line=line),), notes=items.notes)
    found = Value(strings=("",))
    for position, item in enumerate(items.items):
        if position:
            found = joined(found, separator, line=line)
        found = joined(found, evaluation.value(item), line=line)
    return found


def _map_attributes(evaluation: Evaluation, given: list[Later], line: int) -> Value:
    """`mapAttrs function attributes`."""
    value = evaluation.value(given[1])
    attributes = {
        name: tuple(
            _applied(given[0], _string(name, given[0].scope), definition)
            for definition in definitions
        )
        for name, definitions in value.attributes.items()
    }
    unknown = value.unknown or _unless(attributes, line)
    return Value(attributes=attributes, unknown=unknown, notes=value.notes)


def _map_pairs(evaluation: Evaluation, given: list[Later], line: int) -> Value:
    """`mapAttrs' function attributes`, whose function returns pairs of a name and a value."""
    mapped = _map_attributes(evaluation, given, line)
    items = [one for definitions in mapped.attributes.values() for one in definitions]
    return _of_pairs(evaluation, replace(mapped, attributes={}, items=tuple(items)), line)


def _generate(evaluation: Evaluation, given: list[Later], line: int) -> Value:
    """`genAttrs names function`."""
    names = union(evaluation.value(item) for item in evaluation.value(given[0]).items)
    unknown = names.unknown + evaluation.value(given[0]).unknown
    attributes = {
        name: (_applied(given[1], _string(name, given[1].scope)),) for name in names.strings
    }
    return Value(attributes=attributes, unknown=unknown or _unless(attributes, line))


def _list_to_attributes(evaluation: Evaluation, given: list[Later], line: int) -> Value:
    """`listToAttrs [ { name = …; value = …; } ]`."""
    return _of_pairs(evaluation, evaluation.value(given[0]), line)


def _of_pairs(evaluation: Evaluation, whole: Value, line: int) -> Value:
    """The attributes of a list of pairs, each a name and a value."""
    attributes: dict[str, tuple[Later, ...]] = {}
    unknown = list(whole.unknown)
    for item in whole.items:
        pair = evaluation.value(item)
        name = evaluation.attribute(pair, "name", line=line).only_string
        if name is None or "value" not in pair.attributes:
            unknown.append(Unknown(line=item.expression.line))
        elif name not in attributes:
            attributes[name] = pair.attributes["value"]
        elif whole.notes:
            # The first of one name wins, and it may not be there.
            attributes[name] = noted(attributes[name] + pair.attributes["value"], whole.notes)
    return Value(
        attributes=attributes,
        unknown=tuple(unknown) or _unless(attributes, line),
        notes=whole.notes,
    )


def _pair(_evaluation: Evaluation, given: list[Later], _line: int) -> Value:
    return Value(attributes={"name": (given[0],), "value": (given[1],)})


def _map(evaluation: Evaluation, given: list[Later], line: int) -> Value:
    """`map function list`."""
    whole = evaluation.value(given[1])
    items = tuple(_applied(given[0], item) for item in whole.items)
    return Value(items=items, unknown=whole.unknown or _unless(items, line), notes=whole.notes)


def _unless(found: object, line: int) -> tuple[Unknown, ...]:
    return () if found else (Unknown(line=line),)


def _applied(function: Later, *arguments: Later) -> Later:
    """What a function returns for more arguments, to be found out later."""
    return replace(function, arguments=(*function.arguments, *arguments))


def _string(text: str, scope: Scope) -> Later:
    return Later(expression=Text(line=0, parts=(text,)), scope=scope)


_KNOWN: dict[str, tuple[int, Callable[[Evaluation, list[Later], int], Value]]] = {
    "toString": (1, _to_string),
    "escapeShellArg": (1, _to_string),
    "optional": (2, _optional),
    "optionalString": (2, _optional_string),
    "optionalAttrs": (2, _optional_attributes),
    "mkMerge": (1, _merge),
    "concatStringsSep": (2, _concatenate),
    "mapAttrs": (2, _map_attributes),
    "mapAttrs'": (2, _map_pairs),
    "genAttrs": (2, _generate),
    "listToAttrs": (1, _list_to_attributes),
    "nameValuePair": (2, _pair),
    "map": (2, _map),
}
