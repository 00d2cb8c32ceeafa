from __future__ import annotations

import pytest
from support.builders import fleet_lock

from nixfetch_docker.base.bars import Part
from nixfetch_docker.base.values import replace
from nixfetch_docker.lockfile.before_after import befores_and_afters, parts, total
from nixfetch_docker.lockfile.change import Change
from nixfetch_docker.lockfile.lock import LockedImage


def image(layers: dict[str, int], platform: str = "linux/amd64") -> LockedImage:
    made = fleet_lock({"web": layers}, platform).images["web"]
    # Another image with other layers has another digest.
    return replace(made, tag=str(sorted(layers.items())))


def test_layers_that_stay_go_and_come() -> None:
    change = Change(
        name="web",
        before=image({"base": 9, "old": 3}),
        after=image({"base": 9, "new": 4, "more": 1}),
    )
    (found,) = befores_and_afters(change)
    assert parts(found.before) == [Part(sign="=", size=9), Part(sign="-", size=3)]
    assert parts(found.after) == [
        Part(sign="=", size=9),
        Part(sign="+", size=4),
        Part(sign="+", size=1),
    ]
    assert [(one.sign, one.number) for one in found.moved] == [("-", 2), ("+", 2), ("+", 3)]
    assert (total(found.before), total(found.after)) == (12, 14)
    assert found.differs


@pytest.mark.parametrize(
    ("before", "after", "differs"),
    [
        pytest.param({"a": 1, "b": 2}, {"a": 1, "b": 2}, False, id="the same"),
        pytest.param({"a": 1, "b": 2}, {"b": 2, "a": 1}, True, id="another order"),
        pytest.param({"a": 1}, {"a": 1, "b": 2}, True, id="one more"),
        pytest.param({}, {"a": 1}, True, id="first layers"),
    ],
)
def test_whether_layers_differ(
    before: dict[str, int], after: dict[str, int], *, differs: bool
) -> None:
    change = Change(name="web", before=image(before), after=replace(image(after), tag="2"))
    assert [one.differs for one in befores_and_afters(change)] == [differs]


def test_a_platform_that_one_of_the_two_has() -> None:
    change = Change(name="web", before=image({"a": 1}, "linux/arm64"), after=image({"a": 1}))
    found = [
        (str(one.platform), [layer.sign for layer in one.moved])
        for one in befores_and_afters(change)
    ]
    assert found == [("linux/amd64", ["+"]), ("linux/arm64", ["-"])]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(None, image({"a": 1}), id="added"),
        pytest.param(image({"a": 1}), None, id="removed"),
        pytest.param(image({"a": 1}), image({"a": 1}), id="unchanged"),
    ],
)
def test_other_changes_have_no_before_and_after(
    before: LockedImage | None, after: LockedImage | None
) -> None:
    assert not list(befores_and_afters(Change(name="web", before=before, after=after)))
