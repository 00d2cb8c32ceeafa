from __future__ import annotations

from dataclasses import replace

import pytest
from support.builders import locked_image, request
from support.in_memory import InMemoryRegistry

from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.lockfile.lock import LockedImage
from nixfetch_docker.lockfile.place import parse_place
from nixfetch_docker.lockfile.presence import Presence, find_presence
from nixfetch_docker.oci.digest import Digest

# The bytes of which `locked_image` makes the image's blobs.
BLOBS = ["manifest linux/amd64", "config linux/amd64", "base", "layer linux/amd64"]


@pytest.fixture
def image() -> LockedImage:
    return locked_image(request("redis:7"))


def registry_with(*blobs: str) -> InMemoryRegistry:
    registry = InMemoryRegistry()
    for blob in blobs:
        registry.push(blob.encode())
    return registry


def test_a_registry_has_all_that_is_locked(image: LockedImage) -> None:
    registry = registry_with(*BLOBS)
    assert find_presence(registry.sources, image, map) == Presence(total=4)
    kinds = [call.split()[1] for call in registry.calls]
    assert kinds == ["manifest", "blob", "blob", "blob"]


def test_blobs_that_are_gone_are_named(image: LockedImage) -> None:
    registry = registry_with("manifest linux/amd64", "base")
    gone = tuple(Digest.of(blob.encode()) for blob in ("config linux/amd64", "layer linux/amd64"))
    assert find_presence(registry.sources, image, map) == Presence(total=4, gone=gone)


def test_a_blob_of_several_platforms_is_asked_for_once() -> None:
    image = locked_image(request("redis:7", "linux/amd64", "linux/arm64"))
    registry = registry_with()
    assert find_presence(registry.sources, image, map).total == 7
    assert len(registry.calls) == 7


def test_an_error_is_not_an_absence(image: LockedImage, monkeypatch: pytest.MonkeyPatch) -> None:
    registry = registry_with()
    error = NixfetchError("the registry is down")

    def fails(*_: object, **__: object) -> bool:
        raise error

    monkeypatch.setattr(registry, "has", fails)
    assert find_presence(registry.sources, image, map) == Presence(total=4, error=error)


def test_an_image_in_a_file_is_in_no_registry(image: LockedImage) -> None:
    in_file = replace(image, request=replace(image.request, reference=parse_place("oci:./redis")))
    presence = find_presence(registry_with().sources, in_file, map)
    assert str(presence.error) == (
        "oci:./redis: an image in a file is not in any registry; name the other images alone"
    )
