from __future__ import annotations

import pytest
from support.builders import locked_image, request

from nixfetch_docker.lockfile.lock import Lock
from nixfetch_docker.nix.wanted import passed_by, wanted_entries
from nixfetch_docker.oci.platform import Platform

BOTH = locked_image(request("redis:7", "linux/amd64", "linux/arm64"))
ONE = locked_image(request("redis:8", "linux/amd64"))
LOCK = Lock(images={"web": ONE, "cache": BOTH})


@pytest.mark.parametrize(
    ("names", "platforms", "expected"),
    [
        pytest.param(
            ["web", "cache"],
            None,
            [("cache", "linux/amd64"), ("cache", "linux/arm64"), ("web", "linux/amd64")],
            id="all platforms",
        ),
        pytest.param(
            ["web", "cache"],
            ["linux/amd64"],
            [("cache", "linux/amd64"), ("web", "linux/amd64")],
            id="one platform",
        ),
        pytest.param(
            ["cache"],
            ["linux/arm64/v8", "linux/amd64"],
            [("cache", "linux/arm64/v8"), ("cache", "linux/amd64")],
            id="under the name asked for, in that order",
        ),
        pytest.param(
            ["cache"],
            ["linux/arm64/v8", "linux/amd64", "linux/arm64", "linux/amd64"],
            [("cache", "linux/arm64/v8"), ("cache", "linux/amd64")],
            id="once, whatever it is called",
        ),
        pytest.param([], None, [], id="no images"),
    ],
)
def test_entries_are_those_of_the_names_and_platforms(
    names: list[str], platforms: list[str] | None, expected: list[tuple[str, str]]
) -> None:
    asked = None if platforms is None else [Platform.parse(text) for text in platforms]
    entries, lacking = wanted_entries(LOCK, names, asked)
    assert [(entry.name, str(entry.platform)) for entry in entries] == expected
    assert lacking == []
    for entry in entries:
        assert entry.locked == LOCK.images[entry.name].platforms[entry.platform.normal]


def test_a_platform_that_is_not_locked_is_an_error_and_the_others_stay() -> None:
    entries, lacking = wanted_entries(LOCK, ["web", "cache"], [Platform.parse("linux/arm64")])
    assert [entry.name for entry in entries] == ["cache"]
    assert [str(one.error("`nixfetch-docker update`")) for one in lacking] == [
        "web: it is not locked for linux/arm64, only for linux/amd64; fetch one of these with "
        '`--platform`, or write platforms = ["linux/amd64", "linux/arm64"] for it in images.toml '
        "and run `nixfetch-docker update`"
    ]


def test_images_without_this_machines_platform_are_passed_by_in_few_lines() -> None:
    images = {"web": ONE, "cache": BOTH, "db": BOTH}
    _, lacking = wanted_entries(Lock(images=images), images, [Platform.parse("linux/s390x")])
    assert list(passed_by(lacking)) == [
        "cache, db are passed by: they are locked for linux/amd64, linux/arm64, and this machine "
        "is linux/s390x; `--all-platforms` takes all",
        "web is passed by: it is locked for linux/amd64, and this machine is linux/s390x; "
        "`--all-platforms` takes all",
    ]
