from __future__ import annotations

import json
from dataclasses import replace

import pytest
from support.builders import encode, image_config, image_manifest, request
from support.in_memory import InMemoryRegistry

from nixfetch_docker.errors import RegistryError
from nixfetch_docker.lockfile.lock import LockedImage, LockedPlatform
from nixfetch_docker.lockfile.origin import find_history, find_origin
from nixfetch_docker.lockfile.resolve import Resolver
from nixfetch_docker.oci.document import MANIFEST_LIMIT
from nixfetch_docker.oci.labels import UNKNOWN, Origin

LAYERS = (b"base", b"top")
CONFIG = encode(
    {
        "os": "linux",
        "architecture": "amd64",
        "rootfs": {"type": "layers", "diff_ids": ["sha256:1", "sha256:2"]},
        "config": {"Labels": {"org.opencontainers.image.source": "https://a.b/web"}},
        "history": [
            {"created_by": "ADD rootfs.tar /"},
            {"created_by": "ENV A=1", "empty_layer": True},
            {"created_by": "COPY app /app"},
        ],
    }
)


def locked(registry: InMemoryRegistry, config: bytes) -> LockedImage:
    registry.push(config)
    registry.push(encode(image_manifest(config, *LAYERS)), "7")
    image = Resolver(registry.sources, map).resolve(request("redis:7"))
    registry.calls.clear()
    return image


def only_platform(image: LockedImage) -> LockedPlatform:
    (platform,) = image.platforms.values()
    return platform


@pytest.mark.parametrize(
    ("config", "origin"),
    [
        pytest.param(CONFIG, Origin(source="https://a.b/web"), id="labels"),
        pytest.param(image_config(layers=2), UNKNOWN, id="no labels"),
    ],
)
def test_the_origin_is_that_of_the_labels(config: bytes, origin: Origin) -> None:
    registry = InMemoryRegistry()
    image = locked(registry, config)
    assert find_origin(registry.sources, image) == origin
    assert len(registry.calls) == 1


def test_a_label_that_is_left_out_is_logged() -> None:
    config = json.loads(CONFIG)
    config["config"]["Labels"]["org.opencontainers.image.revision"] = "[skip ci]"
    registry = InMemoryRegistry()
    said: list[str] = []
    image = locked(registry, encode(config))
    assert find_origin(registry.sources, image, said.append).text == "https://a.b/web"
    assert said == [
        "redis: its label org.opencontainers.image.revision is no URL, revision or date; left out"
    ]


def test_the_config_that_locking_has_read_is_not_read_again() -> None:
    registry = InMemoryRegistry()
    registry.push(CONFIG)
    registry.push(encode(image_manifest(CONFIG, *LAYERS)), "7")
    sources = registry.sources
    image = Resolver(sources, map).resolve(request("redis:7"))
    assert find_origin(sources, image) == Origin(source="https://a.b/web")
    assert [call.partition(" ")[0] for call in registry.calls] == ["manifest", "blob"]


def test_an_origin_that_cannot_be_read_is_unknown() -> None:
    image = locked(InMemoryRegistry(), CONFIG)
    assert find_origin(InMemoryRegistry().sources, image) == UNKNOWN


def test_a_config_that_is_said_to_be_huge_is_not_read() -> None:
    registry = InMemoryRegistry()
    image = locked(registry, CONFIG)
    (platform,) = image.platforms
    entry = image.platforms[platform]
    huge = replace(entry, config=replace(entry.config, size=MANIFEST_LIMIT + 1))
    assert find_origin(registry.sources, replace(image, platforms={platform: huge})) == UNKNOWN
    assert registry.calls == []


def test_the_history_has_the_command_of_every_layer() -> None:
    registry = InMemoryRegistry()
    image = locked(registry, CONFIG)
    assert find_history(registry.sources, image, only_platform(image)) == [
        "ADD rootfs.tar /",
        "COPY app /app",
    ]


def test_a_history_that_cannot_be_read_is_an_error() -> None:
    image = locked(InMemoryRegistry(), CONFIG)
    with pytest.raises(RegistryError):
        find_history(InMemoryRegistry().sources, image, only_platform(image))
