"""What an expression of a Nix file stands for, as far as that file says it.

A value may be one of several: both branches of a condition are values of it. What other files or
functions compute is unknown, and says the line that it stands in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...base.values import dataclass, field, replace
from .syntax import Expression, Function


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Names and what they are bound to, None for the parameters of functions.

    Names that are not here are looked up in `outer`, and then in the attributes of each `within`,
    which is what `with` brings.
    """

    names: Mapping[str, Later | None]
    outer: Scope | None = None
    within: Later | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """An expression whose value is asked for later, in the scope that it stands in.

    With `arguments` it is what the function returns for them. `notes` are those of the value that
    it is a part of.
    """

    expression: Expression
    scope: Scope
    arguments: tuple[Later, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells it from others of the same file."""
        arguments = tuple(argument.key for argument in self.arguments)
        return (id(self.expression), id(self.scope), arguments)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """What this file does not say. `path` is the path of an attribute that it asks for, or ().

    With `is_name` it is the name of an attribute, whose value is written down.
    """

    line: int
    path: tuple[str, ...] = ()
    is_name: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """A function, and the scope that it stands in."""

    function: Function
    scope: Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """All that an expression may stand for.

    Each name of `attributes` has several definitions where modules or conditions merge them.
    `numbers` are whole numbers, as `toString` writes them. `notes` are sentences on what chooses
    among these values.
    """

    strings: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    attributes: Mapping[str, tuple[Later, ...]] = field(default_factory=dict)
    items: tuple[Later, ...] = ()
    closures: tuple[Closure, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def only_string(self) -> str | None:
        """The string, where there is no other value."""
        return self.strings[0] if len(self.strings) == 1 and not self.unknown else None

    @property
    def path(self) -> tuple[str, ...]:
        """The path of an attribute of another file, where there is no other value; else ()."""
        is_alone = len(self.unknown) == 1 and not (self.strings or self.attributes or self.closures)
        return self.unknown[0].path if is_alone else ()


NOTHING = Value()
# In characters, of a string made of others: a template that doubles from name to name has no bound.
_LONGEST = 4096
# Alternatives of one string.
MOST_STRINGS = 16
# Of a list made of others, for the same reason.
_MOST_ITEMS = 4096
# Says why a value is not the only one that it may be.
_OVERRIDDEN = "what is merged over it here, and is not in this file, may replace it"


def union(values: Iterable[Value], *, note: str = "") -> Value:
    """A value that is one of `values`; `note` says what chooses."""
    found = list(values)
    merged: dict[str, list[Later]] = {}
    for value in found:
        for name, definitions in value.attributes.items():
            merged.setdefault(name, []).extend(definitions)
    notes = (note,) if note else ()
    return Value(
        strings=_once(value.strings for value in found),
        numbers=_once(value.numbers for value in found),
        attributes={
            # An attribute of one value alone is not chosen.
            name: noted(definitions, notes if len(definitions) > 1 else ())
            for name, definitions in merged.items()
        },
        items=_once(value.items for value in found),
        closures=_once(value.closures for value in found),
        unknown=_once(value.unknown for value in found),
        notes=_once([*(value.notes for value in found), notes]),
    )


def noted(laters: Iterable[Later], notes: tuple[str, ...]) -> tuple[Later, ...]:
    """The same, with more notes."""
    if not notes:
        return tuple(laters)
    return tuple(replace(one, notes=_once([one.notes, notes])) for one in laters)


def with_notes(value: Value, notes: tuple[str, ...]) -> Value:
    """A value with more notes, as all of its attributes and items have them."""
    if not notes:
        return value
    return replace(
        value,
        attributes={name: noted(laters, notes) for name, laters in value.attributes.items()},
        items=noted(value.items, notes),
        notes=_once([value.notes, notes]),
    )


def _once(values: Iterable[tuple[Any, ...]]) -> tuple[Any, ...]:
    """All of `values`, each once."""
    found: dict[Any, Any] = {}
    for value in values:
        for one in value:
            key = id(one) if isinstance(one, Later | Closure) else one
            found.setdefault(key, one)
    return tuple(found.values())


def joined(left: Value, right: Value, *, line: int) -> Value:
    """A string followed by another; unknown where that is too long.

    It is unknown where both are one of several, too: one condition may choose both.
    """
    is_one = len(left.strings) < 2 or len(right.strings) < 2
    strings = tuple(
        dict.fromkeys(one + other for one in left.strings for other in right.strings if is_one)
    )
    is_whole = bool(strings) and len(strings) <= MOST_STRINGS
    is_whole = is_whole and all(len(one) <= _LONGEST for one in strings)
    unknown = left.unknown + right.unknown
    if not is_whole and not unknown:
        unknown = (Unknown(line=line),)
    return Value(
        strings=strings if is_whole else (),
        # The path is of a part alone.
        unknown=_once([tuple(Unknown(line=one.line) for one in unknown)]),
        notes=_once([left.notes, right.notes]),
    )


def concatenated(left: Value, right: Value, *, line: int) -> Value:
    """A list followed by another; unknown where that is too long."""
    items = left.items + right.items
    unknown = _once([left.unknown, right.unknown])
    if len(items) > _MOST_ITEMS:
        items, unknown = (), unknown or (Unknown(line=line),)
    return Value(items=items, unknown=unknown, notes=_once([left.notes, right.notes]))


def overridden(left: Value, right: Value) -> Value:
    """`left // right`. What is there on a condition leaves the other definition as it may be."""
    both = union([left, right])
    if right.notes:
        attributes = {
            name: noted(
                laters, right.notes if name in left.attributes and name in right.attributes else ()
            )
            for name, laters in both.attributes.items()
        }
    else:
        attributes = {**left.attributes, **right.attributes}
    if any(not one.is_name for one in right.unknown):
        attributes = {
            name: laters if name in right.attributes else noted(laters, (_OVERRIDDEN,))
            for name, laters in attributes.items()
        }
    return Value(attributes=attributes, unknown=both.unknown, notes=both.notes)
