"""JSON objects as containers/image reads those of policy.json: no key and no value goes unread."""

from __future__ import annotations

from enum import Enum
from typing import TypeVar

from ..base.nearest import nearest
from ..base.redact import literal
from ..base.table import InvalidField, Table

E = TypeVar("E", bound=Enum)


def only(table: Table, *known: str) -> None:
    """Raise `InvalidField` for a key that is not among `known`, and for a value that is null."""
    table.only(*known)
    not_null(table)


def not_null(table: Table) -> None:
    """Raise `InvalidField` for the first value that is null, which a `Table` takes for absent."""
    for key in getattr(table.values, "nulls", ()):
        raise InvalidField("expected a value, found null", hint="remove the key").at(
            table.where(key)
        )


def typed(table: Table, kinds: type[E], what: str) -> E:
    """The kind of `what` that the key `type` names; raises `InvalidField` for another."""
    text = table.require("type", str)
    known = [str(kind.value) for kind in kinds]
    if text not in known:
        close = nearest(text, known)
        raise InvalidField(
            f"{literal(text)} is not a {what}",
            hint=f"did you mean {close!r}?" if close else f"known are {', '.join(known)}",
        ).at(table.where("type"))
    return kinds(text)
