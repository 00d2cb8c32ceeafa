"""The expressions of the Nix language, as a parser finds them.

https://nix.dev/manual/nix/latest/language/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from ...base.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A string: its text, and the expressions that it interpolates."""

    line: int
    parts: tuple[str | Expression, ...]

    @property
    def literal(self) -> str | None:
        """The whole text, or None where it interpolates an expression."""
        if any(not isinstance(part, str) for part in self.parts):
            return None
        return "".join(map(str, self.parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A name, such as `lib` or `true`."""

    line: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Select:
    """`base.key or default`, for one key."""

    line: int
    base: Expression
    key: Expression
    default: Expression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """`function argument`."""

    line: int
    function: Expression
    argument: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Bind:
    """`path = value;`. An attribute that is inherited has a path of one text."""

    line: int
    path: tuple[Expression, ...]
    value: Expression
    is_inherited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeSet:
    """`{ … }` or `rec { … }`."""

    line: int
    binds: tuple[Bind, ...]
    is_recursive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Let:
    """`let … in body`."""

    line: int
    binds: tuple[Bind, ...]
    body: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """`parameter: body`. `names` are the attributes that it takes, with their defaults."""

    line: int
    parameter: str
    names: tuple[tuple[str, Expression | None], ...] | None
    body: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class With:
    """`with attributes; body`."""

    line: int
    attributes: Expression
    body: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class If:
    """`if condition then this else that`."""

    line: int
    condition: Expression
    this: Expression
    that: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """`left sign right`."""

    line: int
    sign: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """`[ … ]`."""

    line: int
    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number, as it is written."""

    line: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """A path, or another expression that stands for no text. `parts` are expressions in it."""

    line: int
    text: str = ""
    parts: tuple[Expression, ...] = ()


Expression: TypeAlias = (
    "Text | Name | Select | Call | AttributeSet | Let | Function | With | If | Operation | Items"
    " | Number | Other"
)


def call(expression: Expression) -> tuple[Expression, list[Expression]]:
    """The function that an expression calls, and all its arguments; itself where it calls none."""
    arguments: list[Expression] = []
    while isinstance(expression, Call):
        arguments.append(expression.argument)
        expression = expression.function
    return expression, arguments[::-1]


def last_name(expression: Expression) -> str:
    """The last name of `a.b.c`, or ""."""
    match expression:
        case Name(text=text):
            return text
        case Select(key=Text() as key):
            return key.literal or ""
        case _:
            return ""


def children(expression: Expression) -> Iterator[Expression]:
    """The expressions right below one, apart from those that are bound to names."""
    match expression:
        case Text(parts=parts):
            yield from (part for part in parts if not isinstance(part, str))
        case Select(base=base, key=key, default=default):
            yield from (one for one in (base, key, default) if one is not None)
        case Call(function=function, argument=argument):
            yield from (function, argument)
        case Let(body=body) | Function(body=body):
            yield body
        case With(attributes=attributes, body=body):
            yield from (attributes, body)
        case If(condition=condition, this=this, that=that):
            yield from (condition, this, that)
        case Operation(left=left, right=right):
            yield from (left, right)
        case Items(items=items):
            yield from items
        case Other(parts=parts):
            yield from parts
        case _:
            return
