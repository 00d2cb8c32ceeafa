from __future__ import annotations

import pytest
from support.builders import locked_image, request

from nixfetch_docker.errors import UsageError
from nixfetch_docker.lockfile.images import Images
from nixfetch_docker.lockfile.lock import Lock
from nixfetch_docker.lockfile.selection import all_or_named, difference, out_of_date


def images(*names: str) -> Images:
    return Images(requests={name: request() for name in names})


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        pytest.param([], ["b", "a", "c"], id="all"),
        pytest.param(["c"], ["c"], id="one"),
        pytest.param(["c", "b", "c"], ["b", "c"], id="in the file's order, once"),
    ],
)
def test_all_images_are_selected_or_those_named(names: list[str], expected: list[str]) -> None:
    assert all_or_named(images("b", "a", "c"), names) == expected


@pytest.mark.parametrize(
    ("known", "message"),
    [
        pytest.param(
            images("web", "redis"),
            "no image is named 'rediss'; did you mean redis? choose from web, redis",
            id="some",
        ),
        pytest.param(
            images(*(f"web{number}" for number in range(22))),
            f"no image is named 'rediss'; choose from "
            f"{', '.join(f'web{number}' for number in range(20))} and 2 more",
            id="many",
        ),
        pytest.param(
            images(),
            "no image is named 'rediss'; add an image first: nixfetch-docker add",
            id="none",
        ),
    ],
)
def test_an_unknown_name_is_wrong_usage(known: Images, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        all_or_named(known, ["rediss"])
    assert str(caught.value) == message


def test_all_unknown_names_are_told_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        all_or_named(images("web", "redis", "db"), ["redsi", "web", "wbe", "x", "redsi"])
    assert str(caught.value) == (
        "no image is named 'redsi', 'wbe', 'x'; did you mean redis? did you mean web? "
        "choose from web, redis, db"
    )


def test_an_image_is_out_of_date_where_the_lock_answers_another_request() -> None:
    wanted = Images(
        requests={
            "same": request("redis:7", "linux/amd64"),
            "new": request(),
            "tag": request("redis:8", "linux/amd64"),
            "platform": request("redis:7", "linux/arm64"),
            "spelling": request("docker.io/redis:7", "linux/amd64"),
        }
    )
    locked = locked_image(wanted.requests["same"])
    lock = Lock(images=dict.fromkeys(["same", "tag", "platform", "spelling", "gone"], locked))
    assert out_of_date(wanted, lock) == ["new", "tag", "platform", "spelling"]


def test_a_difference_has_the_beginning_of_long_values() -> None:
    before, after = (
        Images.parse(f'[images.a]\nimage = "a"\nversion = "*"\nignore = {ignored}').requests["a"]
        for ignored in ('["1"]', str([str(n) for n in range(9999)]).replace("'", '"'))
    )
    text = difference(after, before)
    assert text.startswith('ignore from ["1"] to ["0", "1", "2"')
    assert text.endswith("…")
    assert len(text) < 300


def test_of_many_unknown_names_some_are_told() -> None:
    with pytest.raises(UsageError) as caught:
        all_or_named(images("web"), [f"x{n}" for n in range(1000)])
    assert "'x19' and 980 more; choose from web" in str(caught.value)
