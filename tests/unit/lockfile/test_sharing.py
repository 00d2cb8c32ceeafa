from __future__ import annotations

from support.builders import fleet_lock

from nixfetch_docker.base.bars import Part
from nixfetch_docker.lockfile.contents import Contents
from nixfetch_docker.lockfile.sharing import OWN, REST, Sharing


def sharing(**images: dict[str, int]) -> tuple[Sharing, Contents]:
    contents = Contents(fleet_lock(images))
    return Sharing(contents.entries, shown=contents.entries), contents


def test_a_group_has_the_layers_of_the_same_images_and_the_greatest_saving_is_first() -> None:
    found, contents = sharing(
        api={"base": 100, "python": 30, "api": 5},
        job={"base": 100, "python": 30, "job": 7},
        web={"base": 100, "web": 9},
    )
    assert [(one.sign, list(one.names), one.size) for one in found.groups] == [
        ("A", ["api", "job", "web"], 100),
        ("B", ["api", "job"], 30),
    ]
    api, _, web = contents.entries
    assert found.parts(api) == [
        Part(sign="A", size=100),
        Part(sign="B", size=30),
        Part(sign=OWN, size=5),
    ]
    assert found.group(web.locked.layers[1]) is None


def test_a_layer_twice_in_one_image_is_not_shared_and_is_drawn_once() -> None:
    found, contents = sharing(web={"web": 9})
    entry = contents.entries[0]
    again = fleet_lock({"web": {"web": 9}}, repeated=2)
    entries = Contents(again).entries
    found = Sharing(entries, shown=entries)
    assert found.groups == []
    assert found.parts(entries[0]) == found.parts(entry)


def test_groups_beyond_the_letters_have_one_sign() -> None:
    pairs = {
        f"{kind}{number:02}": {f"layer {number}": 100 - number}
        for number in range(30)
        for kind in "ab"
    }
    found, _ = sharing(**pairs)
    signs = "".join(one.sign for one in found.groups)
    assert signs == "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + 4 * REST


def test_the_groups_of_one_image_of_many_have_the_first_letters() -> None:
    pairs = {
        f"{kind}{number:02}": {f"layer {number}": 100 - number}
        for number in range(30)
        for kind in "ab"
    }
    _, contents = sharing(**pairs)
    last = next(entry for entry in contents.entries if entry.name == "b29")
    groups = Sharing(contents.entries, shown=[last]).groups
    assert [(one.sign, list(one.names), one.size) for one in groups] == [("A", ["a29", "b29"], 71)]


def test_nothing_is_shared_where_there_is_no_image() -> None:
    assert sharing()[0].groups == []
