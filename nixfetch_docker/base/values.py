"""Values: what `dataclasses` offers for them, in a tenth of the time that it takes to define one.

`dataclasses` writes the source of up to ten methods for each class and compiles it, which takes
longer than all else in a module of values. Here the methods are closures over the fields.

`dataclass`, `field` and `replace` take what this package uses of theirs. What asks a value for
`__dataclass_fields__`, as `dataclasses.asdict` does, or for its signature gets the real ones.
"""

from __future__ import annotations

import operator
from functools import partial

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import dataclass, field, replace
    from typing import Any

_NONE: Any = object()


class _Field:
    """A field without its name. `default` and `factory` are `_NONE` where there is none."""

    __slots__ = ("compare", "default", "factory", "repr")

    def __init__(
        self,
        *,
        default: Any = _NONE,
        default_factory: Any = _NONE,
        repr: bool = True,  # noqa: A002 - as in `dataclasses`
        compare: bool = True,
    ) -> None:
        self.default = default
        self.factory = default_factory
        self.repr = repr
        self.compare = compare

    def standard(self) -> Any:
        """The same as a field of `dataclasses`."""
        import dataclasses

        given: dict[str, Any] = {"repr": self.repr, "compare": self.compare}
        if self.default is not _NONE:
            given["default"] = self.default
        if self.factory is not _NONE:
            given["default_factory"] = self.factory
        return dataclasses.field(**given)


class _Standard:
    """An attribute that Python gives a dataclass, made from one when it is asked for."""

    def __init__(
        self, fields: dict[str, _Field], read: Callable[[type], Any], *, kw_only: bool
    ) -> None:
        self._fields = fields
        self._read = read
        self._kw_only = kw_only

    def __get__(self, _value: object, owner: type) -> Any:
        import dataclasses

        kinds = owner.__annotations__
        fields = [(name, kinds[name], one.standard()) for name, one in self._fields.items()]
        return self._read(dataclasses.make_dataclass(owner.__name__, fields, kw_only=self._kw_only))


def _fields_of(made: type) -> Any:
    return vars(made)["__dataclass_fields__"]


def _signature_of(made: type) -> Any:
    import inspect

    return inspect.signature(made)


def _dataclass(
    *, frozen: bool = False, slots: bool = False, kw_only: bool = False, order: bool = False
) -> Callable[[type], type]:
    """`dataclasses.dataclass`, for classes without bases."""

    def define(cls: type) -> type:
        body = {
            name: value
            for name, value in vars(cls).items()
            if name not in {"__dict__", "__weakref__"}
        }
        fields = {name: _taken(body, name) for name in cls.__annotations__}
        names = tuple(fields)
        if slots:
            body["__slots__"] = names
        methods: dict[str, Any] = {
            **_comparisons(fields, order=order),
            "__repr__": _representation(fields),
        }
        methods["__hash__"] = _hash(fields) if frozen else None
        if frozen:
            methods |= {"__setattr__": _refuse_change, "__delattr__": _refuse_change}
        for name, read in (
            ("__dataclass_fields__", _fields_of),
            ("__signature__", _signature_of),
        ):
            methods[name] = _Standard(fields, read, kw_only=kw_only)
        methods |= {"__match_args__": () if kw_only else names, "__replace__": _replace}
        made = type(cls.__name__, (), {**methods, **body, "__qualname__": cls.__qualname__})
        # Those of slots are quicker than `object.__setattr__`, which looks for them.
        put = {
            name: getattr(made, name).__set__ if slots else partial(_put, name) for name in names
        }
        late = {"__init__": _constructor(made, fields, put, kw_only=kw_only), **_copying(put)}
        for name, method in late.items():
            setattr(made, name, method)
        return made

    return define


def _taken(body: dict[str, Any], name: str) -> _Field:
    default = body.pop(name, _NONE)
    return default if isinstance(default, _Field) else _Field(default=default)


def _put(name: str, value: Any, content: Any) -> None:
    object.__setattr__(value, name, content)


def _completer(cls: type, fields: dict[str, _Field]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Adds the defaults to what a value is made of; raises `TypeError` for other names."""
    defaults = {name: one.default for name, one in fields.items() if one.default is not _NONE}
    factories = {name: one.factory for name, one in fields.items() if one.factory is not _NONE}

    def complete(given: dict[str, Any]) -> dict[str, Any]:
        made = {name: make() for name, make in factories.items() if name not in given}
        given = {**defaults, **made, **given}
        wrong = [name for name in given if name not in fields]
        missing = [name for name in fields if name not in given]
        if wrong or missing:
            what = f"an unexpected {wrong[0]!r}" if wrong else f"no {missing[0]!r}"
            raise TypeError(f"{cls.__name__}() got {what}")
        return given

    return complete


def _constructor(
    cls: type,
    fields: dict[str, _Field],
    put: dict[str, Callable[[Any, Any], None]],
    *,
    kw_only: bool,
) -> Callable[..., None]:
    """`__init__`, which is called so often that its usual way is short."""
    count = len(fields)
    puts = tuple(put.items())
    complete = _completer(cls, fields)
    after = getattr(cls, "__post_init__", None)

    def by_name(self: Any, **given: Any) -> None:
        if len(given) != count or given.keys() != fields.keys():
            given = complete(given)
        for name, put_one in puts:
            put_one(self, given[name])
        if after is not None:
            after(self)

    def by_position(self: Any, *first: Any, **given: Any) -> None:
        if len(first) > count:
            raise TypeError(f"{cls.__name__}() got more than {count} values")
        named = dict(zip(fields, first, strict=False))
        if twice := named.keys() & given.keys():
            raise TypeError(f"{cls.__name__}() got two values for {min(twice)!r}")
        by_name(self, **named, **given)

    return by_name if kw_only else by_position


def _copying(put: dict[str, Callable[[Any, Any], None]]) -> dict[str, Callable[..., Any]]:
    """What `copy` and `pickle` call, which cannot set the attributes of a frozen value."""

    def state(self: Any) -> list[Any]:
        return [getattr(self, name) for name in put]

    def restore(self: Any, contents: list[Any]) -> None:
        for put_one, content in zip(put.values(), contents, strict=True):
            put_one(self, content)

    return {"__getstate__": state, "__setstate__": restore}


def _representation(fields: dict[str, _Field]) -> Callable[[Any], str]:
    shown = [name for name, one in fields.items() if one.repr]

    def representation(self: Any) -> str:
        inside = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
        return f"{type(self).__qualname__}({inside})"

    return representation


def _compared(fields: dict[str, _Field]) -> Callable[[Any], Any]:
    names = [name for name, one in fields.items() if one.compare]
    return operator.attrgetter(*names) if names else lambda _: ()


def _hash(fields: dict[str, _Field]) -> Callable[[Any], int]:
    compared = _compared(fields)
    return lambda self: hash(compared(self))


def _comparisons(fields: dict[str, _Field], *, order: bool) -> dict[str, Callable[[Any, Any], Any]]:
    compared = _compared(fields)

    def comparison(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], Any]:
        def compared_by(self: Any, other: Any) -> Any:
            if type(self) is not type(other):
                return NotImplemented
            return compare(compared(self), compared(other))

        return compared_by

    names = ("eq", "lt", "le", "gt", "ge") if order else ("eq",)
    return {f"__{name}__": comparison(getattr(operator, name)) for name in names}


def _refuse_change(self: Any, name: str, _content: Any = None) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot change field {name!r} of {type(self).__name__}")


def _replace(value: Any, /, **changes: Any) -> Any:
    """A value like this one, with other contents of the fields that `changes` names."""
    kept = {name: getattr(value, name) for name in type(value).__annotations__}
    return type(value)(**{**kept, **changes})


if not TYPE_CHECKING:
    dataclass, field, replace = _dataclass, _Field, _replace

__all__ = ["dataclass", "field", "replace"]
