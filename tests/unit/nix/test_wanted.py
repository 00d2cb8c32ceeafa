from __future__ import annotations

import pytest
from support.builders import locked_image, request

from nixfetch_docker.lockfile.lock import Lock
from nixfetch_docker.nix.wanted import wanted_entries
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
        pytest.param([], None, [], id="no images"),
    ],
)
def test_entries_are_those_of_the_names_and_platforms(
    names: list[str], platforms: list[str] | None, expected: list[tuple[str, str]]
) -> None:
    asked = None if platforms is None else [Platform.parse(text) for text in platforms]
    entries, errors = wanted_entries(LOCK, names, asked)
    assert [(entry.name, str(entry.platform)) for entry in entries] == expected
    assert errors == []
    for entry in entries:
        assert entry.locked == LOCK.images[entry.name].platforms[entry.platform.normal]


def test_a_platform_that_is_not_locked_is_an_error_and_the_others_stay() -> None:
    entries, errors = wanted_entries(LOCK, ["web", "cache"], [Platform.parse("linux/arm64")])
    assert [entry.name for entry in entries] == ["cache"]
    assert list(map(str, errors)) == [
        "web: it is not locked for linux/arm64, only for linux/amd64; write platforms = "
        '["linux/amd64", "linux/arm64"] for it in images.toml and run `nixfetch-docker update`'
    ]
