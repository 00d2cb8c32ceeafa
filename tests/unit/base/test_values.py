"""Values behave as those of `dataclasses`."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from functools import cached_property
from typing import Any

import pytest

from nixfetch_docker.base import values


def define(module: Any) -> dict[str, Any]:
    """The same classes, by `dataclasses` or by `values`."""

    @module.dataclass(frozen=True, slots=True, kw_only=True)
    class Named:
        first: int
        second: str = "b"
        third: list[int] = module.field(default_factory=list)

        def double(self) -> int:
            return self.first * 2

    @module.dataclass(frozen=True, slots=True)
    class Placed:
        first: int
        second: str = "b"
        third: list[int] = module.field(default_factory=list)

    @module.dataclass(frozen=True, slots=True, kw_only=True, order=True)
    class Ordered:
        first: int
        second: str = module.field(default="b", compare=False)

    @module.dataclass(slots=True)
    class Changed:
        first: int
        second: str = module.field(default="b", repr=False)

    @module.dataclass(frozen=True, kw_only=True)
    class Cached:
        first: int

        @cached_property
        def double(self) -> int:
            return self.first * 2

    @module.dataclass(frozen=True, slots=True, kw_only=True)
    class Checked:
        first: int

        def __post_init__(self) -> None:
            if self.first < 0:
                raise ValueError("negative")

    @module.dataclass(frozen=True, slots=True)
    class Empty:
        pass

    made = (Empty, Named, Placed, Ordered, Changed, Cached, Checked)
    return {cls.__name__: cls for cls in made}


THEIRS = define(dataclasses)
NAMES = list(THEIRS)


def anew() -> dict[str, Any]:
    """Made anew for each test, so that a test notices what is wrong in the making."""
    return define(values)


def outcome(action: Any) -> object:
    """What an action returns, or the kind of its error."""
    try:
        result = action()
    except Exception as error:
        return type(error)
    return result if isinstance(result, (bool, int, tuple, type(NotImplemented))) else repr(result)


CALLS = [
    ((), {"first": 1}),
    ((), {"first": 1, "second": "x"}),
    ((), {"second": "x", "first": 1, "third": [2]}),
    ((1,), {}),
    ((1, "x"), {}),
    ((1, "x", [2], 3), {}),
    ((1,), {"first": 1}),
    ((), {}),
    ((), {"first": 1, "fourth": 4}),
    ((), {"first": -1}),
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("given", "named"), CALLS)
def test_it_is_made_as_a_dataclass(
    name: str, given: tuple[Any, ...], named: dict[str, Any]
) -> None:
    ours, theirs = (outcome(lambda: one[name](*given, **named)) for one in (anew(), THEIRS))  # noqa: B023
    assert ours == theirs


ACTIONS: dict[str, Any] = {
    "the same": lambda cls: cls(first=1) == cls(first=1),
    "another": lambda cls: cls(first=1) == cls(first=2),
    "differing in the second": lambda cls: cls(first=1) == cls(first=1, second="x"),
    "not of its kind": lambda cls: cls(first=1) == 1,
    "unequal": lambda cls: cls(first=1) != cls(first=1),
    "hash": lambda cls: hash(cls(first=1)) == hash(cls(first=1)),
    "hash without a field": lambda cls: hash(cls()),
    "less": lambda cls: cls(first=1) < cls(first=2),
    "at least": lambda cls: cls(first=1) >= cls(first=2),
    "less than a number": lambda cls: cls(first=1) < 2,
    "changed": lambda cls: setattr(cls(first=1), "first", 2),
    "removed": lambda cls: delattr(cls(first=1), "first"),
    "method": lambda cls: cls(first=2).double(),
    "cached": lambda cls: str(cls(first=2).double),
    "copy": lambda cls: copy.copy(cls(first=1)),
    "deep copy": lambda cls: copy.deepcopy(cls(first=1)) == cls(first=1),
    "replaced": lambda cls: dataclasses.replace(cls(first=1), first=2),
    "replaced by its own check": lambda cls: dataclasses.replace(cls(first=1), first=-2),
    "replaced what it has not": lambda cls: dataclasses.replace(cls(first=1), new=2),
    "as a dictionary": lambda cls: dataclasses.asdict(cls(first=1)),
    "fields": lambda cls: tuple(
        (one.name, one.type, one.kw_only, one.repr, one.compare, one.default, one.default_factory)
        for one in dataclasses.fields(cls)
    ),
    "pattern": lambda cls: cls.__match_args__,
    "is a dataclass": dataclasses.is_dataclass,
    "its value is one": lambda cls: dataclasses.is_dataclass(cls(first=1)),
    "signature": lambda cls: tuple(
        (one.name, one.kind, one.annotation) for one in inspect.signature(cls).parameters.values()
    ),
    "slots": lambda cls: vars(cls).get("__slots__"),
    "name": lambda cls: (cls.__name__, cls.__qualname__, cls.__module__),
    "documentation": lambda cls: cls.double.__doc__,
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("action", [pytest.param(ACTIONS[name], id=name) for name in ACTIONS])
def test_it_does_as_a_dataclass(name: str, action: Any) -> None:
    assert outcome(lambda: action(anew()[name])) == outcome(lambda: action(THEIRS[name]))


def test_replace_makes_another_value() -> None:
    before = anew()["Named"](first=1, third=[2])
    after = values.replace(before, first=3)
    assert (before.first, after.first, after.third) == (1, 3, [2])
    with pytest.raises(TypeError):
        values.replace(before, fourth=4)


def test_each_value_has_a_list_of_its_own() -> None:
    cls = anew()["Named"]
    one, other = (cls(first=1) for _ in range(2))
    one.third.append(2)
    assert other.third == []


@values.dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """At the top of its module, where `pickle` finds it."""

    first: int


def test_it_can_be_pickled() -> None:
    assert pickle.loads(pickle.dumps(Sent(first=1))) == Sent(first=1)  # noqa: S301 - our own


def test_what_copy_replace_calls_makes_another_value() -> None:
    value = anew()["Named"](first=1, second="x")
    assert repr(value.__replace__(first=2)) == repr(type(value)(first=2, second="x"))


@pytest.mark.parametrize(
    ("name", "given", "named", "message"),
    [
        ("Named", (), {}, "Named() got no 'first'"),
        ("Named", (), {"first": 1, "fourth": 2}, "Named() got an unexpected 'fourth'"),
        ("Placed", (1, 2, 3, 4), {}, "Placed() got more than 3 values"),
        ("Placed", (1, 2), {"second": 2, "first": 1}, "Placed() got two values for 'first'"),
    ],
)
def test_what_it_cannot_be_made_of_is_named(
    name: str, given: tuple[int, ...], named: dict[str, int], message: str
) -> None:
    with pytest.raises(TypeError) as caught:
        anew()[name](*given, **named)
    assert str(caught.value) == message


def test_a_field_that_cannot_be_changed_is_named() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError) as caught:
        anew()["Named"](first=1).first = 2
    assert str(caught.value) == "cannot change field 'first' of Named"


def test_a_value_of_slots_has_room_for_nothing_else() -> None:
    assert not vars(anew()["Named"]).keys() & {"__dict__", "__weakref__"}
